/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs need besides string.c, and the kernel does not. */
#include <stdint.h>
#include <str.h>

#include "opaque.h"

void *memchr(const void *where, int byte, size_t size)
{
    const unsigned char *at = where;

    for (; size > 0; at++, size--) {
        if (*at == (unsigned char)byte)
            return (void *)(uintptr_t)at;
        loop_opaque();
    }
    return NULL;
}

int strncmp(const char *left, const char *right, size_t limit)
{
    for (; limit > 0; left++, right++, limit--) {
        unsigned char a = (unsigned char)*left, b = (unsigned char)*right;
        if (a != b)
            return a < b ? -1 : 1;
        if (a == '\0')
            break;
        loop_opaque();
    }
    return 0;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, SIZE_MAX);
}

char *strchr(const char *text, int byte)
{
    for (;; text++) {
        if (*text == (char)byte)
            return (char *)(uintptr_t)text;
        if (*text == '\0')
            return NULL;
        loop_opaque();
    }
}

char *strrchr(const char *text, int byte)
{
    const char *last = NULL;

    for (;; text++) {
        if (*text == (char)byte)
            last = text;
        if (*text == '\0')
            return (char *)(uintptr_t)last;
        loop_opaque();
    }
}
