/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages, and the program's own address space.  Thread-safe.
 *
 * libmnos hands out [MNOS_VA_BASE, MNOS_VA_END); a program may map what it likes outside.  Behind every range that is
 * handed out lies an unmapped page, so that running over the end faults.
 */
#ifndef LIBMNOS_PAGE_H
#define LIBMNOS_PAGE_H

#include <mnos/errors.h>
#include <mnos/memory.h>
#include <mnos/object.h>
#include <stdbool.h>
#include <stddef.h>

#define MNOS_VA_BASE 0x40000000ull
#define MNOS_VA_END  0x400000000000ull

/* `count` zeroed pages, charged to mnos_pool().  NULL: *error (may be NULL) tells why; nothing was taken. */
void *alloc_pages(size_t count, enum mnos_error *error);
/* As above, at a multiple of `align` bytes (a power of two, at least a page). */
void *alloc_pages_aligned(size_t count, size_t align, enum mnos_error *error);
/* Exactly what alloc_pages returned, with the same count.  NULL is allowed. */
void free_pages(void *pages, size_t count);

/* An address range without memory behind it. */
void *va_reserve(size_t bytes, size_t align);
void va_release(void *start, size_t bytes);

/* Maps [offset, offset + bytes) of a Memory somewhere; flags MNOS_MAP_*.  Unmap with unmap_memory. */
void *map_memory(mnos_handle_t memory, size_t offset, size_t bytes, uint64_t flags, enum mnos_error *error);
void unmap_memory(void *start, size_t bytes);

#endif
