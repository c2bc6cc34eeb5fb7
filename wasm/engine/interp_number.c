/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps that compute and compare numbers, in all their forms of operands.
 */
#include "step.h"

#include "numeric.h"

/* One step: operands a and b from expressions, the result stored by `put`. */
#define ONE(name, from, to, words, left, right, put, ...)                                                              \
    static STEP(name)                                                                                                  \
    {                                                                                                                  \
        TYPE_##from a = left;                                                                                          \
        UNUSED TYPE_##from b = right;                                                                                  \
        TYPE_##to r;                                                                                                   \
        __VA_ARGS__;                                                                                                   \
        SET_##to;                                                                                                      \
        put;                                                                                                           \
        NEXT(words);                                                                                                   \
    }
#define PAIR(name, from, to, words, left, right, ...)                                                                  \
    ONE(name##_r, from, to, words, left, right, (void)0, __VA_ARGS__)                                                  \
    ONE(name##_s, from, to, words, left, right, PUT_##to, __VA_ARGS__)

#define UNARY(name, from, to, ...)                                                                                     \
    PAIR(name##_s, from, to, 2, SLOT_##from(A), 0, __VA_ARGS__)                                                        \
    PAIR(name##_r, from, to, 2, ACC_##from, 0, __VA_ARGS__)
#define RARE_1(name, from, to, ...) PAIR(name##_s, from, to, 2, SLOT_##from(A), 0, __VA_ARGS__)
#define BINARY(name, from, to, ...)                                                                                    \
    SWAPS(name, from, to, __VA_ARGS__)                                                                                 \
    PAIR(name##_sr, from, to, 2, SLOT_##from(A), ACC_##from, __VA_ARGS__)                                              \
    PAIR(name##_ks, from, to, WORDS_##from, CONST_##from, SLOT_##from(A), __VA_ARGS__)                                 \
    PAIR(name##_kr, from, to, WORDS_##from, CONST_##from, ACC_##from, __VA_ARGS__)
#define SWAPS(name, from, to, ...)                                                                                     \
    RARE_2(name, from, to, __VA_ARGS__)                                                                                \
    PAIR(name##_rs, from, to, 2, ACC_##from, SLOT_##from(B), __VA_ARGS__)                                              \
    PAIR(name##_rk, from, to, WORDS_##from, ACC_##from, CONST_##from, __VA_ARGS__)
#define RARE_2(name, from, to, ...)                                                                                    \
    PAIR(name##_ss, from, to, 2, SLOT_##from(A), SLOT_##from(B), __VA_ARGS__)                                          \
    PAIR(name##_sk, from, to, WORDS_##from, SLOT_##from(A), CONST_##from, __VA_ARGS__)

#define BRANCH(name, from, condition, left, right)                                                                     \
    static STEP(name##_ahead)                                                                                          \
    {                                                                                                                  \
        TYPE_##from a = left, b = right;                                                                               \
        if (condition) {                                                                                               \
            ip = ip[2].p;                                                                                              \
            GO;                                                                                                        \
        }                                                                                                              \
        NEXT(3);                                                                                                       \
    }                                                                                                                  \
    static STEP(name##_back)                                                                                           \
    {                                                                                                                  \
        TYPE_##from a = left, b = right;                                                                               \
        if (condition) {                                                                                               \
            if (--x->slice < 0)                                                                                        \
                REFUEL;                                                                                                \
            ip = ip[2].p;                                                                                              \
            GO;                                                                                                        \
        }                                                                                                              \
        NEXT(3);                                                                                                       \
    }
#define BRANCHES_K_i(name, from, condition)                                                                            \
    BRANCH(name##_c2, from, condition, SLOT_##from(A), CONST_##from)                                                   \
    BRANCH(name##_c3, from, condition, ACC_##from, CONST_##from)
#define BRANCHES_K_l                        BRANCHES_K_i
#define BRANCHES_K_f(name, from, condition) BRANCH(name##_c2, from, condition, SLOT_##from(A), ACC_##from)
#define BRANCHES_K_d                        BRANCHES_K_f
#define COMPARE(name, from, condition)                                                                                 \
    BRANCH(name##_c0, from, condition, SLOT_##from(A), SLOT_##from(B))                                                 \
    BRANCH(name##_c1, from, condition, ACC_##from, SLOT_##from(B))                                                     \
    BRANCHES_K_##from(name, from, condition)

#define LOAD(name, ...)
#define STORE(name, ...)
#include "steps.def"
#undef UNARY
#undef RARE_1
#undef BINARY
#undef SWAPS
#undef RARE_2
#undef COMPARE

#define NAMES(name)                                                                                                    \
    {                                                                                                                  \
        name##_r, name##_s                                                                                             \
    }
#define UNARY(name, ...)  [UNARY_##name] = {NAMES(name##_s), NAMES(name##_r)},
#define RARE_1(name, ...) [UNARY_##name] = {NAMES(name##_s)},
#define BINARY(name, ...)
#define SWAPS(name, ...)
#define RARE_2(name, ...)
#define COMPARE(name, ...)
const step_pair unary_steps[UNARY_COUNT][2] = {
#include "steps.def"
};
#undef UNARY
#undef RARE_1
#undef BINARY
#undef SWAPS
#undef RARE_2

#define UNARY(name, ...)
#define RARE_1(name, ...)
#define BINARY(name, ...)                                                                                              \
    [BINARY_##name] = {NAMES(name##_ss), NAMES(name##_rs), NAMES(name##_sr), NAMES(name##_sk),                         \
                       NAMES(name##_rk), NAMES(name##_ks), NAMES(name##_kr)},
#define SWAPS(name, ...)                                                                                               \
    [BINARY_##name] = {[FORM_SS] = NAMES(name##_ss),                                                                   \
                       [FORM_RS] = NAMES(name##_rs),                                                                   \
                       [FORM_SK] = NAMES(name##_sk),                                                                   \
                       [FORM_RK] = NAMES(name##_rk)},
#define RARE_2(name, ...) [BINARY_##name] = {[FORM_SS] = NAMES(name##_ss), [FORM_SK] = NAMES(name##_sk)},
const step_pair binary_steps[BINARY_COUNT][BINARY_FORMS] = {
#include "steps.def"
};
#undef BINARY
#undef SWAPS
#undef RARE_2
#undef COMPARE

#define WAYS(name)                                                                                                     \
    {                                                                                                                  \
        name##_ahead, name##_back                                                                                      \
    }
#define THIRD_i(name) , WAYS(name##_c3)
#define THIRD_l(name) , WAYS(name##_c3)
#define THIRD_f(name)
#define THIRD_d(name)
#define BINARY(name, ...)
#define SWAPS(name, ...)
#define RARE_2(name, ...)
#define COMPARE(name, from, condition)                                                                                 \
    [COMPARE_##name] = {WAYS(name##_c0), WAYS(name##_c1), WAYS(name##_c2) THIRD_##from(name)},
interp_step *const compare_steps[COMPARE_COUNT][4][2] = {
#include "steps.def"
};
