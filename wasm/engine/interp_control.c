/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps that move values, jump, call and return, and what ends a run.
 */
#include "step.h"

/* --- Moves; none but the select changes an accumulator --- */

STEP(step_nop)
{
    NEXT(1);
}

STEP(step_copy)
{
    fp[D].i64 = fp[A].i64;
    NEXT(2);
}

/* A to D and B to D + 1. */
STEP(step_copy_2)
{
    uint64_t first = fp[A].i64;

    fp[D + 1].i64 = fp[B].i64;
    fp[D].i64 = first;
    NEXT(2);
}

STEP(step_copy_v)
{
    uint64_t first = fp[A].i64;

    fp[D + 1].i64 = fp[A + 1].i64;
    fp[D].i64 = first;
    NEXT(2);
}

/* B slots, which may overlap. */
STEP(step_copy_many)
{
    memmove(&fp[D], &fp[A], (size_t)B * sizeof(*fp));
    NEXT(2);
}

STEP(step_const)
{
    fp[D].i64 = (uint64_t)(int64_t)IMM;
    NEXT(2);
}

STEP(step_const_64)
{
    fp[D].i64 = ip[2].u64;
    NEXT(3);
}

STEP(step_const_v)
{
    fp[D].i64 = ip[2].u64;
    fp[D + 1].i64 = ip[3].u64;
    NEXT(4);
}

static STEP(put_i)
{
    fp[D].i64 = acc;
    NEXT(2);
}

static STEP(put_f)
{
    fp[D].f32 = fs;
    NEXT(2);
}

static STEP(put_d)
{
    fp[D].f64 = fd;
    NEXT(2);
}

interp_step *const put_steps[3] = {put_i, put_f, put_d};

static STEP(select_s_r)
{
    acc = fp[fp[C].i32 != 0 ? A : B].i64;
    NEXT(2);
}

static STEP(select_s_s)
{
    fp[D].i64 = acc = fp[fp[C].i32 != 0 ? A : B].i64;
    NEXT(2);
}

static STEP(select_r_r)
{
    acc = fp[(uint32_t)acc != 0 ? A : B].i64;
    NEXT(2);
}

static STEP(select_r_s)
{
    fp[D].i64 = acc = fp[(uint32_t)acc != 0 ? A : B].i64;
    NEXT(2);
}

const step_pair select_steps[2] = {{select_s_r, select_s_s}, {select_r_r, select_r_s}};

STEP(step_select_v)
{
    const union slot *from = &fp[fp[C].i32 != 0 ? A : B];
    uint64_t first = from[0].i64;

    fp[D + 1].i64 = from[1].i64;
    fp[D].i64 = first;
    NEXT(2);
}

/* --- Jumps: target in the second word --- */

STEP(step_jump)
{
    ip = ip[1].p;
    GO;
}

STEP(step_jump_back)
{
    if (--x->slice < 0)
        REFUEL;
    ip = ip[1].p;
    GO;
}

/* Index A, number of targets in the upper half; targets and the default from the third word. */
STEP(step_jump_table)
{
    uint32_t index = fp[A].i32, count = OFF;

    ip = ip[2 + (index < count ? index : count)].p;
    GO;
}

STEP(step_jump_table_acc)
{
    uint32_t index = (uint32_t)acc, count = OFF;

    ip = ip[2 + (index < count ? index : count)].p;
    GO;
}

/* --- Calls --- */

/* First step of a function: frame in bytes in the upper half of the word; A first and D number of pairs of slots to clear
 * (the space behind the locals is the operands', so that one more does no harm). */
STEP(step_enter)
{
    if ((uintptr_t)fp + OFF > (uintptr_t)x->stack_end)
        TRAP(STACK);
    if (--x->slice < 0)
        REFUEL;
    union slot *at = fp + A;
    for (unsigned i = D; i != 0; i--, at += 2)
        AT(at, struct v128) = (struct v128){{0, 0}};
    NEXT(2);
}

/* A new frame, B its saved registers, both from this frame; function in the third word. */
STEP(step_call)
{
    const struct wasm_func *func = ip[2].p;
    union slot *saved = fp + B;

    saved[0].ip = ip + 3;
    saved[1].fp = fp;
    saved[2].mem = mem;
    fp += A;
    ip = func->code;
    mem = func->mem;
    GO;
}

