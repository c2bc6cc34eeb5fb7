/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <libmnos/sync.h>
#include <str.h>

#include "heap_core.h"

static void *pages_take(size_t bytes)
{
    return alloc_pages_aligned(bytes / MNOS_PAGE_SIZE, HEAP_CHUNK, NULL);
}

static void pages_give(void *start, size_t bytes)
{
    free_pages(start, bytes / MNOS_PAGE_SIZE);
}

static struct mnos_mutex lock;

static void heap_damage(const char *what, const void *where)
{
    mnos_panic("heap: %p %s", where, what);
}

static const struct heap_ops ops = {pages_take, pages_give, heap_damage};
static struct heap heap = {.ops = &ops};

void *malloc(size_t size)
{
    mutex_lock(&lock);
    void *pointer = heap_alloc(&heap, size);
    mutex_unlock(&lock);
    return pointer;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *pointer = malloc(bytes);
    if (pointer)
        memset(pointer, 0, bytes);
    return pointer;
}

void free(void *pointer)
{
    if (!pointer)
        return;
    mutex_lock(&lock);
    heap_free(&heap, pointer);
    mutex_unlock(&lock);
}

void *realloc(void *old, size_t size)
{
    if (!old)
        return malloc(size);
    mutex_lock(&lock);
    size_t room = heap_usable(&heap, old);
    mutex_unlock(&lock);
    if (size <= room && size >= room / 2)
        return old;
    void *pointer = malloc(size);
    if (pointer) {
        memcpy(pointer, old, size < room ? size : room);
        free(old);
    }
    return pointer;
}

void heap_stats(struct heap_stats *out)
{
    mutex_lock(&lock);
    *out = heap.stats;
    mutex_unlock(&lock);
}

void heap_check(void)
{
    mutex_lock(&lock);
    heap_verify(&heap);
    mutex_unlock(&lock);
}
