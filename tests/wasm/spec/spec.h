/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the specification-test runner share. */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include "json.h"
#include <wasm.h>

#define INSTANCES_MAX 512
#define NAMES_MAX     64

/* Modules of one script that can be named. */
struct spec_name {
    const char *name;
    bool registered; /* for imports, else a $name of the script */
    struct wasm_instance *instance;
};

/* One script being run. */
struct spec_script {
    const char *folder;
    const char *name;
    enum wasm_backend backend;
    struct wasm_store *store;
    struct wasm_instance *current; /* what an action without a module's name means */
    struct spec_name names[NAMES_MAX];
    unsigned name_count;
    struct wasm_extern spectest[16];
    uint8_t *blocks[INSTANCES_MAX * 8]; /* bytes of modules, alive as long as the store */
    unsigned block_count;
    char why[256]; /* of the command that failed */
};

/* --- values.c --- */

/* The value that {"type": ..., "value": ...} stands for; false: not understood. */
bool spec_value(const struct json *json, union wasm_value *out);
/* Whether a result is what is expected, NaN patterns included; `type` is the function's. */
bool spec_value_matches(const struct json *expected, uint8_t type, union wasm_value value);
void spec_value_print(char *to, size_t size, uint8_t type, union wasm_value value);

/* --- imports.c --- */

/* The module "spectest", which scripts import from. */
bool spec_imports_make(struct spec_script *script);
bool spec_imports_resolve(void *user, const struct wasm_entry *import, struct wasm_extern *found);

#endif
