/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of TOML 1.0 (toml.io/en/v1.0.0) without what system descriptions do not need: floats, dates and multi-line
 * strings are refused by name.  All else is read as the standard says, duplicate keys and reopened tables included.
 *
 * A document owns all that its values point to.
 */
#ifndef MKMANIFEST_TOML_H
#define MKMANIFEST_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toml_kind { TOML_STRING, TOML_INTEGER, TOML_BOOLEAN, TOML_ARRAY, TOML_TABLE };

struct toml_value {
    enum toml_kind kind;
    unsigned line;
    const char *string; /* UTF-8 without a NUL inside */
    int64_t integer;
    bool boolean;
    struct toml_value **items; /* arrays and tables */
    const char **keys;         /* tables: of each item */
    size_t count, room;
    /* What may still be added to it, by whom. */
    bool closed;    /* inline: nothing */
    bool headed;    /* had a [header] of its own */
    bool dotted;    /* made by dotted keys */
    bool of_tables; /* array: made by [[headers]] */
};

struct toml_document {
    struct toml_value *root; /* a table; NULL after an error */
    unsigned error_line;
    char error[160];
    void *chunks;
};

/* False: error_line and error tell why. */
bool toml_parse(struct toml_document *document, const char *text, size_t size);
void toml_free(struct toml_document *document);
/* The value of a key, or NULL. */
const struct toml_value *toml_get(const struct toml_value *table, const char *key);
const char *toml_kind_name(enum toml_kind kind);

#endif
