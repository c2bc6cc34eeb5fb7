/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling, copying and searching with string instructions: 8 bytes an iteration. */
#pragma once

#include <types.h>

/* `bytes` is a multiple of 8. */
static inline void words_zero(void *at, u64 bytes)
{
    u64 count = bytes / 8;

    __asm__ volatile("rep stosq" : "+D"(at), "+c"(count) : "a"(0ull) : "memory");
}

static inline void frame_zero(void *frame) { words_zero(frame, PAGE_SIZE); }

static inline void words_copy(void *to, const void *from, u64 bytes)
{
    u64 count = bytes / 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline void frame_copy(void *to, const void *from) { words_copy(to, from, PAGE_SIZE); }

/* The first word at or behind `i` of `count` that is not 0; `count` if there is none. */
static inline u64 words_next(const u64 *words, u64 i, u64 count)
{
    u64 left = count - i;
    const u64 *at = words + i;
    bool found = false;

    if (left == 0)
        return count;
    __asm__ volatile("repe scasq" : "+D"(at), "+c"(left), "=@ccne"(found) : "a"(0ull) : "memory");
    return found ? (u64)(at - words) - 1 : count;
}
