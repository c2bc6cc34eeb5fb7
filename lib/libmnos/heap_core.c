/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <str.h>

#include "heap_core.h"

/*
 * A chunk of small objects: this header, a bit for each object in use, the objects.  A chunk of one large object has its
 * header alone in front of it.  The header is found by rounding a pointer down.
 */
struct heap_chunk {
    uint64_t magic;                                 /* MAGIC ^ address */
    struct heap_chunk *next, *prev;                 /* in heap->all */
    struct heap_chunk *partial_next, *partial_prev; /* small, with free objects */
    uint64_t bytes;                                 /* of the whole chunk */
    uint32_t size;                                  /* of an object; 0: large */
    uint32_t class, count, used;
    uint32_t first;    /* offset of object 0 */
    uint32_t hint;     /* no free object in bitmap words below */
    uint64_t canary;   /* CANARY ^ address */
    uint64_t bitmap[]; /* small: a bit is 1 for an object in use */
};

#define MAGIC        0x6d6e6f7368656170ull
#define CANARY       0x7061656873006e6dull
#define LARGE_HEADER 128u
#define PAGE         4096u

_Static_assert(sizeof(struct heap_chunk) <= LARGE_HEADER, "the header fits in front of a large object");

static const uint16_t class_size[HEAP_CLASSES] = {16,  32,  48,  64,   96,   128,  192,  256,
                                                  384, 512, 768, 1024, 1344, 2016, 2688, 4032};

static unsigned class_of(size_t size)
{
    unsigned class = 0;

    while (class_size[class] < size)
        class ++;
    return class;
}

static void chunk_check(struct heap *heap, const struct heap_chunk *chunk)
{
    if (chunk->magic != (MAGIC ^ (uint64_t)chunk))
        heap->ops->damage("is no heap pointer, or the bytes before it were overwritten", chunk);
    if (chunk->canary != (CANARY ^ (uint64_t)chunk))
        heap->ops->damage("lies in a chunk whose header was overwritten", chunk);
}

static struct heap_chunk *chunk_new(struct heap *heap, size_t bytes)
{
    struct heap_chunk *chunk = heap->ops->take(bytes);

    if (!chunk)
        return NULL;
    chunk->magic = MAGIC ^ (uint64_t)chunk;
    chunk->canary = CANARY ^ (uint64_t)chunk;
    chunk->bytes = bytes;
    chunk->next = heap->all;
    if (heap->all)
        heap->all->prev = chunk;
    heap->all = chunk;
    heap->stats.pages += bytes / PAGE;
    return chunk;
}

static void chunk_drop(struct heap *heap, struct heap_chunk *chunk)
{
    if (chunk->next)
        chunk->next->prev = chunk->prev;
    if (chunk->prev)
        chunk->prev->next = chunk->next;
    else
        heap->all = chunk->next;
    heap->stats.pages -= chunk->bytes / PAGE;
    chunk->magic = 0;
    heap->ops->give(chunk, chunk->bytes);
}

static void partial_add(struct heap *heap, struct heap_chunk *chunk)
{
    chunk->partial_prev = NULL;
    chunk->partial_next = heap->partial[chunk->class];
    if (chunk->partial_next)
        chunk->partial_next->partial_prev = chunk;
    heap->partial[chunk->class] = chunk;
}

static void partial_remove(struct heap *heap, struct heap_chunk *chunk)
{
    if (chunk->partial_next)
        chunk->partial_next->partial_prev = chunk->partial_prev;
    if (chunk->partial_prev)
        chunk->partial_prev->partial_next = chunk->partial_next;
    else
        heap->partial[chunk->class] = chunk->partial_next;
}

static struct heap_chunk *small_chunk_new(struct heap *heap, unsigned class)
{
    struct heap_chunk *chunk = chunk_new(heap, HEAP_CHUNK);
    uint32_t size = class_size[class];

    if (!chunk)
        return NULL;
    uint32_t most = (uint32_t)(HEAP_CHUNK - sizeof *chunk) / size;
    chunk->first = (uint32_t)(sizeof *chunk + (most + 63) / 64 * 8 + 15) & ~15u;
    chunk->size = size;
    chunk->class = class;
    chunk->count = (HEAP_CHUNK - chunk->first) / size;
    chunk->used = 0;
    chunk->hint = 0;
    partial_add(heap, chunk);
    return chunk;
}

static uint32_t object_take(struct heap_chunk *chunk)
{
    uint32_t word = chunk->hint;

    while (chunk->bitmap[word] == UINT64_MAX)
        word++;
    chunk->hint = word;
    uint32_t bit = (uint32_t)__builtin_ctzll(~chunk->bitmap[word]);
    chunk->bitmap[word] |= 1ull << bit;
    chunk->used++;
    return word * 64 + bit;
}

