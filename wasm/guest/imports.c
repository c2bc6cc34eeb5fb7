/* SPDX-License-Identifier: BSD-2-Clause */
/* Which imports there are: WASI, the capabilities, and host_print for whoever holds the ports of the serial line. */
#include "guest.h"

#include <str.h>

enum { TYPE_MOST = 12, FUNCS_MOST = 32 };

static bool is(const char *text, uint32_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

uint8_t *guest_bytes(struct wasm_host_call *call, uint64_t at, uint64_t length)
{
    struct wasm_memory *memory = call->caller == NULL ? NULL : wasm_instance_memory(call->caller);

    return memory == NULL ? NULL : wasm_memory_at(memory, at, length);
}

enum wasm_host_result guest_trap_bounds(struct wasm_host_call *call)
{
    call->trap_text = "out of bounds memory access";
    return WASM_HOST_TRAP;
}

/* "iI>i" */
static struct wasm_func *func_make(struct wasm_store *store, const struct guest_import *import)
{
    uint8_t types[TYPE_MOST];
    struct wasm_func_type type = {.types = types};
    uint32_t count = 0;
    bool results = false;

    for (const char *c = import->type; *c != '\0'; c++) {
        if (*c == '>') {
            results = true;
            continue;
        }
        types[count++] = *c == 'i' ? WASM_I32 : WASM_I64;
        if (results)
            type.results++;
        else
            type.params++;
    }
    return wasm_func_new(store, &type, import->function, NULL);
}

static bool found_in(struct guest *guest, const struct guest_import *imports, const struct wasm_entry *entry,
                     struct wasm_extern *found)
{
    for (; imports->name != NULL; imports++) {
        if (!is(entry->name, entry->name_length, imports->name))
            continue;
        *found = (struct wasm_extern){.kind = WASM_FUNC, .func = func_make(guest->store, imports)};
        return found->func != NULL;
    }
    return false;
}

bool guest_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found)
{
    static const struct guest_import print = {"host_print", "ii>", host_print};
    struct guest *guest = user;

    if (import->kind != WASM_FUNC)
        return false;
    if (is(import->module, import->module_length, "mnos"))
        return found_in(guest, message_imports, import, found) || found_in(guest, object_imports, import, found);
    if (is(import->module, import->module_length, "env") && is(import->name, import->name_length, print.name) &&
        host_print_granted()) {
        *found = (struct wasm_extern){.kind = WASM_FUNC, .func = func_make(guest->store, &print)};
        return found->func != NULL;
    }
    return wasi_resolve(&guest->linker, import, found);
}