/* D the index, table in the third, type in the fourth word. */
#define CALL_INDIRECT(name, index)                                                                                     \
    static STEP(name)                                                                                                  \
    {                                                                                                                  \
        const struct wasm_table *table = ip[2].p;                                                                      \
        uint32_t i = index;                                                                                            \
        if (i >= table->size)                                                                                          \
            TRAP(UNDEFINED_ELEMENT);                                                                                   \
        const struct wasm_func *func = table->elements[i];                                                             \
        if (func == NULL)                                                                                              \
            TRAP(UNINITIALIZED_ELEMENT);                                                                               \
        if (func->sig != ip[3].p)                                                                                      \
            TRAP(INDIRECT_TYPE);                                                                                       \
        union slot *saved = fp + B;                                                                                    \
        saved[0].ip = ip + 4;                                                                                          \
        saved[1].fp = fp;                                                                                              \
        saved[2].mem = mem;                                                                                            \
        fp += A;                                                                                                       \
        ip = func->code;                                                                                               \
        mem = func->mem;                                                                                               \
        GO;                                                                                                            \
    }
CALL_INDIRECT(call_indirect_s, fp[D].i32)
CALL_INDIRECT(call_indirect_r, (uint32_t)acc)

interp_step *const call_indirect_steps[2] = {call_indirect_s, call_indirect_r};

/* The callee's frame takes the place of this one.  A arguments, B this frame's saved registers, C the callee's, D slots
 * of arguments. */
#define REPLACE_FRAME(func)                                                                                            \
    do {                                                                                                               \
        union slot *mine = fp + B, *theirs = fp + C;                                                                   \
        union slot saved_0 = mine[0], saved_1 = mine[1], saved_2 = mine[2];                                            \
        for (unsigned i = 0; i < D; i++)                                                                               \
            fp[i] = fp[A + i];                                                                                         \
        theirs[0] = saved_0;                                                                                           \
        theirs[1] = saved_1;                                                                                           \
        theirs[2] = saved_2;                                                                                           \
        ip = (func)->code;                                                                                             \
        mem = (func)->mem;                                                                                             \
    } while (0)

STEP(step_tail_call)
{
    const struct wasm_func *func = ip[2].p;

    REPLACE_FRAME(func);
    GO;
}

/* The index is in the slot that the fifth word names. */
STEP(step_tail_call_indirect)
{
    const struct wasm_table *table = ip[2].p;
    uint32_t index = fp[ip[4].h[0]].i32;

    if (index >= table->size)
        TRAP(UNDEFINED_ELEMENT);
    const struct wasm_func *func = table->elements[index];
    if (func == NULL)
        TRAP(UNINITIALIZED_ELEMENT);
    if (func->sig != ip[3].p)
        TRAP(INDIRECT_TYPE);
    REPLACE_FRAME(func);
    GO;
}

#define RETURN                                                                                                         \
    do {                                                                                                               \
        const union slot *saved = fp + B;                                                                              \
        ip = saved[0].ip;                                                                                              \
        mem = saved[2].mem;                                                                                            \
        fp = saved[1].fp;                                                                                              \
        GO;                                                                                                            \
    } while (0)

STEP(step_return)
{
    RETURN;
}

