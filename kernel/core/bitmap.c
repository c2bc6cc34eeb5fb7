/* SPDX-License-Identifier: BSD-2-Clause */
#include <core/bitmap.h>

#define ALL_ONES (~(uint64_t)0)

/* Ones from bit `first` up to, not including, bit `end` of one word; 0 <= first < end <= 64. */
static inline uint64_t word_mask(size_t first, size_t end)
{
    return (ALL_ONES << first) & (ALL_ONES >> (64 - end));
}

/* The part of [first, end) in first's word: its mask, and where the next word begins. */
static inline uint64_t range_mask(size_t first, size_t end, size_t *next)
{
    size_t word_start = first - first % 64;
    size_t stop = end - word_start < 64 ? end - word_start : 64;

    *next = word_start + stop;
    return word_mask(first % 64, stop);
}

void bitmap_fill(uint64_t *words, size_t first, size_t count, bool value)
{
    for (size_t at = first, end = first + count, next = 0; at < end; at = next) {
        uint64_t mask = range_mask(at, end, &next);
        words[at / 64] = value ? words[at / 64] | mask : words[at / 64] & ~mask;
    }
}

size_t bitmap_next(const uint64_t *words, size_t from, size_t end, bool value)
{
    if (from >= end)
        return BITMAP_NONE;

    uint64_t flip = value ? 0 : ALL_ONES;
    size_t index = from / 64, last = (end - 1) / 64;
    uint64_t word = (words[index] ^ flip) & (ALL_ONES << from % 64);
    while (word == 0) {
        if (index == last)
            return BITMAP_NONE;
        word = words[++index] ^ flip;
    }
    size_t bit = index * 64 + (size_t)__builtin_ctzll(word);
    return bit < end ? bit : BITMAP_NONE;
}

size_t bitmap_find_zeros(const uint64_t *words, size_t from, size_t end, size_t count, size_t align)
{
    if (count == 0)
        return BITMAP_NONE;

    for (;;) {
        size_t zero = bitmap_next(words, from, end, false);
        if (zero == BITMAP_NONE || zero > SIZE_MAX - (align - 1))
            return BITMAP_NONE;
        size_t start = (zero + align - 1) & ~(align - 1);
        if (start > end || count > end - start)
            return BITMAP_NONE;
        size_t taken = bitmap_next(words, start, start + count, true);
        if (taken == BITMAP_NONE)
            return start;
        from = taken + 1;
    }
}
