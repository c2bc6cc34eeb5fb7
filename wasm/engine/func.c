/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions as the embedder sees them: making them, calling them, and learning why a call ended.
 */
#include "interp.h"

static const union code exit_code[1] = {{.run = step_exit}};

static uint32_t saved_at(const struct sig *sig)
{
    return sig->param_slots > sig->result_slots ? sig->param_slots : sig->result_slots;
}

struct wasm_func *wasm_func_new(struct wasm_store *store, const struct wasm_func_type *type, wasm_host_fn function,
                                void *user)
{
    if (type->params > 1000 || type->results > 1000)
        return NULL;
    struct wasm_func *func = store_alloc(store, sizeof(*func));
    struct sig *sig = sig_intern(store, type);
    if (func == NULL || sig == NULL)
        return NULL;
    func->store = store;
    func->sig = sig;
    func->host = function;
    func->user = user;
    func->stub[0].run = step_host;
    func->stub[1].p = func;
    func->code = func->stub;
    return func;
}

struct wasm_func_type wasm_func_type(const struct wasm_func *func)
{
    return func->sig->type;
}

static void frame_fill(const struct sig *sig, union slot *frame, const union wasm_value *arguments)
{
    for (uint32_t i = 0, at = 0; i < sig->type.params; i++) {
        uint32_t slots = type_slots(sig->type.types[i]);

        memcpy(&frame[at], &arguments[i], slots * sizeof(*frame));
        at += slots;
    }
}

static void frame_results(const struct sig *sig, const union slot *frame, union wasm_value *results)
{
    for (uint32_t i = 0, at = 0; i < sig->type.results; i++) {
        uint8_t type = sig->type.types[sig->type.params + i];
        uint32_t slots = type_slots(type);

        memset(&results[i], 0, sizeof(results[i]));
        if (type == WASM_I32 || type == WASM_F32)
            results[i].i32 = frame[at].i32;
        else
            memcpy(&results[i], &frame[at], slots * sizeof(*frame));
        at += slots;
    }
}

static enum wasm_status ended(struct wasm_store *store)
{
    struct exec *x = &store->exec;
    enum wasm_trap trap = x->trap;

    /* The host function that made this call, if one did, goes on. */
    x->trap = WASM_TRAP_NONE;
    if (x->exiting) {
        x->exiting = false;
        return WASM_EXITED;
    }
    store->trap = (struct wasm_trap_info){.trap = trap};
    code_place(store, x->trap_ip, &store->trap);
    store->trap.text = trap == WASM_TRAP_HOST && x->trap_text != NULL ? x->trap_text : wasm_trap_text(trap);
    return WASM_TRAPPED;
}

enum wasm_status wasm_func_call(struct wasm_func *func, const union wasm_value *arguments, uint32_t argument_count,
                                union wasm_value *results, uint32_t result_count)
{
    const struct sig *sig = func->sig;
    struct wasm_store *store = func->store;
    struct exec *x = &store->exec;

    if (argument_count != sig->type.params || result_count != sig->type.results)
        return WASM_BAD_CALL;
    x->trap = WASM_TRAP_NONE;
    x->trap_ip = NULL;
    x->exiting = false;
    union slot *frame = x->sp, *saved = frame + saved_at(sig);
    if (x->depth == store->limits.host_depth || saved + SAVED_SLOTS > x->stack_end) {
        x->trap = WASM_TRAP_STACK;
        return ended(store);
    }
    frame_fill(sig, frame, arguments);
    saved[0].ip = exit_code;
    saved[1].fp = frame;
    saved[2].mem = func->mem;
    x->depth++;
    interp_step *run = run_compiled != NULL ? run_compiled : func->code->run;
    run(func->code, frame, func->mem, x, 0, 0, 0);
    x->depth--;
    x->sp = frame;
    if (x->trap != WASM_TRAP_NONE)
        return ended(store);
    frame_results(sig, frame, results);
    return WASM_OK;
}

struct wasm_trap_info wasm_store_trap(const struct wasm_store *store)
{
    return store->trap;
}

int32_t wasm_store_exit_status(const struct wasm_store *store)
{
    return store->exec.exit_status;
}

const char *wasm_trap_text(enum wasm_trap trap)
{
    static const char *const texts[] = {
        [WASM_TRAP_NONE] = "no trap",
        [WASM_TRAP_UNREACHABLE] = "unreachable",
        [WASM_TRAP_DIVIDE_BY_ZERO] = "integer divide by zero",
        [WASM_TRAP_INTEGER_OVERFLOW] = "integer overflow",
        [WASM_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
        [WASM_TRAP_MEMORY_BOUNDS] = "out of bounds memory access",
        [WASM_TRAP_TABLE_BOUNDS] = "out of bounds table access",
        [WASM_TRAP_UNDEFINED_ELEMENT] = "undefined element",
        [WASM_TRAP_UNINITIALIZED_ELEMENT] = "uninitialized element",
        [WASM_TRAP_INDIRECT_TYPE] = "indirect call type mismatch",
        [WASM_TRAP_STACK] = "call stack exhausted",
        [WASM_TRAP_OUT_OF_FUEL] = "out of fuel",
        [WASM_TRAP_DEADLINE] = "deadline passed",
        [WASM_TRAP_INTERRUPTED] = "interrupted",
        [WASM_TRAP_NO_MEMORY] = "no memory to translate a function",
        [WASM_TRAP_HOST] = "host function failed",
    };
    return (size_t)trap < sizeof(texts) / sizeof(texts[0]) ? texts[trap] : "unknown trap";
}

/* What is not in the slice is in `fuel`; a forever has no slice to give back. */
void wasm_store_set_fuel(struct wasm_store *store, uint64_t fuel)
{
    store->exec.slice = 0;
    store->exec.fuel = fuel;
}

uint64_t wasm_store_fuel(const struct wasm_store *store)
{
    const struct exec *x = &store->exec;

    if (x->fuel == WASM_FUEL_FOREVER)
        return WASM_FUEL_FOREVER;
    return x->fuel + (x->slice > 0 ? (uint64_t)x->slice : 0);
}

void wasm_store_set_deadline(struct wasm_store *store, uint64_t deadline)
{
    store->exec.deadline = deadline;
}

void wasm_store_interrupt(struct wasm_store *store)
{
    __atomic_store_n(&store->exec.interrupted, true, __ATOMIC_RELAXED);
}

void wasm_store_resume(struct wasm_store *store)
{
    __atomic_store_n(&store->exec.interrupted, false, __ATOMIC_RELAXED);
}
