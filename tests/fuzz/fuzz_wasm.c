/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: wasm/engine/ wasm/jit/ wasm/host/hooks.c */
/* LIBS: -lm */
/*
 * Any bytes as a module, interpreted and compiled: a refused one has its reason and offset; an accepted one is linked,
 * and what it exports is called with little fuel, with the same outcome by both back ends - status, trap, results,
 * memory, globals; a NaN may have other bits, as the specification allows.
 */
#include "../../wasm/host/hooks.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUEL       2000
#define VALUES_MAX 16
#define CALLS_MAX  16

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static bool is_number(uint8_t type)
{
    return type == WASM_I32 || type == WASM_I64 || type == WASM_F32 || type == WASM_F64;
}

/* A host function makes a number of its arguments, and traps for some. */
static enum wasm_host_result host_function(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                           union wasm_value *results)
{
    struct wasm_func_type *type = user;
    uint32_t sum = 1;

    for (uint32_t i = 0; i < type->params; i++) {
        bool wide = type->types[i] == WASM_I64 || type->types[i] == WASM_F64;
        if (is_number(type->types[i]))
            sum = sum * 31 + (wide ? (uint32_t)(arguments[i].i64 >> 16) : arguments[i].i32);
    }
    memset(results, 0, type->results * sizeof results[0]);
    for (uint32_t i = 0; i < type->results; i++)
        if (type->types[type->params + i] == WASM_I32)
            results[i].i32 = sum & 0xff;
    call->trap_text = "host";
    return sum % 64 == 5 ? WASM_HOST_TRAP : WASM_HOST_OK;
}

#define TYPES_MAX 64

struct world {
    struct wasm_store *store;
    struct wasm_instance *instance;
    enum wasm_status status;
    struct wasm_error error;
    struct wasm_func_type types[TYPES_MAX];
    uint32_t type_count;
};

static bool resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found)
{
    struct world *world = user;

    found->kind = import->kind;
    switch (import->kind) {
    case WASM_FUNC:
        if (world->type_count == TYPES_MAX)
            return false;
        world->types[world->type_count] = import->func;
        found->func = wasm_func_new(world->store, &import->func, host_function, &world->types[world->type_count++]);
        return found->func != NULL;
    case WASM_TABLE:
        found->table = wasm_table_new(world->store, import->type, import->limits, NULL);
        return found->table != NULL;
    case WASM_MEMORY:
        found->memory = wasm_memory_new(world->store, import->limits);
        return found->memory != NULL;
    default:
        found->global = wasm_global_new(world->store, import->type, import->is_mutable, (union wasm_value){.i64 = 3});
        return found->global != NULL;
    }
}

static void world_make(struct world *world, const uint8_t *data, size_t size, enum wasm_backend backend)
{
    static const struct wasm_limits limits = {
        .memory_pages = 40, .table_elements = 5000, .stack_bytes = 128 << 10, .host_depth = 4};
    struct wasm_module *module;

    memset(world, 0, sizeof *world);
    /* Compiled code with checks and without, in turn. */
    struct wasm_hooks hooks = host_hooks;
    hooks.catches_faults = size % 2 == 0;
    demand(wasm_store_new(&hooks, &limits, &world->store) == WASM_OK);
    world->status = wasm_module_load(world->store, data, size, backend, &module, &world->error);
    if (world->status != WASM_OK) {
        demand(world->status == WASM_MALFORMED || world->status == WASM_INVALID || world->status == WASM_NO_MEMORY);
        demand(memchr(world->error.text, 0, sizeof world->error.text) != NULL && world->error.text[0] != 0);
        demand(world->status == WASM_NO_MEMORY || world->error.offset <= size);
        return;
    }
    wasm_store_set_fuel(world->store, FUEL);
    world->status = wasm_instance_new(module, resolve, world, &world->instance, &world->error);
}

static bool is_nan(uint8_t type, union wasm_value v)
{
    return type == WASM_F32 ? (v.i32 & 0x7fffffff) > 0x7f800000
                            : type == WASM_F64 && (v.i64 & INT64_MAX) > 0x7ff0000000000000;
}

