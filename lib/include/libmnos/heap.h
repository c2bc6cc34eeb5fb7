/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap: malloc and its relatives with the meaning of ISO C, over pages charged to mnos_pool().  Thread-safe.
 *
 * Small requests come from 16 KiB chunks of one size each, which are given back when empty; large ones have pages of
 * their own.  A pointer that was not handed out, or is freed twice, and a damaged chunk end the process with a sentence
 * (heap_check finds damage at any time).
 */
#ifndef LIBMNOS_HEAP_H
#define LIBMNOS_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* 16-byte aligned; NULL: no memory.  A request for 0 bytes gives a pointer of its own. */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *pointer);

struct heap_stats {
    uint64_t objects; /* handed out */
    uint64_t bytes;   /* that they may use */
    uint64_t pages;   /* taken from the kernel */
};
void heap_stats(struct heap_stats *out);
/* Walks all of it; ends the process with a sentence on damage. */
void heap_check(void);

#endif
