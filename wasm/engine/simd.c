/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of vector instructions.  Each is a plain function from vectors to a vector, and a step around it that reads
 * slots A and B and writes slot D; the functions are not inlined, so that the steps keep nothing on the stack.
 *
 * Source: WebAssembly Core Specification 2.0, section 4.4.3 (vector instructions).
 */
#include "step.h"

#include "numeric.h"

#define VECTOR(name, type) typedef type name __attribute__((vector_size(16)))
VECTOR(s8, int8_t);
VECTOR(u8, uint8_t);
VECTOR(s16, int16_t);
VECTOR(u16, uint16_t);
VECTOR(s32, int32_t);
VECTOR(u32, uint32_t);
VECTOR(s64, int64_t);
VECTOR(u64, uint64_t);
VECTOR(v32, float);
VECTOR(v64, double);
typedef u64 v;

#define APART     static __attribute__((noinline))
#define LANES(r)  (sizeof(r) / sizeof((r)[0]))
#define AS(r, to) ((__typeof__((r)[0]))(to))

static inline v vector_get(const union slot *slot)
{
    return AT((union slot *)(uintptr_t)slot, v);
}

static inline void vector_put(union slot *slot, v value)
{
    AT(slot, v) = value;
}

/* --- Kinds of functions: `a` and `b` are vectors of TA, `r` one of TR --- */

#define STEP_V(name)                                                                                                   \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        vector_put(&fp[D], name(vector_get(&fp[A])));                                                                  \
        NEXT(2);                                                                                                       \
    }
#define STEP_VV(name)                                                                                                  \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        vector_put(&fp[D], name(vector_get(&fp[A]), vector_get(&fp[B])));                                              \
        NEXT(2);                                                                                                       \
    }
#define STEP_VI(name)                                                                                                  \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        vector_put(&fp[D], name(vector_get(&fp[A]), fp[B].i32));                                                       \
        NEXT(2);                                                                                                       \
    }
#define STEP_V_TO_I(name)                                                                                              \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        fp[D].i64 = name(vector_get(&fp[A]));                                                                          \
        NEXT(2);                                                                                                       \
    }

