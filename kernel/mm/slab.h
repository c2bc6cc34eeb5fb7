/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout of a slab's frame. */
#pragma once

#include <mm/pool.h>

/*
 *   frame: [ struct slab_page, 64 bytes | object 0 | object 1 | ... ]     stride = size (+ red zone in debug kernels)
 *
 * Guarded by the pool's lock.  At most 63 objects, so that one word tells which are free.
 */
struct slab_page {
    struct list_node link;   /* in the pool's list of its type while any object is free */
    struct pool *pool;       /* reference held */
    u64 free;                /* bit i: object i is free */
    u64 full;                /* value of `free` when all are */
    u32 magic;
    u16 stride;
    u8 type, pad;
};
_Static_assert(sizeof(struct slab_page) <= 64, "header");

#define SLAB_HEADER  64u
#define SLAB_MAGIC   0x51ab51abu
#define SLAB_REDZONE 16u

extern const u16 slab_size[SLAB_TYPES];   /* bytes, multiples of 16 */

/* config/debug/slab_check.c: what debug kernels do with an object's bytes. */
void slab_check_new_page(struct slab_page *page);
void slab_check_alloc(const struct slab_page *page, void *object);
void slab_check_free(const struct slab_page *page, void *object);
