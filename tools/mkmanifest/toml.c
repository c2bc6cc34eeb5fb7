/* SPDX-License-Identifier: BSD-2-Clause */
#include "toml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64u

struct chunk {
    struct chunk *next;
    max_align_t bytes[];
};

struct parser {
    struct toml_document *document;
    const char *at, *end;
    unsigned line, depth;
    jmp_buf failed;
};

static void *take(struct parser *p, size_t size)
{
    struct chunk *chunk = calloc(1, sizeof *chunk + size);

    if (!chunk)
        abort();
    chunk->next = p->document->chunks;
    p->document->chunks = chunk;
    return chunk->bytes;
}

__attribute__((format(printf, 2, 3))) static _Noreturn void fail(struct parser *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(p->document->error, sizeof p->document->error, format, args);
    va_end(args);
    p->document->error_line = p->line;
    longjmp(p->failed, 1);
}

/* ---- Characters ---- */

static int peek(const struct parser *p)
{
    return p->at < p->end ? (unsigned char)*p->at : -1;
}

static bool looking_at(const struct parser *p, const char *text)
{
    size_t length = strlen(text);

    return (size_t)(p->end - p->at) >= length && memcmp(p->at, text, length) == 0;
}

static bool accept(struct parser *p, char c)
{
    if (peek(p) != (unsigned char)c)
        return false;
    p->at++;
    return true;
}

static const char *shown(int c)
{
    static char text[16];

    if (c < 0)
        return "the end of the file";
    if (c == '\n' || c == '\r')
        return "the end of the line";
    snprintf(text, sizeof text, c > ' ' && c < 127 ? "'%c'" : "byte 0x%02x", (unsigned)c);
    return text;
}

static void expect(struct parser *p, char c, const char *where)
{
    if (!accept(p, c))
        fail(p, "expected '%c' %s, found %s", c, where, shown(peek(p)));
}

/* Length of the well-formed UTF-8 sequence at `at`; 0: there is none (Unicode 15, table 3-7). */
static unsigned utf8_length(const char *at, const char *end)
{
    const unsigned char *b = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    unsigned length = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

    if (length == 0 || length > left)
        return 0;
    for (unsigned i = 1; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf0 && b[1] < 0x90) ||
        (b[0] == 0xf4 && b[1] > 0x8f))
        return 0;
    return length;
}

static void blanks_skip(struct parser *p)
{
    while (peek(p) == ' ' || peek(p) == '\t')
        p->at++;
}

static void comment_skip(struct parser *p)
{
    if (!accept(p, '#'))
        return;
    while (peek(p) >= 0 && peek(p) != '\n' && !looking_at(p, "\r\n")) {
        if ((peek(p) < ' ' && peek(p) != '\t') || peek(p) == 127)
            fail(p, "a comment has the control character 0x%02x", (unsigned)peek(p));
        p->at++;
    }
}

static bool newline(struct parser *p)
{
    if (looking_at(p, "\r\n"))
        p->at++;
    if (!accept(p, '\n'))
        return false;
    p->line++;
    return true;
}

static void line_end(struct parser *p)
{
    blanks_skip(p);
    comment_skip(p);
    if (peek(p) >= 0 && !newline(p))
        fail(p, "expected the end of the line, found %s", shown(peek(p)));
}

/* Blanks, comments and line ends, as arrays allow them. */
static void space_skip(struct parser *p)
{
    do {
        blanks_skip(p);
        comment_skip(p);
    } while (newline(p));
}

/* ---- Values ---- */

static struct toml_value *value_make(struct parser *p, enum toml_kind kind)
{
    struct toml_value *v = take(p, sizeof *v);

    v->kind = kind;
    v->line = p->line;
    return v;
}

static void item_add(struct parser *p, struct toml_value *to, const char *key, struct toml_value *item)
{
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 8;
        struct toml_value **items = take(p, room * sizeof *items);
        const char **keys = take(p, room * sizeof *keys);
        for (size_t i = 0; i < to->count; i++) {
            items[i] = to->items[i];
            keys[i] = to->keys[i];
        }
        to->items = items;
        to->keys = keys;
        to->room = room;
    }
    to->keys[to->count] = key;
    to->items[to->count++] = item;
}

