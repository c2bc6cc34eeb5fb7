/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap without its lock: pages come through two functions, damage is told to a third, so that the host can test it.
 */
#ifndef LIBMNOS_HEAP_CORE_H
#define LIBMNOS_HEAP_CORE_H

#include <libmnos/heap.h>

#define HEAP_CHUNK 16384u /* also the alignment of everything that `take` gives */

struct heap_ops {
    void *(*take)(size_t bytes); /* a multiple of 4096, at a multiple of HEAP_CHUNK, zeroed; NULL: no memory */
    void (*give)(void *start, size_t bytes);
    void (*damage)(const char *what, const void *where); /* does not return */
};

struct heap_chunk;

#define HEAP_CLASSES 16

struct heap {
    const struct heap_ops *ops;
    struct heap_chunk *partial[HEAP_CLASSES]; /* chunks with free objects, by size */
    struct heap_chunk *all;
    struct heap_stats stats;
};

/* Usable size of what heap_alloc returned. */
size_t heap_usable(struct heap *heap, void *pointer);
void *heap_alloc(struct heap *heap, size_t size);
void heap_free(struct heap *heap, void *pointer);
void heap_verify(struct heap *heap);

#endif