/* Lane by lane: `each` says what lane i of r is. */
#define LANE_1(name, TA, TR, each)                                                                                     \
    APART v name(v av)                                                                                                 \
    {                                                                                                                  \
        TA a = (TA)av;                                                                                                 \
        TR r = {0};                                                                                                    \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = AS(r, each);                                                                                        \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    STEP_V(name)
#define LANE_2(name, TA, TR, each)                                                                                     \
    APART v name(v av, v bv)                                                                                           \
    {                                                                                                                  \
        TA a = (TA)av, b = (TA)bv;                                                                                     \
        TR r = {0};                                                                                                    \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = AS(r, each);                                                                                        \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    STEP_VV(name)
/* All lanes at once. */
#define WHOLE_1(name, TA, all)                                                                                         \
    static inline v name(v av)                                                                                         \
    {                                                                                                                  \
        TA a = (TA)av;                                                                                                 \
        return (v)(all);                                                                                               \
    }                                                                                                                  \
    STEP_V(name)
#define WHOLE_2(name, TA, all)                                                                                         \
    static inline v name(v av, v bv)                                                                                   \
    {                                                                                                                  \
        TA a = (TA)av, b = (TA)bv;                                                                                     \
        return (v)(all);                                                                                               \
    }                                                                                                                  \
    STEP_VV(name)

/* a where the mask says so, else b. */
#define CHOOSE(T, mask) (((T)(mask)&a) | (~(T)(mask)&b))

static inline int32_t clamp(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* --- Integers --- */

#define COMPARISONS(X, S, U)                                                                                           \
    WHOLE_2(X##_EQ, U, a == b)                                                                                         \
    WHOLE_2(X##_NE, U, a != b)                                                                                         \
    WHOLE_2(X##_LT_S, S, a < b)                                                                                        \
    WHOLE_2(X##_GT_S, S, a > b)                                                                                        \
    WHOLE_2(X##_LE_S, S, a <= b)                                                                                       \
    WHOLE_2(X##_GE_S, S, a >= b)
#define COMPARISONS_U(X, U)                                                                                            \
    WHOLE_2(X##_LT_U, U, a < b)                                                                                        \
    WHOLE_2(X##_GT_U, U, a > b)                                                                                        \
    WHOLE_2(X##_LE_U, U, a <= b)                                                                                       \
    WHOLE_2(X##_GE_U, U, a >= b)

#define SHIFTS(X, S, U, BITS)                                                                                          \
    APART v X##_SHL(v a, uint32_t by)                                                                                  \
    {                                                                                                                  \
        U r = (U)a;                                                                                                    \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = AS(r, r[i] << (by & BITS));                                                                         \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    APART v X##_SHR_S(v a, uint32_t by)                                                                                \
    {                                                                                                                  \
        S r = (S)a;                                                                                                    \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = AS(r, r[i] >> (by & BITS));                                                                         \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    APART v X##_SHR_U(v a, uint32_t by)                                                                                \
    {                                                                                                                  \
        U r = (U)a;                                                                                                    \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = AS(r, r[i] >> (by & BITS));                                                                         \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    STEP_VI(X##_SHL)                                                                                                   \
    STEP_VI(X##_SHR_S)                                                                                                 \
    STEP_VI(X##_SHR_U)

#define REDUCTIONS(X, S)                                                                                               \
    APART uint32_t X##_ALL_TRUE(v av)                                                                                  \
    {                                                                                                                  \
        S a = (S)av;                                                                                                   \
        bool all = true;                                                                                               \
        for (unsigned i = 0; i < LANES(a); i++)                                                                        \
            all &= a[i] != 0;                                                                                          \
        return all;                                                                                                    \
    }                                                                                                                  \
    APART uint32_t X##_BITMASK(v av)                                                                                   \
    {                                                                                                                  \
        S a = (S)av;                                                                                                   \
        uint32_t mask = 0;                                                                                             \
        for (unsigned i = 0; i < LANES(a); i++)                                                                        \
            mask |= (uint32_t)(a[i] < 0) << i;                                                                         \
        return mask;                                                                                                   \
    }                                                                                                                  \
    STEP_V_TO_I(X##_ALL_TRUE)                                                                                          \
    STEP_V_TO_I(X##_BITMASK)

#define COMMON(X, S, U, BITS)                                                                                          \
    COMPARISONS(X, S, U)                                                                                               \
    SHIFTS(X, S, U, BITS)                                                                                              \
    REDUCTIONS(X, S)                                                                                                   \
    WHOLE_1(X##_NEG, U, -a)                                                                                            \
    WHOLE_1(X##_ABS, U, (a ^ (U)((S)a < 0)) - (U)((S)a < 0))                                                           \
    WHOLE_2(X##_ADD, U, a + b)                                                                                         \
    WHOLE_2(X##_SUB, U, a - b)
#define MINIMA(X, S, U)                                                                                                \
    COMPARISONS_U(X, U)                                                                                                \
    WHOLE_2(X##_MIN_S, S, CHOOSE(S, a < b))                                                                            \
    WHOLE_2(X##_MIN_U, U, CHOOSE(U, a < b))                                                                            \
    WHOLE_2(X##_MAX_S, S, CHOOSE(S, a > b))                                                                            \
    WHOLE_2(X##_MAX_U, U, CHOOSE(U, a > b))
#define SATURATING(X, S, U, LEAST, MOST, MOST_U)                                                                       \
    LANE_2(X##_ADD_SAT_S, S, S, clamp(a[i] + b[i], LEAST, MOST))                                                       \
    LANE_2(X##_ADD_SAT_U, U, U, clamp(a[i] + b[i], 0, MOST_U))                                                         \
    LANE_2(X##_SUB_SAT_S, S, S, clamp(a[i] - b[i], LEAST, MOST))                                                       \
    LANE_2(X##_SUB_SAT_U, U, U, clamp(a[i] - b[i], 0, MOST_U))                                                         \
    LANE_2(X##_AVGR_U, U, U, (a[i] + b[i] + 1) >> 1)

COMMON(I8X16, s8, u8, 7)
COMMON(I16X8, s16, u16, 15)
COMMON(I32X4, s32, u32, 31)
COMMON(I64X2, s64, u64, 63)
MINIMA(I8X16, s8, u8)
MINIMA(I16X8, s16, u16)
MINIMA(I32X4, s32, u32)
SATURATING(I8X16, s8, u8, INT8_MIN, INT8_MAX, UINT8_MAX)
SATURATING(I16X8, s16, u16, INT16_MIN, INT16_MAX, UINT16_MAX)

LANE_1(I8X16_POPCNT, u8, u8, popcount(a[i]))
WHOLE_2(I16X8_MUL, u16, a *b)
WHOLE_2(I32X4_MUL, u32, a *b)
WHOLE_2(I64X2_MUL, u64, a *b)
LANE_2(I16X8_Q15MULR_SAT_S, s16, s16, clamp((a[i] * b[i] + 0x4000) >> 15, INT16_MIN, INT16_MAX))
LANE_2(I32X4_DOT_I16X8_S, s16, u32, (uint32_t)(a[2 * i] * b[2 * i]) + (uint32_t)(a[2 * i + 1] * b[2 * i + 1]))

/* From 2 n lanes of one width to n of twice the width, and back. */
#define WIDEN(WIDE, NARROW, N, S, U, WS, WU)                                                                           \
    LANE_1(WIDE##_EXTEND_LOW_##NARROW##_S, S, WS, a[i])                                                                \
    LANE_1(WIDE##_EXTEND_HIGH_##NARROW##_S, S, WS, a[i + N])                                                           \
    LANE_1(WIDE##_EXTEND_LOW_##NARROW##_U, U, WU, a[i])                                                                \
    LANE_1(WIDE##_EXTEND_HIGH_##NARROW##_U, U, WU, a[i + N])                                                           \
    LANE_2(WIDE##_EXTMUL_LOW_##NARROW##_S, S, WS, AS(r, a[i]) * AS(r, b[i]))                                           \
    LANE_2(WIDE##_EXTMUL_HIGH_##NARROW##_S, S, WS, AS(r, a[i + N]) * AS(r, b[i + N]))                                  \
    LANE_2(WIDE##_EXTMUL_LOW_##NARROW##_U, U, WU, AS(r, a[i]) * AS(r, b[i]))                                           \
    LANE_2(WIDE##_EXTMUL_HIGH_##NARROW##_U, U, WU, AS(r, a[i + N]) * AS(r, b[i + N]))
#define PAIRWISE(WIDE, NARROW, S, U, WS, WU)                                                                           \
    LANE_1(WIDE##_EXTADD_PAIRWISE_##NARROW##_S, S, WS, AS(r, a[2 * i]) + AS(r, a[2 * i + 1]))                          \
    LANE_1(WIDE##_EXTADD_PAIRWISE_##NARROW##_U, U, WU, AS(r, a[2 * i]) + AS(r, a[2 * i + 1]))
#define NARROWED(NARROW, WIDE, N, S, TS, TU, LEAST, MOST, MOST_U)                                                      \
    LANE_2(NARROW##_NARROW_##WIDE##_S, S, TS, clamp(i < N ? a[i] : b[i - N], LEAST, MOST))                             \
    LANE_2(NARROW##_NARROW_##WIDE##_U, S, TU, clamp(i < N ? a[i] : b[i - N], 0, MOST_U))
WIDEN(I16X8, I8X16, 8, s8, u8, s16, u16)
WIDEN(I32X4, I16X8, 4, s16, u16, s32, u32)
WIDEN(I64X2, I32X4, 2, s32, u32, s64, u64)
PAIRWISE(I16X8, I8X16, s8, u8, s16, u16)
PAIRWISE(I32X4, I16X8, s16, u16, s32, u32)
NARROWED(I8X16, I16X8, 8, s16, s8, u8, INT8_MIN, INT8_MAX, UINT8_MAX)
NARROWED(I16X8, I32X4, 4, s32, s16, u16, INT16_MIN, INT16_MAX, UINT16_MAX)

/* --- Floating point --- */

#define REALS(X, W, T, I, SIGN)                                                                                        \
    WHOLE_2(X##_EQ, T, a == b)                                                                                         \
    WHOLE_2(X##_NE, T, a != b)                                                                                         \
    WHOLE_2(X##_LT, T, a < b)                                                                                          \
    WHOLE_2(X##_GT, T, a > b)                                                                                          \
    WHOLE_2(X##_LE, T, a <= b)                                                                                         \
    WHOLE_2(X##_GE, T, a >= b)                                                                                         \
    WHOLE_2(X##_ADD, T, a + b)                                                                                         \
    WHOLE_2(X##_SUB, T, a - b)                                                                                         \
    WHOLE_2(X##_MUL, T, a *b)                                                                                          \
    WHOLE_2(X##_DIV, T, a / b)                                                                                         \
    WHOLE_1(X##_ABS, I, a & ~SIGN)                                                                                     \
    WHOLE_1(X##_NEG, I, a ^ SIGN)                                                                                      \
    LANE_1(X##_SQRT, T, T, f##W##_sqrt(a[i]))                                                                          \
    LANE_1(X##_CEIL, T, T, f##W##_ceil(a[i]))                                                                          \
    LANE_1(X##_FLOOR, T, T, f##W##_floor(a[i]))                                                                        \
    LANE_1(X##_TRUNC, T, T, f##W##_trunc(a[i]))                                                                        \
    LANE_1(X##_NEAREST, T, T, f##W##_nearest(a[i]))                                                                    \
    LANE_2(X##_MIN, T, T, f##W##_min(a[i], b[i]))                                                                      \
    LANE_2(X##_MAX, T, T, f##W##_max(a[i], b[i]))                                                                      \
    LANE_2(X##_PMIN, T, T, b[i] < a[i] ? b[i] : a[i])                                                                  \
    LANE_2(X##_PMAX, T, T, a[i] < b[i] ? b[i] : a[i])
REALS(F32X4, 32, v32, u32, 0x80000000u)
REALS(F64X2, 64, v64, u64, 0x8000000000000000u)

static inline int32_t to_s32(double a)
{
    return a != a ? 0 : a <= -2147483648.0 ? INT32_MIN : a >= 2147483647.0 ? INT32_MAX : (int32_t)a;
}

static inline uint32_t to_u32(double a)
{
    return !(a > 0) ? 0 : a >= 4294967295.0 ? UINT32_MAX : (uint32_t)(int64_t)a;
}

LANE_1(I32X4_TRUNC_SAT_F32X4_S, v32, s32, to_s32((double)a[i]))
LANE_1(I32X4_TRUNC_SAT_F32X4_U, v32, u32, to_u32((double)a[i]))
LANE_1(I32X4_TRUNC_SAT_F64X2_S_ZERO, v64, s32, i < 2 ? to_s32(a[i & 1]) : 0)
LANE_1(I32X4_TRUNC_SAT_F64X2_U_ZERO, v64, u32, i < 2 ? to_u32(a[i & 1]) : 0)
LANE_1(F32X4_CONVERT_I32X4_S, s32, v32, a[i])
LANE_1(F32X4_CONVERT_I32X4_U, u32, v32, a[i])
LANE_1(F64X2_CONVERT_LOW_I32X4_S, s32, v64, a[i])
LANE_1(F64X2_CONVERT_LOW_I32X4_U, u32, v64, a[i])
LANE_1(F32X4_DEMOTE_F64X2_ZERO, v64, v32, i < 2 ? (float)a[i & 1] : 0.0f)
LANE_1(F64X2_PROMOTE_LOW_F32X4, v32, v64, a[i])

/* --- Bits and lanes --- */

WHOLE_1(V128_NOT, u64, ~a)
WHOLE_2(V128_AND, u64, a &b)
WHOLE_2(V128_ANDNOT, u64, a & ~b)
WHOLE_2(V128_OR, u64, a | b)
WHOLE_2(V128_XOR, u64, a ^ b)
LANE_2(I8X16_SWIZZLE, u8, u8, b[i] < 16 ? a[b[i] & 15] : 0)

static inline uint32_t V128_ANY_TRUE(v a)
{
    return (a[0] | a[1]) != 0;
}
STEP_V_TO_I(V128_ANY_TRUE)

static STEP(V128_BITSELECT_step)
{
    v mask = vector_get(&fp[C]);

    vector_put(&fp[D], (vector_get(&fp[A]) & mask) | (vector_get(&fp[B]) & ~mask));
    NEXT(2);
}

APART v shuffle(v av, v bv, v lanes_v)
{
    u8 a = (u8)av, b = (u8)bv, lanes = (u8)lanes_v, r = {0};

    for (unsigned i = 0; i < 16; i++)
        r[i] = lanes[i] < 16 ? a[lanes[i] & 15] : b[lanes[i] & 15];
    return (v)r;
}

static STEP(I8X16_SHUFFLE_step)
{
    vector_put(&fp[D], shuffle(vector_get(&fp[A]), vector_get(&fp[B]), AT((uintptr_t)&ip[2], v)));
    NEXT(4);
}

/* The lane is in C; lanes of vectors in slots stand in memory one behind the other. */
#define LANE_AT(slot, type) ((type *)(void *)&fp[slot] + C)
#define SPLAT(name, T, slot)                                                                                           \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        T r = {0};                                                                                                     \
        vector_put(&fp[D], (v)(r + AS(r, fp[A].slot)));                                                                \
        NEXT(2);                                                                                                       \
    }
#define EXTRACT(name, type, slot, to)                                                                                  \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        fp[D].slot = (to)*LANE_AT(A, type);                                                                            \
        NEXT(2);                                                                                                       \
    }
#define REPLACE(name, type, slot)                                                                                      \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        type value = (type)fp[B].slot;                                                                                 \
        vector_put(&fp[D], vector_get(&fp[A]));                                                                        \
        *LANE_AT(D, type) = value;                                                                                     \
        NEXT(2);                                                                                                       \
    }
SPLAT(I8X16_SPLAT, u8, i32)
SPLAT(I16X8_SPLAT, u16, i32)
SPLAT(I32X4_SPLAT, u32, i32)
SPLAT(I64X2_SPLAT, u64, i64)
SPLAT(F32X4_SPLAT, u32, i32) /* bits: a sum would make a NaN quiet */
SPLAT(F64X2_SPLAT, u64, i64)
EXTRACT(I8X16_EXTRACT_LANE_S, int8_t, i32, uint32_t)
EXTRACT(I8X16_EXTRACT_LANE_U, uint8_t, i32, uint32_t)
EXTRACT(I16X8_EXTRACT_LANE_S, int16_t, i32, uint32_t)
EXTRACT(I16X8_EXTRACT_LANE_U, uint16_t, i32, uint32_t)
EXTRACT(I32X4_EXTRACT_LANE, uint32_t, i32, uint32_t)
EXTRACT(I64X2_EXTRACT_LANE, uint64_t, i64, uint64_t)
EXTRACT(F32X4_EXTRACT_LANE, uint32_t, i32, uint32_t)
EXTRACT(F64X2_EXTRACT_LANE, uint64_t, i64, uint64_t)
REPLACE(I8X16_REPLACE_LANE, uint8_t, i32)
REPLACE(I16X8_REPLACE_LANE, uint16_t, i32)
REPLACE(I32X4_REPLACE_LANE, uint32_t, i32)
REPLACE(I64X2_REPLACE_LANE, uint64_t, i64)
REPLACE(F32X4_REPLACE_LANE, uint32_t, i32)
REPLACE(F64X2_REPLACE_LANE, uint64_t, i64)

/* --- Memory: address A, offset; vector operand and lane in the third word --- */

#define ACCESS(name, size, ...)                                                                                        \
    static STEP(name##_step)                                                                                           \
    {                                                                                                                  \
        uint64_t at = (uint64_t)fp[A].i32 + OFF;                                                                       \
        if (OUTSIDE(at, size))                                                                                         \
            TRAP(MEMORY_BOUNDS);                                                                                       \
        uint8_t *p = mem + at;                                                                                         \
        __VA_ARGS__;                                                                                                   \
        NEXT(3);                                                                                                       \
    }
#define WIDENED(name, type, T)                                                                                         \
    APART v name##_wide(uint64_t half)                                                                                 \
    {                                                                                                                  \
        T r = {0};                                                                                                     \
        for (unsigned i = 0; i < LANES(r); i++)                                                                        \
            r[i] = (type)(half >> (i * 8 * sizeof(type)));                                                             \
        return (v)r;                                                                                                   \
    }                                                                                                                  \
    ACCESS(name, 8, vector_put(&fp[D], name##_wide(AT(p, uint64_t))))
#define SPLATTED(name, T, type, size) ACCESS(name, size, T r = {0}; vector_put(&fp[D], (v)(r + AT(p, type))))
#define LOAD_LANE(name, type, size)                                                                                    \
    ACCESS(name, size, vector_put(&fp[D], vector_get(&fp[ip[2].h[0]]));                                                \
           ((type *)(void *)&fp[D])[ip[2].h[1]] = AT(p, type))
#define STORE_LANE(name, type, size) ACCESS(name, size, AT(p, type) = ((type *)(void *)&fp[ip[2].h[0]])[ip[2].h[1]])

ACCESS(V128_LOAD, 16, vector_put(&fp[D], AT(p, v)))
ACCESS(V128_STORE, 16, AT(p, v) = vector_get(&fp[ip[2].h[0]]))
ACCESS(V128_LOAD32_ZERO, 4, v r = {AT(p, uint32_t), 0}; vector_put(&fp[D], r))
ACCESS(V128_LOAD64_ZERO, 8, v r = {AT(p, uint64_t), 0}; vector_put(&fp[D], r))
WIDENED(V128_LOAD8X8_S, int8_t, s16)
WIDENED(V128_LOAD8X8_U, uint8_t, u16)
WIDENED(V128_LOAD16X4_S, int16_t, s32)
WIDENED(V128_LOAD16X4_U, uint16_t, u32)
WIDENED(V128_LOAD32X2_S, int32_t, s64)
WIDENED(V128_LOAD32X2_U, uint32_t, u64)
SPLATTED(V128_LOAD8_SPLAT, u8, uint8_t, 1)
SPLATTED(V128_LOAD16_SPLAT, u16, uint16_t, 2)
SPLATTED(V128_LOAD32_SPLAT, u32, uint32_t, 4)
SPLATTED(V128_LOAD64_SPLAT, u64, uint64_t, 8)
LOAD_LANE(V128_LOAD8_LANE, uint8_t, 1)
LOAD_LANE(V128_LOAD16_LANE, uint16_t, 2)
LOAD_LANE(V128_LOAD32_LANE, uint32_t, 4)
LOAD_LANE(V128_LOAD64_LANE, uint64_t, 8)
STORE_LANE(V128_STORE8_LANE, uint8_t, 1)
STORE_LANE(V128_STORE16_LANE, uint16_t, 2)
STORE_LANE(V128_STORE32_LANE, uint32_t, 4)
STORE_LANE(V128_STORE64_LANE, uint64_t, 8)

/* A constant is no step: translation knows it. */
#define V128_CONST_step step_nop

interp_step *const vector_steps[0x100] = {
#define OP(code, name, imm, sig, number, text) [(code)-0x200] = name##_step,
#include "vector_ops.def"
#undef OP
};
