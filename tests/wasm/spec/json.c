/* SPDX-License-Identifier: BSD-2-Clause */
/* A recursive-descent reader of JSON. */
#include "json.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

struct reader {
    const char *text;
    size_t size, at;
    unsigned depth;
};

static struct json *value_read(struct reader *r);

static void *take(size_t size)
{
    void *block = calloc(1, size);

    if (block == NULL)
        abort();
    return block;
}

static int peek(struct reader *r)
{
    while (r->at < r->size && strchr(" \t\r\n", r->text[r->at]) != NULL && r->text[r->at] != 0)
        r->at++;
    return r->at < r->size ? (unsigned char)r->text[r->at] : -1;
}

static bool accept(struct reader *r, char c)
{
    if (peek(r) != (unsigned char)c)
        return false;
    r->at++;
    return true;
}

static bool hex4(struct reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        const char *digits = "0123456789abcdef";
        char c = r->at < r->size ? r->text[r->at] : 0;
        const char *hit = c == 0 ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
        if (hit == NULL)
            return false;
        *out = *out << 4 | (uint32_t)(hit - digits);
    }
    return true;
}

static size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Behind "\u". */
static bool unicode_read(struct reader *r, char *to, size_t *length)
{
    uint32_t c, low;

    if (!hex4(r, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00 && r->at + 1 < r->size && r->text[r->at] == '\\' && r->text[r->at + 1] == 'u') {
        r->at += 2;
        if (!hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
    }
    *length += utf8_put(to + *length, c);
    return true;
}

static bool escape_read(struct reader *r, char *to, size_t *length)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->size ? r->text[r->at++] : 0;
    const char *hit = c == 0 ? NULL : strchr(names, c);

    if (c == 'u')
        return unicode_read(r, to, length);
    if (hit == NULL)
        return false;
    to[(*length)++] = values[hit - names];
    return true;
}

static char *string_read(struct reader *r, size_t *length)
{
    const char *end;
    char *to;

    *length = 0;
    if (!accept(r, '"'))
        return NULL;
    /* What is decoded is never longer than what is written. */
    for (end = r->text + r->at; end < r->text + r->size && *end != '"'; end++)
        if (*end == '\\')
            end++;
    if (end >= r->text + r->size)
        return NULL;
    to = take((size_t)(end - (r->text + r->at)) + 4);
    while (r->at < r->size && r->text[r->at] != '"') {
        if (r->text[r->at] != '\\') {
            to[(*length)++] = r->text[r->at++];
            continue;
        }
        r->at++;
        if (!escape_read(r, to, length)) {
            free(to);
            return NULL;
        }
    }
    r->at++;
    to[*length] = 0;
    return to;
}

static struct json *word_read(struct reader *r)
{
    static const struct {
        const char *word;
        enum json_kind kind;
    } words[] = {{"null", JSON_NULL}, {"false", JSON_FALSE}, {"true", JSON_TRUE}};
    size_t length = 0;
    struct json *value;

    for (size_t i = 0; i < 3; i++) {
        length = strlen(words[i].word);
        if (r->size - r->at >= length && memcmp(r->text + r->at, words[i].word, length) == 0) {
            r->at += length;
            value = take(sizeof *value);
            value->kind = words[i].kind;
            return value;
        }
    }
    length = 0;
    while (r->at + length < r->size && r->text[r->at + length] != 0 &&
           strchr("+-.0123456789eE", r->text[r->at + length]) != NULL)
        length++;
    if (length == 0)
        return NULL;
    value = take(sizeof *value);
    value->kind = JSON_NUMBER;
    value->text = take(length + 1);
    value->length = length;
    memcpy(value->text, r->text + r->at, length);
    r->at += length;
    return value;
}

/* The elements of an array or the members of an object, up to the closing bracket. */
static bool elements_read(struct reader *r, struct json *into, char close)
{
    struct json **tail = &into->first;

    if (accept(r, close))
        return true;
    do {
        char *key = NULL;
        size_t length;
        if (close == '}') {
            peek(r);
            key = string_read(r, &length);
            if (key == NULL || !accept(r, ':')) {
                free(key);
                return false;
            }
        }
        *tail = value_read(r);
        if (*tail == NULL) {
            free(key);
            return false;
        }
        (*tail)->key = key;
        tail = &(*tail)->next;
    } while (accept(r, ','));
    return accept(r, close);
}

static struct json *value_read(struct reader *r)
{
    int c = peek(r);
    struct json *value;

    if (c != '[' && c != '{' && c != '"')
        return word_read(r);
    value = take(sizeof *value);
    if (c == '"') {
        value->kind = JSON_STRING;
        value->text = string_read(r, &value->length);
        if (value->text != NULL)
            return value;
    } else if (r->depth < DEPTH_MAX) {
        value->kind = c == '[' ? JSON_ARRAY : JSON_OBJECT;
        r->at++;
        r->depth++;
        if (elements_read(r, value, c == '[' ? ']' : '}')) {
            r->depth--;
            return value;
        }
    }
    json_free(value);
    return NULL;
}

struct json *json_parse(const char *text, size_t size, size_t *wrong)
{
    struct reader r = {.text = text, .size = size};
    struct json *value = value_read(&r);

    if (value != NULL && peek(&r) < 0)
        return value;
    json_free(value);
    *wrong = r.at;
    return NULL;
}

void json_free(struct json *value)
{
    while (value != NULL) {
        struct json *next = value->next;
        json_free(value->first);
        free(value->key);
        free(value->text);
        free(value);
        value = next;
    }
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (object == NULL || object->kind != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member != NULL; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}

const char *json_text(const struct json *object, const char *key, const char *otherwise)
{
    const struct json *member = json_get(object, key);

    return member != NULL && member->text != NULL ? member->text : otherwise;
}
