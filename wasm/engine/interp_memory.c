/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps that touch memories, tables and globals.
 */
#include "objects.h"
#include "step.h"

/* --- Loads and stores of numbers --- */

#define ONE_LOAD(name, to, size, address, put, code)                                                                   \
    static STEP(name)                                                                                                  \
    {                                                                                                                  \
        uint64_t at = (uint64_t)address + OFF;                                                                         \
        if (OUTSIDE(at, size))                                                                                         \
            TRAP(MEMORY_BOUNDS);                                                                                       \
        uint8_t *p = mem + at;                                                                                         \
        TYPE_##to r;                                                                                                   \
        code;                                                                                                          \
        SET_##to;                                                                                                      \
        put;                                                                                                           \
        NEXT(2);                                                                                                       \
    }
#define ONE_STORE(name, size, type, address, value, words)                                                             \
    static STEP(name)                                                                                                  \
    {                                                                                                                  \
        uint64_t at = (uint64_t)address + OFF;                                                                         \
        if (OUTSIDE(at, size))                                                                                         \
            TRAP(MEMORY_BOUNDS);                                                                                       \
        AT(mem + at, type) = (type)value;                                                                              \
        NEXT(words);                                                                                                   \
    }

#define UNARY(name, ...)
#define RARE_1(name, ...)
#define BINARY(name, ...)
#define SWAPS(name, ...)
#define RARE_2(name, ...)
#define COMPARE(name, ...)
#define LOAD(name, to, size, code)                                                                                     \
    ONE_LOAD(name##_s_r, to, size, SLOT_i(A), (void)0, code)                                                           \
    ONE_LOAD(name##_s_s, to, size, SLOT_i(A), PUT_##to, code)                                                          \
    ONE_LOAD(name##_r_r, to, size, ACC_i, (void)0, code)                                                               \
    ONE_LOAD(name##_r_s, to, size, ACC_i, PUT_##to, code)
/* An integer cannot stand in acc beside the address; a floating-point constant is stored as an integer. */
#define STORES_i(name, from, size, type)                                                                               \
    ONE_STORE(name##_sk, size, type, SLOT_i(A), ip[2].u64, 3)                                                          \
    ONE_STORE(name##_rk, size, type, ACC_i, ip[2].u64, 3)
#define STORES_l                         STORES_i
#define STORES_f(name, from, size, type) ONE_STORE(name##_rr, size, type, ACC_i, ACC_##from, 2)
#define STORES_d                         STORES_f
#define STORE(name, from, size, type)                                                                                  \
    ONE_STORE(name##_ss, size, type, SLOT_i(A), SLOT_##from(D), 2)                                                     \
    ONE_STORE(name##_rs, size, type, ACC_i, SLOT_##from(D), 2)                                                         \
    ONE_STORE(name##_sr, size, type, SLOT_i(A), ACC_##from, 2)                                                         \
    STORES_##from(name, from, size, type)
#include "steps.def"
#undef LOAD
#undef STORE

#define LOAD(name, to, size, code) [LOAD_##name] = {{name##_s_r, name##_s_s}, {name##_r_r, name##_r_s}},
#define STORE(name, from, size, type)
const step_pair load_steps[LOAD_COUNT][2] = {
#include "steps.def"
};
#undef LOAD
#undef STORE

#define MORE_i(name) [STORE_SK] = name##_sk, [STORE_RK] = name##_rk
#define MORE_l       MORE_i
#define MORE_f(name) [STORE_RR] = name##_rr
#define MORE_d       MORE_f
#define LOAD(name, ...)
#define STORE(name, from, size, type)                                                                                  \
    [STORE_##name] = {[STORE_SS] = name##_ss, [STORE_RS] = name##_rs, [STORE_SR] = name##_sr, MORE_##from(name)},
interp_step *const store_steps[STORE_COUNT][STORE_FORMS] = {
#include "steps.def"
};

/* --- Memories: operands in A, A + 1, A + 2; memory in the third word --- */

/* Code between two of these uses another memory than the first. */
STEP(step_use_memory)
{
    mem = ip[1].p;
    NEXT(2);
}

STEP(step_memory_size)
{
    const struct wasm_memory *memory = ip[2].p;

    fp[D].i64 = acc = wasm_memory_size(memory) / WASM_PAGE;
    NEXT(3);
}

STEP(step_memory_grow)
{
    fp[D].i64 = acc = wasm_memory_grow(ip[2].p, fp[A].i32);
    NEXT(3);
}

STEP(step_memory_fill)
{
    if (!memory_fill(ip[2].p, fp[A].i32, (uint8_t)fp[A + 1].i32, fp[A + 2].i32))
        TRAP(MEMORY_BOUNDS);
    NEXT(3);
}

STEP(step_memory_copy)
{
    if (!memory_copy(ip[2].p, fp[A].i32, ip[3].p, fp[A + 1].i32, fp[A + 2].i32))
        TRAP(MEMORY_BOUNDS);
    NEXT(4);
}

STEP(step_memory_init)
{
    if (!memory_init(ip[2].p, fp[A].i32, ip[3].p, fp[A + 1].i32, fp[A + 2].i32))
        TRAP(MEMORY_BOUNDS);
    NEXT(4);
}

STEP(step_data_drop)
{
    ((struct data_segment *)ip[2].p)->size = 0;
    NEXT(3);
}

/* --- Tables --- */

STEP(step_table_get)
{
    const struct wasm_table *table = ip[2].p;
    uint32_t index = fp[A].i32;

    if (index >= table->size)
        TRAP(TABLE_BOUNDS);
    fp[D].i64 = acc = (uintptr_t)table->elements[index];
    NEXT(3);
}

STEP(step_table_set)
{
    if (!wasm_table_set(ip[2].p, fp[A].i32, fp[A + 1].ref))
        TRAP(TABLE_BOUNDS);
    NEXT(3);
}

STEP(step_table_size)
{
    fp[D].i64 = acc = wasm_table_size(ip[2].p);
    NEXT(3);
}

STEP(step_table_grow)
{
    fp[D].i64 = acc = wasm_table_grow(ip[2].p, fp[A + 1].i32, fp[A].ref);
    NEXT(3);
}

STEP(step_table_fill)
{
    if (!table_fill(ip[2].p, fp[A].i32, fp[A + 1].ref, fp[A + 2].i32))
        TRAP(TABLE_BOUNDS);
    NEXT(3);
}

STEP(step_table_copy)
{
    if (!table_copy(ip[2].p, fp[A].i32, ip[3].p, fp[A + 1].i32, fp[A + 2].i32))
        TRAP(TABLE_BOUNDS);
    NEXT(4);
}

STEP(step_table_init)
{
    if (!table_init(ip[2].p, fp[A].i32, ip[3].p, fp[A + 1].i32, fp[A + 2].i32))
        TRAP(TABLE_BOUNDS);
    NEXT(4);
}

STEP(step_elem_drop)
{
    ((struct elem_segment *)ip[2].p)->count = 0;
    NEXT(3);
}

/* --- Globals: the value's address in the third word --- */

#define TYPED_i(at) (*(uint64_t *)(at))
#define TYPED_f(at) (*(float *)(at))
#define TYPED_d(at) (*(double *)(at))
#define REG_i       acc
#define REG_f       fs
#define REG_d       fd
#define GLOBALS(t, slot)                                                                                               \
    static STEP(global_get_##t##_r)                                                                                    \
    {                                                                                                                  \
        REG_##t = TYPED_##t(ip[2].p);                                                                                  \
        NEXT(3);                                                                                                       \
    }                                                                                                                  \
    static STEP(global_get_##t##_s)                                                                                    \
    {                                                                                                                  \
        fp[D].slot = REG_##t = TYPED_##t(ip[2].p);                                                                     \
        NEXT(3);                                                                                                       \
    }                                                                                                                  \
    static STEP(global_set_##t##_s)                                                                                    \
    {                                                                                                                  \
        TYPED_##t(ip[2].p) = fp[A].slot;                                                                               \
        NEXT(3);                                                                                                       \
    }                                                                                                                  \
    static STEP(global_set_##t##_r)                                                                                    \
    {                                                                                                                  \
        TYPED_##t(ip[2].p) = REG_##t;                                                                                  \
        NEXT(3);                                                                                                       \
    }
GLOBALS(i, i64)
GLOBALS(f, f32)
GLOBALS(d, f64)

const step_pair global_get_steps[3] = {
    {global_get_i_r, global_get_i_s}, {global_get_f_r, global_get_f_s}, {global_get_d_r, global_get_d_s}};
interp_step *const global_set_steps[3][2] = {
    {global_set_i_s, global_set_i_r}, {global_set_f_s, global_set_f_r}, {global_set_d_s, global_set_d_r}};

STEP(step_global_get_v)
{
    AT(&fp[D], struct v128) = AT(ip[2].p, struct v128);
    NEXT(3);
}

STEP(step_global_set_v)
{
    AT(ip[2].p, struct v128) = AT(&fp[A], struct v128);
    NEXT(3);
}
