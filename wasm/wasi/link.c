/* SPDX-License-Identifier: BSD-2-Clause */
/* From the engine's host calls to WASI's. */
#include "internal.h"
#include <wasi_link.h>

#define PARAMS_MAX 9

static const char module_name[] = "wasi_snapshot_preview1";

void wasi_linker_init(struct wasi_linker *linker, struct wasi *wasi, struct wasm_store *store)
{
    memset(linker, 0, sizeof *linker);
    linker->wasi = wasi;
    linker->store = store;
}

static enum wasm_host_result import_call(void *user, struct wasm_host_call *host, const union wasm_value *arguments,
                                         union wasm_value *results)
{
    const struct wasi_import *import = user;
    struct wasm_memory *memory = host->caller == NULL ? NULL : wasm_instance_memory(host->caller);
    uint64_t values[PARAMS_MAX] = {0};
    struct wasi_call call = {.wasi = import->wasi, .arguments = values};
    uint16_t error;

    if (memory != NULL) {
        call.size = wasm_memory_size(memory);
        call.memory = wasm_memory_at(memory, 0, call.size);
    }
    for (uint32_t i = 0; import->function->params[i] != 0; i++)
        values[i] = import->function->params[i] == 'I' ? arguments[i].i64 : arguments[i].i32;
    error = import->function->call(&call);
    if (import->wasi->exited) {
        host->exit_status = (int32_t)import->wasi->exit_code;
        return WASM_HOST_EXIT;
    }
    results[0].i32 = error;
    return WASM_HOST_OK;
}

static struct wasm_func *import_make(struct wasi_linker *linker, struct wasi_import *import)
{
    uint8_t types[PARAMS_MAX + 1];
    struct wasm_func_type type = {.types = types, .results = import->function->call == wasi_proc_exit ? 0 : 1};

    for (; import->function->params[type.params] != 0; type.params++)
        types[type.params] = import->function->params[type.params] == 'I' ? WASM_I64 : WASM_I32;
    types[type.params] = WASM_I32;
    return wasm_func_new(linker->store, &type, import_call, import);
}

bool wasi_resolve(void *user, const struct wasm_entry *entry, struct wasm_extern *found)
{
    struct wasi_linker *linker = user;
    const struct wasi_function *function;
    struct wasi_import *import;

    if (entry->kind != WASM_FUNC || entry->module_length != sizeof module_name - 1 ||
        memcmp(entry->module, module_name, entry->module_length) != 0)
        return false;
    function = wasi_function_find(entry->name, entry->name_length);
    if (function == NULL)
        return false;
    import = &linker->imports[function - wasi_functions];
    if (import->func == NULL) {
        import->wasi = linker->wasi;
        import->function = function;
        import->func = import_make(linker, import);
    }
    *found = (struct wasm_extern){.kind = WASM_FUNC, .func = import->func};
    return import->func != NULL;
}
