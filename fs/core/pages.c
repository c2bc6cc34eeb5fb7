/* SPDX-License-Identifier: BSD-2-Clause */
#include <fs/pages.h>
#include <stdbool.h>
#include <str.h>

/*
 * A chunk: its first page tells which of the others are free.  Chunks with a free page are in the list; one that is all free is
 * kept, a second one is given back.
 *
 *   | head | page 1 | page 2 | ... | page 63 |
 */
struct chunk {
    uint64_t free; /* bit i: page i */
    struct chunk *next, *prev;
};

#define ALL_FREE (~UINT64_C(1))

struct page_source page_source;
struct memory_source memory_source;

static struct chunk *open_list, *spare;
static uint64_t out, chunks;

static struct chunk *chunk_of(const void *page)
{
    return (struct chunk *)((uintptr_t)page & ~(uintptr_t)(PAGE_CHUNK_BYTES - 1));
}

static void chunk_insert(struct chunk *chunk)
{
    chunk->prev = NULL;
    chunk->next = open_list;
    if (open_list)
        open_list->prev = chunk;
    open_list = chunk;
}

static void chunk_remove(struct chunk *chunk)
{
    if (chunk->prev)
        chunk->prev->next = chunk->next;
    else
        open_list = chunk->next;
    if (chunk->next)
        chunk->next->prev = chunk->prev;
}

static struct chunk *chunk_new(void)
{
    struct chunk *chunk = spare ? spare : page_source.take();

    if (!chunk)
        return NULL;
    if (chunk != spare)
        chunks++;
    spare = NULL;
    chunk->free = ALL_FREE;
    chunk_insert(chunk);
    return chunk;
}

static void *take_from(struct chunk *chunk, unsigned i)
{
    unsigned char *page = (unsigned char *)chunk + (size_t)i * PAGE_BYTES;

    chunk->free &= ~(UINT64_C(1) << i);
    if (chunk->free == 0)
        chunk_remove(chunk);
    out++;
    memset(page, 0, PAGE_BYTES);
    return page;
}

void *page_take(const void *near)
{
    if (near) {
        struct chunk *chunk = chunk_of(near);
        unsigned i = (unsigned)(((uintptr_t)near & (PAGE_CHUNK_BYTES - 1)) / PAGE_BYTES) + 1;
        if (i < 64 && (chunk->free >> i & 1) != 0)
            return take_from(chunk, i);
    }
    struct chunk *chunk = open_list ? open_list : chunk_new();
    return chunk ? take_from(chunk, (unsigned)__builtin_ctzll(chunk->free)) : NULL;
}

void page_give(void *page)
{
    struct chunk *chunk = chunk_of(page);
    bool full = chunk->free == 0;

    chunk->free |= UINT64_C(1) << ((uintptr_t)page & (PAGE_CHUNK_BYTES - 1)) / PAGE_BYTES;
    out--;
    if (full)
        chunk_insert(chunk);
    if (chunk->free != ALL_FREE)
        return;
    chunk_remove(chunk);
    if (!spare) {
        spare = chunk;
        return;
    }
    chunks--;
    page_source.give(chunk);
}

uint64_t pages_out(void)
{
    return out;
}

uint64_t pages_chunks(void)
{
    return chunks;
}
