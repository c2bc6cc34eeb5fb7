/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tools/mkmanifest/toml.c */
/* Any bytes as a TOML document: refused with a line that it has, or a tree whose tables have no key twice. */
#include <stdlib.h>
#include <string.h>

#include "../../tools/mkmanifest/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void walk(const struct toml_value *v)
{
    if (v->kind == TOML_STRING)
        demand(strlen(v->string) < SIZE_MAX);
    if (v->kind != TOML_ARRAY && v->kind != TOML_TABLE)
        return;
    for (size_t i = 0; i < v->count; i++) {
        demand(v->kind == TOML_ARRAY || toml_get(v, v->keys[i]) == v->items[i]);
        walk(v->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct toml_document document;
    unsigned lines = 1;
    char *copy = malloc(size + !size);

    demand(copy != NULL);
    memcpy(copy, data, size);
    for (size_t i = 0; i < size; i++)
        lines += copy[i] == '\n';
    bool good = toml_parse(&document, copy, size);
    free(copy);
    if (good)
        walk(document.root);
    else
        demand(strlen(document.error) > 0 && document.error_line >= 1 && document.error_line <= lines);
    toml_free(&document);
    return 0;
}
