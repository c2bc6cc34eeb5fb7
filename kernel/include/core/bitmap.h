/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bitmaps of 64-bit words, scanned a word at a time.  Bit i is bit i % 64 of word i / 64.  The caller owns the words,
 * gives their size in bits, and serialises access.  Bits behind the size may have any value: no search returns them
 * and no operation changes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_NONE        SIZE_MAX
#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool bitmap_get(const uint64_t *words, size_t bit)
{
    return (words[bit / 64] >> (bit % 64) & 1) != 0;
}

static inline void bitmap_clear(uint64_t *words, size_t bit)
{
    words[bit / 64] &= ~((uint64_t)1 << (bit % 64));
}

/* [first, first + count) */
void bitmap_fill(uint64_t *words, size_t first, size_t count, bool value);

/* The first bit in [from, end) that is set (value true) or clear, or BITMAP_NONE. */
size_t bitmap_next(const uint64_t *words, size_t from, size_t end, bool value);

/* The first bit, a multiple of `align` (a power of two), of the lowest `count` clear bits in a row inside [from, end);
 * BITMAP_NONE when there is no such run or count is 0. */
size_t bitmap_find_zeros(const uint64_t *words, size_t from, size_t end, size_t count, size_t align);
