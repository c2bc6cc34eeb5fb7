/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A WebAssembly module as a process of the system: the runner's parts and what they share.
 *
 * The process holds capabilities; the module has those of them that were granted to it, under numbers of the runner's own
 * making.  It never sees a handle of the kernel, so that it cannot name what the runner holds for itself.
 */
#ifndef WASM_GUEST_H
#define WASM_GUEST_H

#include <mnos/object.h>
#include <stdbool.h>
#include <wasi_link.h>
#include <wasm.h>

/* --- hooks.c: memory charged to mnos_pool(), code mapped twice --- */

extern const struct wasm_hooks guest_hooks;

/* --- handles.c: what the module may name --- */

enum { HANDLES_MAX = 256 };

/* A number of 1 or more; 0: the table is full.  The capability is the table's from then on, unless `kept`. */
uint32_t handle_add(mnos_handle_t cap, bool kept);
/* MNOS_NONE: it names nothing. */
mnos_handle_t handle_cap(uint32_t number);
/* Deletes the capability, unless it is kept.  False: it names nothing. */
bool handle_drop(uint32_t number);
/* An initial capability of the process, by name, becomes the module's. */
bool handle_grant(const char *name);
/* All of them but those that are the runner's own. */
void handle_grant_all(void);
/* 0: none of that name was granted. */
uint32_t handle_find(const char *name, size_t length);

/* --- imports.c, messages.c, objects.c: the module "mnos", and env.host_print --- */

struct guest_import {
    const char *name;
    const char *type; /* as "iI>i": i for i32, I for i64 */
    wasm_host_fn function;
};

/* A resolver for everything that a module can import; `user` is a struct guest. */
bool guest_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found);

/* `length` bytes of the calling module's memory; NULL: they are not all inside. */
uint8_t *guest_bytes(struct wasm_host_call *call, uint64_t at, uint64_t length);
enum wasm_host_result guest_trap_bounds(struct wasm_host_call *call);

extern const struct guest_import message_imports[], object_imports[];
enum wasm_host_result host_print(void *user, struct wasm_host_call *call, const union wasm_value *arguments,
                                 union wasm_value *results);
bool host_print_granted(void);

/* --- backend.c, files.c: WASI on capabilities --- */

enum { GUEST_FDS = 64, GUEST_DIRS = 8 };

extern const struct wasi_backend guest_backend;
/* Where the standard streams lead: a console's endpoint, or MNOS_NONE for the kernel log. */
void streams_open(mnos_handle_t console);
void streams_flush(void);
uint16_t streams_write(wasi_handle stream, const struct wasi_span *from, size_t count, size_t *done);
void random_open(mnos_handle_t source);

/* Maps the boot package and reads its table.  False: there is none, or it is damaged. */
bool files_open(mnos_handle_t package);
/* A directory of the package, "" for its root; WASI_NO_HANDLE: there is no such one. */
wasi_handle files_directory(const char *path);
/* A regular file's bytes, in place; NULL: there is no such one. */
const uint8_t *files_bytes(const char *path, size_t *size);

/* --- run.c: one module, from its bytes to its exit status --- */

enum { STATUS_BAD = 2, STATUS_TRAP = 134 };

struct guest {
    const char *name; /* of the module, for messages */
    const uint8_t *bytes;
    size_t size;
    enum wasm_backend backend;
    uint64_t fuel, timeout_ms, memory_pages;
    const char *invoke; /* an export to be called with numbers, or NULL: _start */
    uint32_t arg_count;
    const char *const *args;
    uint32_t env_count;
    const char *const *env;
    bool random;
    uint32_t dir_count;
    struct {
        const char *guest, *path;
    } dirs[GUEST_DIRS];
    /* While it runs. */
    struct wasm_store *store;
    struct wasi_linker linker;
};

int guest_run(struct guest *guest);
/* Loads it and says on one line what is wrong with it; NULL: it was refused. */
struct wasm_module *guest_load(struct guest *guest, struct wasm_store **store);

/* --- call.c: --invoke --- */

/* Calls `func` with numbers as text and prints the call and its result.  False: they do not fit its type. */
bool call_with_text(const struct guest *guest, struct wasm_func *func, enum wasm_status *status);

/* --- show.c --- */

void show_module(const struct guest *guest, const struct wasm_module *module);
void show_code(const struct wasm_module *module);

#endif
