/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The asm is for the string instructions: eight bytes an instruction, which no loop in C reaches without vector
 * registers.
 */
#include <stdint.h>
#include <str.h>

#include "opaque.h"

/* Words at any address and of any type: x86 reads them in one access. */
typedef uint64_t __attribute__((aligned(1), may_alias)) word64;
typedef uint32_t __attribute__((aligned(1), may_alias)) word32;
typedef uint16_t __attribute__((aligned(1), may_alias)) word16;

/* Up to 16 bytes: everything is loaded before anything is stored, so that overlap does not matter. */
static inline void move_small(unsigned char *to, const unsigned char *from, size_t size)
{
    if (size >= 8) {
        uint64_t head = *(const word64 *)from, tail = *(const word64 *)(from + size - 8);
        *(word64 *)to = head;
        *(word64 *)(to + size - 8) = tail;
    } else if (size >= 4) {
        uint32_t head = *(const word32 *)from, tail = *(const word32 *)(from + size - 4);
        *(word32 *)to = head;
        *(word32 *)(to + size - 4) = tail;
    } else if (size >= 2) {
        uint16_t head = *(const word16 *)from, tail = *(const word16 *)(from + size - 2);
        *(word16 *)to = head;
        *(word16 *)(to + size - 2) = tail;
    } else if (size == 1) {
        *to = *from;
    }
}

/* Ascending words, then the last (overlapping) word.  Its value is read first: with to < from the words before it
 * may overwrite it. */
static inline void move_up(unsigned char *to, const unsigned char *from, size_t size)
{
    unsigned char *end = to + size;
    uint64_t tail = *(const word64 *)(from + size - 8);
    size_t words = size / 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    *(word64 *)(end - 8) = tail;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    if (size <= 16)
        move_small(to, from, size);
    else
        move_up(to, from, size);
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    unsigned char *at = to;
    uint64_t pattern = (unsigned char)byte * 0x0101010101010101ull;

    if (size >= 8) {
        unsigned char *end = at + size;
        size_t words = size / 8;
        /* Word-wise: without fast short stores the byte-wise form counts eight times as much. */
        __asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
        *(word64 *)(end - 8) = pattern;
    } else if (size >= 4) {
        *(word32 *)at = (uint32_t)pattern;
        *(word32 *)(at + size - 4) = (uint32_t)pattern;
    } else if (size >= 2) {
        *(word16 *)at = (uint16_t)pattern;
        *(word16 *)(at + size - 2) = (uint16_t)pattern;
    } else if (size == 1) {
        *at = (unsigned char)byte;
    }
    return to;
}

static inline int word_order(uint64_t left, uint64_t right)
{
    return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left, *b = right;

    for (; size >= 8; a += 8, b += 8, size -= 8) {
        uint64_t x = *(const word64 *)a, y = *(const word64 *)b;
        if (x != y)
            return word_order(x, y);
    }
    for (; size > 0; a++, b++, size--) {
        if (*a != *b)
            return *a < *b ? -1 : 1;
        loop_opaque();
    }
    return 0;
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length] != '\0') {
        length++;
        loop_opaque();
    }
    return length;
}

size_t strlen(const char *text)
{
    return strnlen(text, SIZE_MAX);
}
