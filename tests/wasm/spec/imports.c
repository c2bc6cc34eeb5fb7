/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts may import: the module "spectest" and modules that they registered. */
#include "spec.h"
#include <str.h>

static const struct {
    const char *name;
    uint8_t params[2];
    uint32_t count;
} prints[] = {
    {"print", {0}, 0},
    {"print_i32", {WASM_I32}, 1},
    {"print_i64", {WASM_I64}, 1},
    {"print_f32", {WASM_F32}, 1},
    {"print_f64", {WASM_F64}, 1},
    {"print_i32_f32", {WASM_I32, WASM_F32}, 2},
    {"print_f64_f64", {WASM_F64, WASM_F64}, 2},
};
enum {
    PRINTS = sizeof prints / sizeof prints[0],
    GLOBAL_I32 = PRINTS,
    GLOBAL_I64,
    GLOBAL_F32,
    GLOBAL_F64,
    TABLE,
    MEMORY
};

static const char *const others[] = {"global_i32", "global_i64", "global_f32", "global_f64", "table", "memory"};

static enum wasm_host_result print(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                   union wasm_value *results)
{
    (void)user;
    (void)call;
    (void)arguments;
    (void)results;
    return WASM_HOST_OK;
}

static struct wasm_extern global_make(struct wasm_store *store, enum wasm_type type, union wasm_value value)
{
    return (struct wasm_extern){.kind = WASM_GLOBAL, .global = wasm_global_new(store, type, false, value)};
}

bool spec_imports_make(struct spec_script *script)
{
    struct wasm_extern *all = script->spectest;

    for (unsigned i = 0; i < PRINTS; i++) {
        struct wasm_func_type type = {.params = prints[i].count, .types = prints[i].params};
        all[i] = (struct wasm_extern){.kind = WASM_FUNC, .func = wasm_func_new(script->store, &type, print, NULL)};
        if (all[i].func == NULL)
            return false;
    }
    all[GLOBAL_I32] = global_make(script->store, WASM_I32, (union wasm_value){.i32 = 666});
    all[GLOBAL_I64] = global_make(script->store, WASM_I64, (union wasm_value){.i64 = 666});
    all[GLOBAL_F32] = global_make(script->store, WASM_F32, (union wasm_value){.f32 = 666.6f});
    all[GLOBAL_F64] = global_make(script->store, WASM_F64, (union wasm_value){.f64 = 666.6});
    all[TABLE] = (struct wasm_extern){
        .kind = WASM_TABLE,
        .table = wasm_table_new(script->store, WASM_FUNCREF, (struct wasm_limits_type){10, 20}, NULL)};
    all[MEMORY] = (struct wasm_extern){.kind = WASM_MEMORY,
                                       .memory = wasm_memory_new(script->store, (struct wasm_limits_type){1, 2})};
    return all[GLOBAL_F64].global != NULL && all[TABLE].table != NULL && all[MEMORY].memory != NULL;
}

static bool is(const char *text, uint32_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

bool spec_imports_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found)
{
    struct spec_script *script = user;

    for (unsigned i = script->name_count; i-- > 0;) {
        const struct spec_name *name = &script->names[i];
        if (!name->registered || !is(import->module, import->module_length, name->name))
            continue;
        *found = wasm_instance_export(name->instance, import->name, import->name_length);
        return true;
    }
    if (!is(import->module, import->module_length, "spectest"))
        return false;
    /* In old scripts "print" took whatever it was given. */
    if (is(import->name, import->name_length, "print") && strncmp(script->name, "old_", 4) == 0 &&
        import->kind == WASM_FUNC) {
        *found =
            (struct wasm_extern){.kind = WASM_FUNC, .func = wasm_func_new(script->store, &import->func, print, NULL)};
        return found->func != NULL;
    }
    for (unsigned i = 0; i < PRINTS; i++) {
        if (is(import->name, import->name_length, prints[i].name)) {
            *found = script->spectest[i];
            return true;
        }
    }
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (is(import->name, import->name_length, others[i])) {
            *found = script->spectest[PRINTS + i];
            return true;
        }
    }
    return false;
}
