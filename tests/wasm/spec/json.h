/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader of JSON (RFC 8259) for what tools write: a whole document becomes a tree that lives until json_free.
 * Strings are decoded to UTF-8 and may hold NUL bytes; numbers are kept as their text.
 */
#ifndef SPEC_JSON_H
#define SPEC_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_kind kind;
    char *key;          /* of a member of an object, else NULL */
    char *text;         /* of a number or a string, NUL behind it */
    size_t length;      /* of text */
    struct json *first; /* of an array's elements or an object's members */
    struct json *next;  /* the following one in the same array or object */
};

/* NULL: no JSON; *wrong is the offset of the first byte that is wrong. */
struct json *json_parse(const char *text, size_t size, size_t *wrong);
void json_free(struct json *value);

/* The member of that name, or NULL; a NULL object has none. */
const struct json *json_get(const struct json *object, const char *key);
/* The text of a string or number member, or `otherwise`. */
const char *json_text(const struct json *object, const char *key, const char *otherwise);

#endif
