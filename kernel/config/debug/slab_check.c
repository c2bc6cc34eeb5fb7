/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What debug kernels check of objects: free ones hold a pattern that nobody may change, and each one in use is followed by
 * a red zone.
 *
 *   [ object: in use | red zone 16 x a5 ] [ object: free, all 6b | red zone ] ...
 */
#include <core/assert.h>

#include "../../mm/slab.h"

#define POISON 0x6b6b6b6b6b6b6b6bull
#define RED    0xa5a5a5a5a5a5a5a5ull

/* All sizes are multiples of 16. */
static void words_fill(void *at, u64 value, u64 bytes)
{
    u64 count = bytes / 8;

    __asm__ volatile("rep stosq" : "+D"(at), "+c"(count) : "a"(value) : "memory");
}

static void words_check(const void *at, u64 value, u64 bytes, const struct slab_page *page, const char *what)
{
    const u64 *word = at, *end = word + bytes / 8;

    for (; word < end; word++)
        if (*word != value)
            panic("kernel object of type %u: %s at %p", page->type, what, (const void *)word);
}

void slab_check_new_page(struct slab_page *page)
{
    words_fill((u8 *)page + SLAB_HEADER, POISON, PAGE_SIZE - SLAB_HEADER);
}

void slab_check_alloc(const struct slab_page *page, void *object)
{
    words_check(object, POISON, slab_size[page->type], page, "written after it was freed,");
    words_fill((u8 *)object + slab_size[page->type], RED, SLAB_REDZONE);
}

void slab_check_free(const struct slab_page *page, void *object)
{
    u32 size = slab_size[page->type];

    words_check((u8 *)object + size, RED, SLAB_REDZONE, page, "written past its end, or freed twice,");
    words_fill(object, POISON, size + SLAB_REDZONE);
}
