/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine needs, from a POSIX host. */
#ifndef WASM_HOST_HOOKS_H
#define WASM_HOST_HOOKS_H

#include <wasm.h>

/* Stateless; `now` is CLOCK_MONOTONIC. */
extern const struct wasm_hooks host_hooks;

#endif
