/* SPDX-License-Identifier: BSD-2-Clause */
/* Powers of two, rounding, minimum and maximum.  `align` is a power of two everywhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline uint64_t align_down(uint64_t value, uint64_t align)
{
    return value & ~(align - 1);
}

/* Wraps to 0 above the last multiple. */
static inline uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + (align - 1)) & ~(align - 1);
}

/* Any divisor but 0; does not overflow. */
static inline uint64_t div_round_up(uint64_t value, uint64_t divisor)
{
    return value / divisor + (value % divisor != 0);
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
