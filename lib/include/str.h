/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and string functions with the names, types and meaning of ISO C <string.h> (C17, 7.24), for code that
 * has no libc.  The compiler itself calls memcpy, memmove, memset and memcmp, so that every freestanding image
 * links them.  On the host the declarations agree with the libc that serves them.
 *
 * Any context.  Nothing is allocated, no vector register is used.  Block moves are `rep movsq`/`rep stosq` with an
 * overlapping word for the tail: one counted instruction for eight bytes.
 */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
void *memchr(const void *where, int byte, size_t size);

size_t strlen(const char *text);
/* At most `limit`; reads no byte behind it. */
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t limit);
char *strchr(const char *text, int byte);
char *strrchr(const char *text, int byte);
