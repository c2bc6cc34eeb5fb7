/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers as WebAssembly wants them, where C leaves something open.
 *
 * NaN: a result is NaN as the processor makes it (SSE2: the first NaN operand made quiet, or the default one), which the
 * specification allows everywhere but in abs, neg and copysign; those work on the bits.
 *
 * Source: WebAssembly Core Specification 2.0, section 4.3.3.
 */
#ifndef WASM_NUMERIC_H
#define WASM_NUMERIC_H

#include <stdint.h>

#define CLZ32 __builtin_clz
#define CLZ64 __builtin_clzll
#define CTZ32 __builtin_ctz
#define CTZ64 __builtin_ctzll

static inline uint64_t popcount(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return v * 0x0101010101010101u >> 56;
}

/* What follows is the same for both sizes.  INTEGRAL: from here on every value is a whole number. */
#define FLOAT_FUNCTIONS(W, T, U, SIGN, I, INTEGRAL)                                                                    \
    union bits##W {                                                                                                    \
        T value;                                                                                                       \
        U bits;                                                                                                        \
    };                                                                                                                 \
    static inline U f##W##_bits(T value)                                                                               \
    {                                                                                                                  \
        return (union bits##W){.value = value}.bits;                                                                   \
    }                                                                                                                  \
    static inline T f##W##_from(U bits)                                                                                \
    {                                                                                                                  \
        return (union bits##W){.bits = bits}.value;                                                                    \
    }                                                                                                                  \
    static inline T f##W##_signed(T value, T sign)                                                                     \
    {                                                                                                                  \
        return f##W##_from((f##W##_bits(value) & ~SIGN) | (f##W##_bits(sign) & SIGN));                                 \
    }                                                                                                                  \
    static inline T f##W##_trunc(T a)                                                                                  \
    {                                                                                                                  \
        return a > -INTEGRAL && a < INTEGRAL ? f##W##_signed((T)(I)a, a) : a + 0;                                      \
    }                                                                                                                  \
    static inline T f##W##_floor(T a)                                                                                  \
    {                                                                                                                  \
        T whole = f##W##_trunc(a);                                                                                     \
        return whole > a ? whole - 1 : whole;                                                                          \
    }                                                                                                                  \
    static inline T f##W##_ceil(T a)                                                                                   \
    {                                                                                                                  \
        T whole = f##W##_trunc(a);                                                                                     \
        return whole < a ? f##W##_signed(whole + 1, a) : whole;                                                        \
    }                                                                                                                  \
    static inline T f##W##_nearest(T a)                                                                                \
    {                                                                                                                  \
        T big = f##W##_signed(INTEGRAL, a);                                                                            \
        return a > -INTEGRAL && a < INTEGRAL ? f##W##_signed((a + big) - big, a) : a + 0;                              \
    }                                                                                                                  \
    static inline T f##W##_sqrt(T a)                                                                                   \
    {                                                                                                                  \
        return SQRT##W(a);                                                                                             \
    }                                                                                                                  \
    static inline T f##W##_min(T a, T b)                                                                               \
    {                                                                                                                  \
        if (a != a || b != b)                                                                                          \
            return a + b;                                                                                              \
        return a < b ? a : b < a ? b : f##W##_from(f##W##_bits(a) | f##W##_bits(b));                                   \
    }                                                                                                                  \
    static inline T f##W##_max(T a, T b)                                                                               \
    {                                                                                                                  \
        if (a != a || b != b)                                                                                          \
            return a + b;                                                                                              \
        return a > b ? a : b > a ? b : f##W##_from(f##W##_bits(a) & f##W##_bits(b));                                   \
    }

#define SQRT32 __builtin_sqrtf
#define SQRT64 __builtin_sqrt
FLOAT_FUNCTIONS(32, float, uint32_t, 0x80000000u, int32_t, 8388608.0f)
FLOAT_FUNCTIONS(64, double, uint64_t, 0x8000000000000000u, int64_t, 4503599627370496.0)
#undef FLOAT_FUNCTIONS

static inline uint64_t f64_to_u64(double a)
{
    return a < 9223372036854775808.0 ? (uint64_t)(int64_t)a
                                     : (uint64_t)(int64_t)(a - 9223372036854775808.0) ^ 0x8000000000000000u;
}

static inline uint64_t f32_to_u64(float a)
{
    return f64_to_u64((double)a);
}

#endif
