/* SPDX-License-Identifier: BSD-2-Clause */
/* One module from its bytes to its exit status: WASI's configuration, linking, the call, and how it ended in words. */
#include "guest.h"

#include <libmnos/clock.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <str.h>

enum { STACK_BYTES = 256 * 1024 };

static struct wasi_fd fds[GUEST_FDS];
static struct wasi process;

static int bad(const struct guest *guest, const struct wasm_error *error)
{
    if (error->offset != WASM_NO_OFFSET)
        printf("wasm: %s: offset 0x%zx: %s\n", guest->name, error->offset, error->text);
    else
        printf("wasm: %s: %s\n", guest->name, error->text);
    return STATUS_BAD;
}

static int trapped(const struct guest *guest)
{
    struct wasm_trap_info info = wasm_store_trap(guest->store);

    if (info.offset != WASM_NO_OFFSET)
        printf("wasm: %s: trap: %s (function %u, offset 0x%zx)\n", guest->name, info.text, info.function, info.offset);
    else
        printf("wasm: %s: trap: %s\n", guest->name, info.text);
    return STATUS_TRAP;
}

static int finish(const struct guest *guest, enum wasm_status status, const struct wasm_error *error)
{
    switch (status) {
    case WASM_OK:
        return 0;
    case WASM_EXITED:
        return wasm_store_exit_status(guest->store);
    case WASM_TRAPPED:
        return trapped(guest);
    default:
        return bad(guest, error);
    }
}

/* The three streams stand first, also those that lead nowhere, so that directories begin with number 3. */
static bool streams_grant(void)
{
    for (int i = 0; i < 3; i++) {
        uint64_t right = i == 0 ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE;
        uint32_t fd;
        if (wasi_grant(&process, i, WASI_TYPE_CHARACTER,
                       right | WASI_RIGHT_FD_FILESTAT_GET | WASI_RIGHT_POLL_FD_READWRITE, 0, NULL, &fd) != WASI_OK)
            return false;
    }
    return true;
}

static bool directories_grant(const struct guest *guest)
{
    for (uint32_t i = 0; i < guest->dir_count; i++) {
        wasi_handle dir = files_directory(guest->dirs[i].path);
        uint32_t fd;
        if (dir == WASI_NO_HANDLE) {
            printf("wasm: the boot package has no directory '%s'\n", guest->dirs[i].path);
            return false;
        }
        if (wasi_grant(&process, dir, WASI_TYPE_DIRECTORY, WASI_RIGHTS_ALL, WASI_RIGHTS_ALL, guest->dirs[i].guest,
                       &fd) != WASI_OK)
            return false;
    }
    return true;
}

static bool is_entry(const struct wasm_extern *found)
{
    if (found->kind != WASM_FUNC || found->func == NULL)
        return false;
    struct wasm_func_type type = wasm_func_type(found->func);
    return type.params == 0 && type.results == 0;
}

/* A command has _start, a library of functions _initialize. */
static int start(const struct guest *guest, struct wasm_instance *instance)
{
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "exports no function _start"};
    struct wasm_extern entry = wasm_instance_export(instance, "_start", 6);

    if (!is_entry(&entry))
        entry = wasm_instance_export(instance, "_initialize", 11);
    if (!is_entry(&entry))
        return bad(guest, &error);
    return finish(guest, wasm_func_call(entry.func, NULL, 0, NULL, 0), &error);
}

static int invoke(const struct guest *guest, struct wasm_instance *instance)
{
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "exports no function of that name"};
    struct wasm_extern found = wasm_instance_export(instance, guest->invoke, strlen(guest->invoke));
    enum wasm_status status;

    if (found.kind != WASM_FUNC || found.func == NULL)
        return bad(guest, &error);
    if (!call_with_text(guest, found.func, &status))
        return STATUS_BAD;
    return finish(guest, status, &error);
}

struct wasm_module *guest_load(struct guest *guest, struct wasm_store **store)
{
    struct wasm_limits limits = {.stack_bytes = STACK_BYTES, .memory_pages = guest->memory_pages};
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "out of memory"};
    struct wasm_module *module = NULL;

    if (wasm_store_new(&guest_hooks, &limits, store) != WASM_OK ||
        wasm_module_load(*store, guest->bytes, guest->size, guest->backend, &module, &error) != WASM_OK) {
        (void)bad(guest, &error);
        return NULL;
    }
    return module;
}

static int instance_run(struct guest *guest, struct wasm_module *module)
{
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "out of memory"};
    struct wasm_instance *instance;

    wasi_linker_init(&guest->linker, &process, guest->store);
    wasm_store_set_fuel(guest->store, guest->fuel);
    if (guest->timeout_ms != 0)
        wasm_store_set_deadline(guest->store, clock_ns() + guest->timeout_ms * MNOS_MS);
    enum wasm_status status = wasm_instance_new(module, guest_resolve, guest, &instance, &error);
    if (status != WASM_OK)
        return finish(guest, status, &error);
    return guest->invoke != NULL ? invoke(guest, instance) : start(guest, instance);
}

int guest_run(struct guest *guest)
{
    struct wasm_module *module = guest_load(guest, &guest->store);

    if (module == NULL)
        return STATUS_BAD;
    wasi_init(&process, &(struct wasi_config){
                            .backend = &guest_backend,
                            .fds = fds,
                            .fd_count = GUEST_FDS,
                            .arg_count = guest->arg_count,
                            .args = guest->args,
                            .env_count = guest->env_count,
                            .env = guest->env,
                            .clocks = 1u << WASI_CLOCK_REALTIME | 1u << WASI_CLOCK_MONOTONIC,
                            .random = guest->random,
                        });
    if (!streams_grant() || !directories_grant(guest))
        return STATUS_BAD;
    int status = instance_run(guest, module);
    wasi_close_all(&process);
    streams_flush();
    wasm_store_free(guest->store);
    return status;
}