const struct toml_value *toml_get(const struct toml_value *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->keys[i], key) == 0)
            return table->items[i];
    return NULL;
}

static struct toml_value *member(const struct toml_value *table, const char *key)
{
    return (struct toml_value *)toml_get(table, key);
}

static unsigned hex_read(struct parser *p, unsigned digits)
{
    unsigned value = 0;

    for (unsigned i = 0; i < digits; i++) {
        int c = peek(p);
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)c - '0'
                         : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10
                                                : 16;
        if (digit == 16)
            fail(p, "an escape needs %u hexadecimal digits, found %s", digits, shown(c));
        value = value << 4 | digit;
        p->at++;
    }
    return value;
}

static char *utf8_write(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    unsigned following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(lead[following] | code >> (6 * following));
    while (following-- > 0)
        *out++ = (char)(0x80 | (code >> (6 * following) & 0x3f));
    return out;
}

static char *escape_read(struct parser *p, char *out)
{
    static const char names[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
    int c = peek(p);
    const char *found = c > 0 ? strchr(names, c) : NULL;

    p->at += c >= 0;
    if (found) {
        *out = meanings[found - names];
        return out + 1;
    }
    if (c != 'u' && c != 'U')
        fail(p, "there is no escape \\%c", c > ' ' && c < 127 ? c : '?');
    unsigned code = hex_read(p, c == 'u' ? 4 : 8);
    if (code == 0)
        fail(p, "a NUL in a string is not supported");
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        fail(p, "there is no character U+%04X", code);
    return utf8_write(out, code);
}

/* The quote is next. */
static const char *string_read(struct parser *p)
{
    char quote = *p->at;
    const char triple[] = {quote, quote, quote, '\0'};

    if (looking_at(p, triple))
        fail(p, "multi-line strings are not supported");
    p->at++;
    const char *limit = memchr(p->at, '\n', (size_t)(p->end - p->at));
    char *text = take(p, (size_t)((limit ? limit : p->end) - p->at) + 1), *out = text;
    while (!accept(p, quote)) {
        int c = peek(p);
        if (c < 0 || c == '\n' || c == '\r')
            fail(p, "a string has no end");
        if ((c < ' ' && c != '\t') || c == 127)
            fail(p, "a string has the control character 0x%02x", (unsigned)c);
        p->at++;
        if (c == '\\' && quote == '"')
            out = escape_read(p, out);
        else
            *out++ = (char)c;
    }
    *out = '\0';
    return text;
}

static bool bare(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static const char *key_read(struct parser *p)
{
    if (peek(p) == '"' || peek(p) == '\'')
        return string_read(p);
    const char *start = p->at;
    while (bare(peek(p)))
        p->at++;
    if (p->at == start)
        fail(p, "expected a key, found %s", shown(peek(p)));
    char *key = take(p, (size_t)(p->at - start) + 1);
    memcpy(key, start, (size_t)(p->at - start));
    return key;
}

static struct toml_value *integer_read(struct parser *p)
{
    struct toml_value *v = value_make(p, TOML_INTEGER);
    const char *start = p->at;
    bool negative = peek(p) == '-', sign = negative || peek(p) == '+';
    unsigned base = 10;

    p->at += sign;
    if (!sign && (looking_at(p, "0x") || looking_at(p, "0o") || looking_at(p, "0b"))) {
        base = p->at[1] == 'x' ? 16 : p->at[1] == 'o' ? 8 : 2;
        p->at += 2;
    }
    const char *digits = p->at;
    uint64_t value = 0, limit = negative ? (uint64_t)1 << 63 : INT64_MAX;
    bool digit_before = false;
    for (;; p->at++) {
        int c = peek(p);
        if (c == '_' && digit_before) {
            digit_before = false;
            continue;
        }
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)c - '0'
                         : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10
                                                : 99;
        if (digit >= base)
            break;
        if (value > (limit - digit) / base)
            fail(p, "a number is too large");
        value = value * base + digit;
        digit_before = true;
    }
    if (!digit_before)
        fail(p, "'%.*s' is no number", (int)(p->at - start) + 1 < 16 ? (int)(p->at - start) : 16, start);
    if (base == 10 && *digits == '0' && p->at - digits > 1)
        fail(p, "a number begins with 0");
    int next = peek(p);
    if (next == '.' || next == 'e' || next == 'E')
        fail(p, "floats are not supported");
    if (base == 10 && !sign && (next == '-' || next == ':'))
        fail(p, "dates and times are not supported");
    if (bare(next))
        fail(p, "a number is followed by %s", shown(next));
    v->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
    return v;
}

static struct toml_value *value_read(struct parser *p);
static void pair_read(struct parser *p, struct toml_value *table);

static struct toml_value *array_read(struct parser *p)
{
    struct toml_value *array = value_make(p, TOML_ARRAY);

    p->at++;
    for (;;) {
        space_skip(p);
        if (accept(p, ']'))
            return array;
        item_add(p, array, NULL, value_read(p));
        space_skip(p);
        if (accept(p, ']'))
            return array;
        expect(p, ',', "between the values of an array");
    }
}

static void closed_mark(struct toml_value *v)
{
    v->closed = true;
    for (size_t i = 0; i < v->count; i++)
        if (v->items[i]->kind == TOML_TABLE && !v->items[i]->closed)
            closed_mark(v->items[i]);
}

static struct toml_value *inline_read(struct parser *p)
{
    struct toml_value *table = value_make(p, TOML_TABLE);

    p->at++;
    blanks_skip(p);
    while (!accept(p, '}')) {
        pair_read(p, table);
        blanks_skip(p);
        if (accept(p, '}'))
            break;
        expect(p, ',', "between the pairs of an inline table");
        blanks_skip(p);
        if (peek(p) == '}')
            fail(p, "an inline table ends with a comma");
    }
    closed_mark(table);
    return table;
}

static struct toml_value *word_read(struct parser *p)
{
    struct toml_value *v = value_make(p, TOML_BOOLEAN);

    v->boolean = looking_at(p, "true");
    if (looking_at(p, "inf") || looking_at(p, "nan"))
        fail(p, "floats are not supported");
    if (!v->boolean && !looking_at(p, "false"))
        fail(p, "expected a value, found %s", shown(peek(p)));
    p->at += v->boolean ? 4 : 5;
    if (bare(peek(p)))
        fail(p, "a value is followed by %s", shown(peek(p)));
    return v;
}

static struct toml_value *value_read(struct parser *p)
{
    struct toml_value *v;
    int c = peek(p);

    if (++p->depth > DEPTH_MAX)
        fail(p, "values are nested too deeply");
    if (c == '"' || c == '\'') {
        v = value_make(p, TOML_STRING);
        v->string = string_read(p);
    } else if (c == '[') {
        v = array_read(p);
    } else if (c == '{') {
        v = inline_read(p);
    } else if (c == '+' || c == '-' || (c >= '0' && c <= '9')) {
        v = integer_read(p);
    } else {
        v = word_read(p);
    }
    p->depth--;
    return v;
}

/* ---- Keys and tables ---- */

/* key.key.key = value, into `table`. */
static void pair_read(struct parser *p, struct toml_value *table)
{
    const char *key = key_read(p);

    for (unsigned parts = 1;; parts++) {
        blanks_skip(p);
        if (!accept(p, '.'))
            break;
        if (parts > DEPTH_MAX)
            fail(p, "a key has too many parts");
        struct toml_value *inner = member(table, key);
        if (!inner) {
            inner = value_make(p, TOML_TABLE);
            inner->dotted = true;
            item_add(p, table, key, inner);
        } else if (inner->kind != TOML_TABLE || !inner->dotted || inner->closed) {
            fail(p, "'%s' cannot be added to", key);
        }
        table = inner;
        blanks_skip(p);
        key = key_read(p);
    }
    expect(p, '=', "behind a key");
    blanks_skip(p);
    if (member(table, key))
        fail(p, "'%s' is given twice", key);
    struct toml_value *value = value_read(p);
    item_add(p, table, key, value);
}

/* One step of a header's path, which may go into the last table of an array. */
static struct toml_value *step(struct parser *p, struct toml_value *table, const char *key)
{
    struct toml_value *next = member(table, key);

    if (!next) {
        next = value_make(p, TOML_TABLE);
        item_add(p, table, key, next);
    }
    if (next->kind == TOML_ARRAY && next->of_tables)
        next = next->items[next->count - 1];
    if (next->kind != TOML_TABLE || next->closed)
        fail(p, "'%s' cannot be added to", key);
    return next;
}

static struct toml_value *table_open(struct parser *p, struct toml_value *table, const char *key)
{
    struct toml_value *found = member(table, key);

    if (!found) {
        found = value_make(p, TOML_TABLE);
        item_add(p, table, key, found);
    } else if (found->kind != TOML_TABLE || found->closed || found->headed || found->dotted) {
        fail(p, "'%s' is given twice", key);
    }
    found->headed = true;
    found->line = p->line;
    return found;
}

static struct toml_value *array_table_open(struct parser *p, struct toml_value *table, const char *key)
{
    struct toml_value *array = member(table, key);

    if (!array) {
        array = value_make(p, TOML_ARRAY);
        array->of_tables = true;
        item_add(p, table, key, array);
    } else if (array->kind != TOML_ARRAY || !array->of_tables) {
        fail(p, "'%s' is no array of tables", key);
    }
    struct toml_value *element = value_make(p, TOML_TABLE);
    element->headed = true;
    item_add(p, array, NULL, element);
    return element;
}

static struct toml_value *header_read(struct parser *p)
{
    struct toml_value *table = p->document->root;
    bool array = looking_at(p, "[[");

    p->at += array ? 2 : 1;
    for (unsigned parts = 1;; parts++) {
        blanks_skip(p);
        const char *key = key_read(p);
        blanks_skip(p);
        if (parts > DEPTH_MAX)
            fail(p, "a header has too many parts");
        if (accept(p, '.')) {
            table = step(p, table, key);
            continue;
        }
        expect(p, ']', "behind a header");
        if (array)
            expect(p, ']', "behind a header of an array of tables");
        return array ? array_table_open(p, table, key) : table_open(p, table, key);
    }
}

static void document_read(struct parser *p)
{
    struct toml_value *table = p->document->root;

    for (const char *at = p->at; at < p->end;) {
        unsigned length = utf8_length(at, p->end);
        p->line += *at == '\n';
        if (length == 0)
            fail(p, "the text is not UTF-8");
        at += length;
    }
    p->line = 1;
    if (looking_at(p, "\xef\xbb\xbf"))
        fail(p, "a byte order mark is not supported");
    while (p->at < p->end) {
        blanks_skip(p);
        if (peek(p) == '[')
            table = header_read(p);
        else if (peek(p) >= 0 && peek(p) != '\n' && peek(p) != '\r' && peek(p) != '#')
            pair_read(p, table);
        line_end(p);
    }
}

bool toml_parse(struct toml_document *document, const char *text, size_t size)
{
    struct parser p = {.document = document, .at = text, .end = text + size, .line = 1};

    *document = (struct toml_document){0};
    document->root = value_make(&p, TOML_TABLE);
    if (setjmp(p.failed) != 0) {
        document->root = NULL;
        return false;
    }
    document_read(&p);
    return true;
}

void toml_free(struct toml_document *document)
{
    struct chunk *chunk = document->chunks;

    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *document = (struct toml_document){0};
}

const char *toml_kind_name(enum toml_kind kind)
{
    static const char *const names[] = {"a string", "an integer", "a boolean", "an array", "a table"};

    return names[kind];
}
