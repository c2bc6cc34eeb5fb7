/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of all calls. */
#include "internal.h"

#define ENTRY(name, params) {#name, params, wasi_##name},

const struct wasi_function wasi_functions[] = {WASI_CALLS(ENTRY)};
const uint32_t wasi_function_count = sizeof wasi_functions / sizeof wasi_functions[0];

const struct wasi_function *wasi_function_find(const char *name, size_t length)
{
    uint32_t low = 0, high = wasi_function_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct wasi_function *f = &wasi_functions[middle];
        int order = strncmp(f->name, name, length);
        if (order == 0)
            order = f->name[length] == 0 ? 0 : 1;
        if (order == 0)
            return f;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
