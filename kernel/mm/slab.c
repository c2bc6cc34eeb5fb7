/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel objects out of whole frames (after Bonwick: "The Slab Allocator", 1994).
 *
 * A frame serves one pool and one type and is found from an object by masking its address.  It goes back as soon as
 * it is empty: taking one costs little more than an object, and the charge stays exact.
 */
#include <core/assert.h>
#include <mm/frame.h>
#include <mm/phys.h>

#include "slab.h"
#include "zero.h"

static u64 slab_frames;            /* atomic */

static void *object_at(struct slab_page *page, u32 i)
{
    return (u8 *)page + SLAB_HEADER + i * page->stride;
}

/* The pool is locked. */
static struct slab_page *page_new(struct pool *p, enum slab_type type)
{
    if (p->size - p->used < PAGE_SIZE)
        return NULL;
    paddr_t frame = frame_alloc();
    if (unlikely(frame.value == 0))
        return NULL;
    p->used += PAGE_SIZE;
    __atomic_fetch_add(&slab_frames, 1, __ATOMIC_RELAXED);

    struct slab_page *page = phys_to_virt(frame);
    u16 stride = (u16)(slab_size[type] + (CONFIG_DEBUG ? SLAB_REDZONE : 0));
    u32 capacity = (u32)(PAGE_SIZE - SLAB_HEADER) / stride;
    page->pool = p;
    page->full = page->free = (1ull << capacity) - 1;
    page->magic = SLAB_MAGIC;
    page->stride = stride;
    page->type = (u8)type;
    list_push_front(&p->slabs[type].partial, &page->link);
    object_get(&p->object);
    if (CONFIG_DEBUG)
        slab_check_new_page(page);
    return page;
}

/* From a page with free ones.  The pool is locked, and is unlocked. */
static ALWAYS_INLINE void *take(struct pool *p, struct slab_page *page, enum slab_type type)
{
    u32 i = (u32)__builtin_ctzll(page->free);

    page->free &= page->free - 1;
    if (unlikely(page->free == 0))
        list_remove(&page->link);
    spin_unlock(&p->lock);
    void *object = object_at(page, i);
    if (CONFIG_DEBUG)
        slab_check_alloc(page, object);
    words_zero(object, slab_size[type]);
    return object;
}

static __attribute__((noinline)) void *alloc_new(struct pool *p, enum slab_type type)
{
    struct slab_page *page = page_new(p, type);

    if (likely(page != NULL))
        return take(p, page, type);
    spin_unlock(&p->lock);
    return NULL;
}

void *slab_alloc(struct pool *p, enum slab_type type)
{
    spin_lock(&p->lock);
    struct list_node *first = p->slabs[type].partial.head.next;
    if (unlikely(first == &p->slabs[type].partial.head))
        return alloc_new(p, type);
    return take(p, container_of(first, struct slab_page, link), type);
}

static struct slab_page *page_of(const void *object)
{
    return (struct slab_page *)((u64)object & PAGE_MASK);
}

/* Its last object was freed; it is in its list unless that was its only one.  The pool is locked, and is unlocked. */
static __attribute__((noinline)) void page_free(struct pool *p, struct slab_page *page, bool listed)
{
    if (listed)
        list_remove(&page->link);
    page->magic = 0;
    p->used -= PAGE_SIZE;
    frame_free(virt_to_phys(page));
    spin_unlock(&p->lock);
    __atomic_fetch_sub(&slab_frames, 1, __ATOMIC_RELAXED);
    object_put(&p->object);
}

static __attribute__((noinline)) void not_freed(const void *object)
{
    panic("%p is no kernel object, or was freed already", object);
}

void slab_free(void *object)
{
    struct slab_page *page = page_of(object);

    if (unlikely(page->magic != SLAB_MAGIC)) {
        not_freed(object);
        return;
    }
    struct pool *p = page->pool;
    u32 offset = (u32)((u64)object & ~PAGE_MASK) - SLAB_HEADER, i = offset / page->stride, rest = offset % page->stride;
    if (CONFIG_DEBUG)
        slab_check_free(page, object);
    spin_lock(&p->lock);
    u64 bit = 1ull << i, before = page->free;
    if (unlikely((before & bit) != 0 || rest != 0)) {
        not_freed(object);
        return;
    }
    page->free = before | bit;
    if (unlikely(page->free == page->full)) {
        page_free(p, page, before != 0);
        return;
    }
    if (unlikely(before == 0))
        list_push_front(&p->slabs[page->type].partial, &page->link);
    spin_unlock(&p->lock);
}

u64 slab_frames_total(void)
{
    return __atomic_load_n(&slab_frames, __ATOMIC_RELAXED);
}
