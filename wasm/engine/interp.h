/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter: translated code is a sequence of steps, each a word with the address of a C function and the words of
 * its operands.  A step ends by jumping to the next one (a call in tail position, so that the state below stays in
 * registers and nothing is ever pushed):
 *
 *     ip    this step's first word      mem   first byte of memory 0
 *     fp    the frame                   x     fuel, limits, trap
 *     acc   the last integer that was computed and not stored, or a copy of a slot; fs, fd the same for f32, f64
 *
 * A frame, in slots of 8 bytes from fp (v128 take two):
 *
 *     +-----------------------+----------------+--------+----------+
 *     | parameters or results | saved ip fp mem| locals | operands |   the callee's frame begins among the operands
 *     +-----------------------+----------------+--------+----------+
 *
 * Operands are locals or operand slots by number (S), the accumulator of their type (R) or constants (K).  Results go to
 * the accumulator alone, or also to a slot.  Words of a step: `h` are slot numbers, A D B C in h[0] to h[3] of the second
 * word; a 32-bit constant or offset takes the place of B and C.
 *
 * Slots of 32-bit values have undefined upper halves; an i32 in acc is zero-extended or read as its lower half.
 */
#ifndef WASM_INTERP_H
#define WASM_INTERP_H

#include "op.h"

enum { SAVED_SLOTS = 3 };

/* Forms of operands.  The order is that of the step tables. */
enum { FORM_SS, FORM_RS, FORM_SR, FORM_SK, FORM_RK, FORM_KS, FORM_KR, BINARY_FORMS };
enum { FORM_S, FORM_R };
enum { STORE_SS, STORE_RS, STORE_SR, STORE_RR, STORE_SK, STORE_RK, STORE_FORMS };

/* Each step of steps.def has a number among its kind: UNARY_x, BINARY_x, COMPARE_x, LOAD_x, STORE_x. */
#define UNARY(name, ...)
#define RARE_1(name, ...)
#define BINARY(name, ...)
#define SWAPS(name, ...)
#define RARE_2(name, ...)
#define COMPARE(name, ...)
#define LOAD(name, ...)
#define STORE(name, ...)

#undef UNARY
#undef RARE_1
#define UNARY(name, ...)  UNARY_##name,
#define RARE_1(name, ...) UNARY_##name,
enum unary {
#include "steps.def"
    UNARY_COUNT
};
#undef UNARY
#undef RARE_1
#define UNARY(name, ...)
#define RARE_1(name, ...)

#undef BINARY
#undef SWAPS
#undef RARE_2
#define BINARY(name, ...) BINARY_##name,
#define SWAPS(name, ...)  BINARY_##name,
#define RARE_2(name, ...) BINARY_##name,
enum binary {
#include "steps.def"
    BINARY_COUNT
};
#undef BINARY
#undef SWAPS
#undef RARE_2
#define BINARY(name, ...)
#define SWAPS(name, ...)
#define RARE_2(name, ...)

#undef COMPARE
#define COMPARE(name, ...) COMPARE_##name,
enum compare {
#include "steps.def"
    COMPARE_COUNT
};
#undef COMPARE
#define COMPARE(name, ...)

#undef LOAD
#define LOAD(name, ...) LOAD_##name,
enum load {
#include "steps.def"
    LOAD_COUNT
};
#undef LOAD
#define LOAD(name, ...)

#undef STORE
#define STORE(name, ...) STORE_##name,
enum store {
#include "steps.def"
    STORE_COUNT
};
#undef STORE
#define STORE(name, ...)

#undef UNARY
#undef RARE_1
#undef BINARY
#undef SWAPS
#undef RARE_2
#undef COMPARE
#undef LOAD
#undef STORE

/* A step that leaves its result in the accumulator, and the same one that also writes slot D. */
typedef interp_step *step_pair[2];

