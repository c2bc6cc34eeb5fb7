/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on numbers that somebody else chose.  Each returns false, and leaves *result alone, when the true result
 * does not fit.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

__attribute__((warn_unused_result)) static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *result)
{
    uint64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *result = sum;
    return true;
}

__attribute__((warn_unused_result)) static inline bool checked_sub(uint64_t a, uint64_t b, uint64_t *result)
{
    if (b > a)
        return false;
    *result = a - b;
    return true;
}

__attribute__((warn_unused_result)) static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *result)
{
    uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *result = product;
    return true;
}

/* `align` is a power of two. */
__attribute__((warn_unused_result)) static inline bool checked_align_up(uint64_t value, uint64_t align,
                                                                        uint64_t *result)
{
    uint64_t sum = 0;
    if (__builtin_add_overflow(value, align - 1, &sum))
        return false;
    *result = sum & ~(align - 1);
    return true;
}