/* A single result is in the first slot and in the accumulator of its type. */
#define RETURNS(t, slot, reg)                                                                                          \
    static STEP(return_##t##_s)                                                                                        \
    {                                                                                                                  \
        fp[0].slot = reg = fp[A].slot;                                                                                 \
        RETURN;                                                                                                        \
    }                                                                                                                  \
    static STEP(return_##t##_r)                                                                                        \
    {                                                                                                                  \
        fp[0].slot = reg;                                                                                              \
        RETURN;                                                                                                        \
    }
RETURNS(i, i64, acc)
RETURNS(f, f32, fs)
RETURNS(d, f64, fd)

interp_step *const return_steps[3][2] = {{return_i_s, return_i_r}, {return_f_s, return_f_r}, {return_d_s, return_d_r}};

/* --- The edges of a run --- */

/* Where the outermost frame returns to. */
STEP(step_exit)
{
}

static void trap(struct exec *x, const union code *ip, enum wasm_trap reason)
{
    x->trap = reason;
    x->trap_ip = ip;
}

#define TRAP_STEP(reason)                                                                                              \
    STEP(step_trap_##reason)                                                                                           \
    {                                                                                                                  \
        trap(x, ip, WASM_TRAP_##reason);                                                                               \
    }
TRAP_STEPS(TRAP_STEP)

enum { SLICE = 4096 };

STEP(step_refuel)
{
    struct wasm_store *store = x->store;

    if (__atomic_load_n(&x->interrupted, __ATOMIC_RELAXED)) {
        trap(x, ip, WASM_TRAP_INTERRUPTED);
        return;
    }
    if (x->deadline != 0 && store->hooks.now != NULL && store->hooks.now(store->hooks.user) >= x->deadline) {
        trap(x, ip, WASM_TRAP_DEADLINE);
        return;
    }
    /* The unit that did not fit is taken again when the step runs again. */
    x->slice = 0;
    if (x->fuel == 0) {
        trap(x, ip, WASM_TRAP_OUT_OF_FUEL);
        return;
    }
    uint64_t more = x->fuel < SLICE ? x->fuel : SLICE;
    x->slice = (int64_t)more;
    if (x->fuel != WASM_FUEL_FOREVER)
        x->fuel -= more;
    GO;
}

STEP(step_translate)
{
    struct wasm_func *func = ip[1].p;

    if (!func_translate(func))
        TRAP(NO_MEMORY);
    ip = func->code;
    GO;
}

static uint32_t values_read(const struct sig *sig, const union slot *from, union wasm_value *to)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < sig->type.params; i++) {
        uint32_t slots = type_slots(sig->type.types[i]);

        memcpy(&to[i], &from[at], slots * sizeof(*from));
        at += slots;
    }
    return at;
}

static void results_write(const struct sig *sig, union slot *to, const union wasm_value *from)
{
    for (uint32_t i = 0, at = 0; i < sig->type.results; i++) {
        uint32_t slots = type_slots(sig->type.types[sig->type.params + i]);

        memcpy(&to[at], &from[i], slots * sizeof(*to));
        at += slots;
    }
}

/* Runs a host function on the frame at fp.  Its values lie on the stack behind the frame. */
static __attribute__((noinline)) bool host_call(const struct wasm_func *func, union slot *fp, struct exec *x,
                                                const union code *caller)
{
    const struct sig *sig = func->sig;
    uint32_t area = sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
    union slot *behind = fp + area + SAVED_SLOTS;
    size_t need = ((size_t)sig->type.params + sig->type.results) * 2;

    if (behind > x->stack_end || (size_t)(x->stack_end - behind) < need) {
        trap(x, caller, WASM_TRAP_STACK);
        return false;
    }
    union wasm_value *arguments = (union wasm_value *)(void *)behind, *results = arguments + sig->type.params;
    struct wasm_host_call call = {.store = x->store, .caller = code_instance(x->store, caller)};
    union slot *sp = x->sp;

    memset(arguments, 0, need * sizeof(union slot));
    values_read(sig, fp, arguments);
    x->sp = behind + need;
    enum wasm_host_result result = func->host(func->user, &call, arguments, results);
    x->sp = sp;
    if (result == WASM_HOST_OK) {
        results_write(sig, fp, results);
        return true;
    }
    x->exiting = result == WASM_HOST_EXIT;
    x->exit_status = call.exit_status;
    x->trap_text = call.trap_text;
    trap(x, caller, WASM_TRAP_HOST);
    return false;
}

/* The whole code of a host function, which is in the second word. */
STEP(step_host)
{
    const struct wasm_func *func = ip[1].p;
    const struct sig *sig = func->sig;
    const union slot *saved = fp + (sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots);
    const union code *caller = saved[0].ip;

    if (--x->slice < 0)
        REFUEL;
    if (!host_call(func, fp, x, caller))
        return;
    acc = fp[0].i64;
    fs = fp[0].f32;
    fd = fp[0].f64;
    ip = caller;
    mem = saved[2].mem;
    fp = saved[1].fp;
    GO;
}