static void *small_alloc(struct heap *heap, size_t size)
{
    unsigned class = class_of(size);
    struct heap_chunk *chunk = heap->partial[class];

    if (!chunk)
        chunk = small_chunk_new(heap, class);
    if (!chunk)
        return NULL;
    uint32_t index = object_take(chunk);
    if (chunk->used == chunk->count)
        partial_remove(heap, chunk);
    heap->stats.objects++;
    heap->stats.bytes += chunk->size;
    return (char *)chunk + chunk->first + index * chunk->size;
}

static void *large_alloc(struct heap *heap, size_t size)
{
    if (size > SIZE_MAX - LARGE_HEADER - PAGE)
        return NULL;
    size_t bytes = (size + LARGE_HEADER + PAGE - 1) & ~(size_t)(PAGE - 1);
    struct heap_chunk *chunk = chunk_new(heap, bytes);
    if (!chunk)
        return NULL;
    chunk->size = 0;
    heap->stats.objects++;
    heap->stats.bytes += bytes - LARGE_HEADER;
    return (char *)chunk + LARGE_HEADER;
}

void *heap_alloc(struct heap *heap, size_t size)
{
    return size <= class_size[HEAP_CLASSES - 1] ? small_alloc(heap, size) : large_alloc(heap, size);
}

static struct heap_chunk *chunk_of(struct heap *heap, const void *pointer)
{
    struct heap_chunk *chunk = (struct heap_chunk *)((uint64_t)pointer & ~(uint64_t)(HEAP_CHUNK - 1));

    chunk_check(heap, chunk);
    return chunk;
}

/* The number of a small object that is in use. */
static uint32_t object_index(struct heap *heap, const struct heap_chunk *chunk, const void *pointer)
{
    uint64_t offset = (uint64_t)pointer - (uint64_t)chunk - chunk->first;
    uint64_t index = offset / chunk->size;

    if (offset % chunk->size != 0 || index >= chunk->count)
        heap->ops->damage("is not the start of a heap object", pointer);
    if ((chunk->bitmap[index / 64] >> (index % 64) & 1) == 0)
        heap->ops->damage("is freed already", pointer);
    return (uint32_t)index;
}

static void small_free(struct heap *heap, struct heap_chunk *chunk, void *pointer)
{
    uint32_t index = object_index(heap, chunk, pointer);

    chunk->bitmap[index / 64] &= ~(1ull << (index % 64));
    if (index / 64 < chunk->hint)
        chunk->hint = index / 64;
    heap->stats.objects--;
    heap->stats.bytes -= chunk->size;
    if (chunk->used-- == chunk->count)
        partial_add(heap, chunk);
    /* One empty chunk of a size is kept, so that a lone object that comes and goes costs no system call. */
    if (chunk->used == 0 && (chunk->partial_next || chunk->partial_prev)) {
        partial_remove(heap, chunk);
        chunk_drop(heap, chunk);
    }
}

void heap_free(struct heap *heap, void *pointer)
{
    struct heap_chunk *chunk = chunk_of(heap, pointer);

    if (chunk->size != 0) {
        small_free(heap, chunk, pointer);
        return;
    }
    if ((uint64_t)pointer != (uint64_t)chunk + LARGE_HEADER)
        heap->ops->damage("is not the start of a heap object", pointer);
    heap->stats.objects--;
    heap->stats.bytes -= chunk->bytes - LARGE_HEADER;
    chunk_drop(heap, chunk);
}

size_t heap_usable(struct heap *heap, void *pointer)
{
    struct heap_chunk *chunk = chunk_of(heap, pointer);

    if (chunk->size == 0)
        return chunk->bytes - LARGE_HEADER;
    (void)object_index(heap, chunk, pointer);
    return chunk->size;
}

void heap_verify(struct heap *heap)
{
    uint64_t objects = 0;

    for (const struct heap_chunk *chunk = heap->all; chunk; chunk = chunk->next) {
        uint32_t used = 0;
        chunk_check(heap, chunk);
        for (uint32_t i = 0; chunk->size != 0 && i < chunk->count; i++)
            used += (uint32_t)(chunk->bitmap[i / 64] >> (i % 64) & 1);
        if (chunk->size != 0 && used != chunk->used)
            heap->ops->damage("lies in a chunk whose count is wrong", chunk);
        objects += chunk->size != 0 ? used : 1;
    }
    if (objects != heap->stats.objects)
        heap->ops->damage("is the start of a heap with a wrong count", heap->all);
}