static bool same(uint8_t type, union wasm_value a, union wasm_value b)
{
    if (is_nan(type, a) || is_nan(type, b))
        return is_nan(type, a) && is_nan(type, b);
    if (type == WASM_V128)
        return true; /* lanes may hold NaNs, and nothing says which are floats */
    if (type == WASM_I32 || type == WASM_F32)
        return a.i32 == b.i32;
    return is_number(type) ? a.i64 == b.i64 : (a.ref == NULL) == (b.ref == NULL);
}

struct outcome {
    enum wasm_status status;
    enum wasm_trap trap;
    union wasm_value results[VALUES_MAX];
};

static void call_make(struct world *world, struct wasm_func *func, uint32_t seed, struct outcome *out)
{
    static const uint64_t interesting[] = {0, 1, 7, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00001, 0x3f800000};
    struct wasm_func_type type = wasm_func_type(func);
    union wasm_value arguments[VALUES_MAX];

    memset(arguments, 0, sizeof arguments);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < type.params; i++)
        if (is_number(type.types[i]))
            arguments[i].i64 = interesting[(seed + i) % 8] << (type.types[i] == WASM_F64 ? 32 : 0);
    wasm_store_set_fuel(world->store, FUEL);
    out->status = wasm_func_call(func, arguments, type.params, out->results, type.results);
    demand(out->status == WASM_OK || out->status == WASM_TRAPPED || out->status == WASM_NO_MEMORY);
    if (out->status == WASM_TRAPPED) {
        struct wasm_trap_info info = wasm_store_trap(world->store);
        demand(info.text != NULL && info.text[0] != 0);
        out->trap = info.trap;
    }
}

/* Where the stack ends is each back end's own affair; behind such a difference nothing can be compared. */
static bool calls_agree(struct world *a, struct world *b, uint32_t index)
{
    struct wasm_extern x = wasm_instance_export_at(a->instance, index), y = wasm_instance_export_at(b->instance, index);
    struct wasm_func_type type;
    struct outcome left, right;

    demand(x.kind == y.kind);
    if (x.kind == WASM_GLOBAL) {
        bool is_mutable;
        uint8_t kind = (uint8_t)wasm_global_type(x.global, &is_mutable);
        demand(same(kind, wasm_global_get(x.global), wasm_global_get(y.global)));
    }
    if (x.kind == WASM_MEMORY)
        demand(wasm_memory_size(x.memory) == wasm_memory_size(y.memory));
    if (x.kind != WASM_FUNC)
        return true;
    type = wasm_func_type(x.func);
    if (type.params > VALUES_MAX || type.results > VALUES_MAX)
        return true;
    call_make(a, x.func, index, &left);
    call_make(b, y.func, index, &right);
    if (left.trap == WASM_TRAP_STACK || right.trap == WASM_TRAP_STACK || left.trap == WASM_TRAP_NO_MEMORY ||
        right.trap == WASM_TRAP_NO_MEMORY)
        return false;
    demand(left.status == right.status && left.trap == right.trap);
    for (uint32_t i = 0; left.status == WASM_OK && i < type.results; i++)
        demand(same(type.types[type.params + i], left.results[i], right.results[i]));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Exactly as long as the input, so that reading behind it is found. */
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    static struct world a, b;

    demand(bytes != NULL);
    memcpy(bytes, data, size);
    world_make(&a, bytes, size, WASM_INTERPRETER);
    world_make(&b, bytes, size, WASM_COMPILER);
    demand(a.status == b.status);
    if (a.status == WASM_OK) {
        uint32_t count = wasm_module_export_count(wasm_instance_module(a.instance));
        bool comparable = true;
        for (uint32_t i = 0; i < count && i < CALLS_MAX && comparable; i++)
            comparable = calls_agree(&a, &b, i);
    }
    wasm_store_free(a.store);
    wasm_store_free(b.store);
    free(bytes);
    return 0;
}
