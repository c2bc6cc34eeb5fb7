/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools: how much each may use.  The frames themselves come from mm/frame.h, whoever pays. */
#include <core/assert.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <mm/pool.h>

#include "zero.h"

static struct pool root;
struct pool *root_pool;             /* NULL until pool_init: before it frames are simply taken */

static void pool_setup(struct pool *p, struct pool *parent, u64 bytes)
{
    object_init(&p->object, MNOS_TYPE_POOL);
    spin_init(&p->lock, RANK_POOL);
    p->parent = parent;
    p->size = bytes;
    p->used = 0;
    for (u32 i = 0; i < SLAB_TYPES; i++)
        list_init(&p->slabs[i].partial);
}

void pool_init(void)
{
    u64 free = frame_count_free(), reserve = frame_reserve();

    root_pool = &root;
    KASSERT(free > reserve);
    pool_setup(&root, NULL, (free - reserve) << PAGE_SHIFT);
}

void pool_reclaim_boot(void)
{
    u64 frames = frame_reclaim_boot();

    spin_lock(&root.lock);
    root.size += frames << PAGE_SHIFT;
    spin_unlock(&root.lock);
}

bool pool_charge(struct pool *p, u64 bytes)
{
    spin_lock(&p->lock);
    bool fits = bytes <= p->size - p->used;
    if (likely(fits))
        p->used += bytes;
    spin_unlock(&p->lock);
    return fits;
}

void pool_uncharge(struct pool *p, u64 bytes)
{
    spin_lock(&p->lock);
    DEBUG_ASSERT(p->used >= bytes);
    p->used -= bytes;
    spin_unlock(&p->lock);
}

status_t pool_create(struct pool *parent, u64 bytes, struct pool **out)
{
    struct pool *p = slab_alloc(parent, SLAB_POOL);

    REFUSE_IF(p == NULL, NO_MEMORY);
    if (!pool_charge(parent, bytes)) {
        slab_free(p);
        return ERR(NO_MEMORY);
    }
    object_get(&parent->object);
    pool_setup(p, parent, bytes);
    *out = p;
    return 0;
}

bool pool_reap(struct object *o)
{
    struct pool *p = container_of(o, struct pool, object), *parent = p->parent;

    KASSERT(p->used == 0 && parent != NULL);
    object_fini(o);
    pool_uncharge(parent, p->size);
    slab_free(p);
    object_put(&parent->object);
    return true;
}

paddr_t pool_frame(struct pool *p)
{
    if (p != NULL && !pool_charge(p, PAGE_SIZE))
        return FRAME_NONE;
    paddr_t frame = frame_alloc();
    if (unlikely(frame.value == 0) && p != NULL)
        pool_uncharge(p, PAGE_SIZE);
    return frame;
}

void *kframe_alloc(struct pool *p)
{
    paddr_t frame = pool_frame(p);

    if (frame.value == 0)
        return NULL;
    frame_zero(phys_to_virt(frame));
    return phys_to_virt(frame);
}

void kframe_free(struct pool *p, void *frame)
{
    frame_free(virt_to_phys(frame));
    if (p != NULL)
        pool_uncharge(p, PAGE_SIZE);
}
