/* SPDX-License-Identifier: BSD-2-Clause */
/* memmove, which the kernel does not need.  The asm is for the string instructions, as in string.c. */
#include <stdint.h>
#include <str.h>

typedef uint64_t __attribute__((aligned(1), may_alias)) word64;

/* Descending words, then the first (overlapping) word. */
static inline void move_down(unsigned char *to, const unsigned char *from, size_t size)
{
    uint64_t head = *(const word64 *)from;
    unsigned char *to_word = to + size - 8;
    const unsigned char *from_word = from + size - 8;
    size_t words = size / 8;

    __asm__ volatile("std; rep movsq; cld" : "+D"(to_word), "+S"(from_word), "+c"(words) : : "memory", "cc");
    *(word64 *)to = head;
}

void *memmove(void *to, const void *from, size_t size)
{
    /* memcpy loads 16 bytes or less before it stores them, and goes upwards with more. */
    if (size <= 16 || (uintptr_t)to - (uintptr_t)from >= size)
        return memcpy(to, from, size);
    move_down(to, from, size);
    return to;
}
