/* SPDX-License-Identifier: BSD-2-Clause */
/* Names in C. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* No name of anything in C. */
static const char *const keywords[] = {
    "auto",   "break",    "case",     "char",   "const",    "continue", "default", "do",     "double",
    "else",   "enum",     "extern",   "float",  "for",      "goto",     "if",      "inline", "int",
    "long",   "register", "restrict", "return", "short",    "signed",   "sizeof",  "static", "struct",
    "switch", "typedef",  "union",    "void",   "unsigned", "volatile", "while",   "bool",
};

/* No parameter's either: generated functions have variables of these names. */
static const char *const variables[] = {
    "in", "out", "msg", "ext", "self", "badge", "service", "answer", "status", "server", "deadline", "attempt",
};

void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("capnpc-mnos: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static bool is_one_of(const char *name, const char *const list[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

void name_member(const char *from, char to[NAME_ROOM])
{
    size_t length = 0;

    for (size_t i = 0; from[i]; i++) {
        bool starts = isupper((unsigned char)from[i]) && i > 0 &&
                      (!isupper((unsigned char)from[i - 1]) || islower((unsigned char)from[i + 1]));
        if (length + 8 >= NAME_ROOM) /* with what may be put behind it */
            refuse("the name '%s' is too long", from);
        if (starts)
            to[length++] = '_';
        to[length++] = (char)tolower((unsigned char)from[i]);
    }
    to[length] = '\0';
    if (is_one_of(to, keywords, sizeof keywords / sizeof keywords[0]))
        strcat(to, "_");
}

void name_snake(const char *from, char to[NAME_ROOM])
{
    name_member(from, to);
    if (is_one_of(to, variables, sizeof variables / sizeof variables[0]))
        strcat(to, "_");
}

void name_upper(const char *from, char to[NAME_ROOM])
{
    size_t i = 0;

    for (; from[i] && i + 1 < NAME_ROOM; i++)
        to[i] = (char)toupper((unsigned char)from[i]);
    to[i] = '\0';
}

void node_c_name(const struct capnp_struct *node, char name[NAME_ROOM])
{
    const char *prefix = schema_text(node, NODE_ANNOTATIONS, "prefix", NULL);

    if (prefix)
        snprintf(name, NAME_ROOM, "%s", prefix);
    else
        name_snake(schema_name(node), name);
}
