/* SPDX-License-Identifier: BSD-2-Clause */
/* Gives the calls of wasi.h to modules of the engine, as imports from "wasi_snapshot_preview1". */
#ifndef WASI_LINK_H
#define WASI_LINK_H

#include <wasi.h>
#include <wasm.h>

#define WASI_CALLS_MAX 64

/* One a store and process; lives as long as the store. */
struct wasi_linker {
    struct wasi *wasi;
    struct wasm_store *store;
    struct wasi_import {
        struct wasi *wasi;
        const struct wasi_function *function;
        struct wasm_func *func; /* made when it is first asked for */
    } imports[WASI_CALLS_MAX];
};

void wasi_linker_init(struct wasi_linker *linker, struct wasi *wasi, struct wasm_store *store);

/* A wasm_resolver; `user` is the linker.  Calls are made on the first memory of the calling instance. */
bool wasi_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found);

#endif