extern const step_pair unary_steps[UNARY_COUNT][2]; /* A */
extern const step_pair binary_steps[BINARY_COUNT]
                                   [BINARY_FORMS]; /* A, B or constant; a double constant is the third word;
                                                                    NULL: there is no such form */
/* SS RS SK RK, for floats SR and nothing in the place of the K forms; then whether the jump goes backwards.  Target in
 * the third word. */
extern interp_step *const compare_steps[COMPARE_COUNT][4][2];
extern const step_pair load_steps[LOAD_COUNT][2]; /* address A, offset */
extern interp_step
    *const store_steps[STORE_COUNT][STORE_FORMS]; /* address A, value D, offset; constant in the third word */

/* By class of type: enum class. */
enum class { CLASS_I, CLASS_F, CLASS_D, CLASS_V };

extern const step_pair global_get_steps[3];       /* address in the third word */
extern interp_step *const global_set_steps[3][2]; /* S or R: A; address in the third word */
extern interp_step *const put_steps[3];           /* accumulator to D */
extern interp_step *const return_steps[3][2];     /* S or R: result A; saved registers at B */
extern const step_pair select_steps[2];           /* A if the condition C (S or R) is not 0, else B; class I in R */
extern interp_step *const call_indirect_steps[2]; /* index S or R */

interp_step step_nop, step_copy, step_copy_2, step_copy_v, step_copy_many, step_const, step_const_64, step_const_v;
interp_step step_enter, step_call, step_return, step_tail_call, step_tail_call_indirect, step_exit, step_host,
    step_translate;
interp_step step_jump, step_jump_back, step_jump_table, step_jump_table_acc;
interp_step step_use_memory, step_select_v;
interp_step step_memory_size, step_memory_grow, step_memory_fill, step_memory_copy, step_memory_init, step_data_drop;
interp_step step_table_get, step_table_set, step_table_size, step_table_grow, step_table_fill, step_table_copy,
    step_table_init, step_elem_drop;
interp_step step_global_get_v, step_global_set_v;
interp_step step_refuel; /* looks at fuel, deadline and interrupt, then runs the step at ip again */

#define TRAP_STEPS(X)                                                                                                  \
    X(UNREACHABLE)                                                                                                     \
    X(DIVIDE_BY_ZERO)                                                                                                  \
    X(INTEGER_OVERFLOW)                                                                                                \
    X(INVALID_CONVERSION)                                                                                              \
    X(MEMORY_BOUNDS)                                                                                                   \
    X(TABLE_BOUNDS)                                                                                                    \
    X(UNDEFINED_ELEMENT)                                                                                               \
    X(UNINITIALIZED_ELEMENT)                                                                                           \
    X(INDIRECT_TYPE)                                                                                                   \
    X(STACK)                                                                                                           \
    X(NO_MEMORY)

#define TRAP_STEP(reason) interp_step step_trap_##reason;
TRAP_STEPS(TRAP_STEP)
#undef TRAP_STEP

/* Steps of vector instructions, by opcode - 0x200; all operands and results are in slots. */
extern interp_step *const vector_steps[0x100];

/* --- code.c: finding one's way in translated code --- */

/* NULL: this is no translated code. */
const struct code_block *code_block_find(const struct wasm_store *store, const union code *ip);
/* The instance whose code this is; NULL for none. */
struct wasm_instance *code_instance(const struct wasm_store *store, const union code *ip);
/* Which function the step belongs to, and to which byte of the module. */
void code_place(const struct wasm_store *store, const union code *ip, struct wasm_trap_info *info);

/* --- translate.c --- */

/* Makes func->code.  False: no memory. */
bool func_translate(struct wasm_func *func);

/* --- ../jit, where the build has it --- */

/* As func_translate; false also when the function has something that is left to the interpreter. */
__attribute__((weak)) bool func_compile(struct wasm_func *func);
/* Runs the step at ip, and all that follow; steps of compiled code may change the registers that a C function keeps. */
__attribute__((weak)) interp_step run_compiled;

#endif
