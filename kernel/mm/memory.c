/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects: creation and end. */

#include <cap.h>
#include <core/align.h>
#include <core/assert.h>
#include <ipc.h>

#include "pages.h"
#include "zero.h"

#define ZERO_STEP   8u             /* frames zeroed between two looks at interrupts */
#define REAP_BUDGET 256u           /* page words looked at in one step; a frame given back counts for nine */

/* Paid with so much now.  NULL: the pool is exhausted. */
static struct memory *memory_new(struct pool *pool, enum memory_kind kind, u64 pages, u64 charge)
{
    struct memory *m = slab_alloc(pool, SLAB_MEMORY);

    if (m == NULL)
        return NULL;
    if (!pool_charge(pool, charge)) {
        slab_free(m);
        return NULL;
    }
    object_init(&m->object, MNOS_TYPE_MEMORY);
    spin_init(&m->lock, RANK_MEMORY);
    list_init(&m->mappings);
    m->kind = (u8)kind;
    m->pool = pool;
    m->pages = pages;
    m->levels = pages_levels(pages);
    object_get(&pool->object);
    return m;
}

/* Undoes memory_new. */
static void memory_drop(struct memory *m)
{
    struct pool *pool = m->pool;

    object_fini(&m->object);
    slab_free(m);
    object_put(&pool->object);
}

status_t memory_create(struct pool *pool, enum memory_kind kind, u64 pages, bool lazy, struct memory **out)
{
    KASSERT(kind == MEMORY_ANON || kind == MEMORY_COW || kind == MEMORY_PAGED);
    if (pages > PAGES_MAX)
        return ERR(RANGE);
    lazy = lazy || kind == MEMORY_PAGED;
    struct memory *m = memory_new(pool, kind, pages, lazy ? 0 : pages_full_charge(pages, pages_levels(pages)));
    if (m == NULL)
        return ERR(NO_MEMORY);
    m->lazy = lazy;
    *out = m;
    return 0;
}

status_t memory_create_contiguous(struct pool *pool, u64 pages, paddr_t highest, struct memory **out)
{
    if (pages == 0 || pages > PAGES_MAX)
        return ERR(RANGE);
    struct memory *m = memory_new(pool, MEMORY_CONTIG, pages, pages << PAGE_SHIFT);
    if (m == NULL)
        return ERR(NO_MEMORY);
    /* Large ones on 2 MiB, so that they can be mapped with large pages; else where they fit. */
    m->phys = pages >= 512 ? frame_alloc_contiguous(pages, highest, 512 * PAGE_SIZE) : FRAME_NONE;
    if (m->phys.value == 0)
        m->phys = frame_alloc_contiguous(pages, highest, PAGE_SIZE);
    if (m->phys.value == 0) {
        pool_uncharge(pool, pages << PAGE_SHIFT);
        memory_drop(m);
        return ERR(NO_MEMORY);
    }
    for (u64 page = 0; page < pages; page++) {
        frame_zero(phys_to_virt(PADDR(m->phys.value + (page << PAGE_SHIFT))));
        if (page % ZERO_STEP == ZERO_STEP - 1)
            step_end();
    }
    m->resident = pages;
    *out = m;
    return 0;
}

status_t memory_create_phys(paddr_t first, u64 pages, u8 cache, struct memory **out)
{
    struct memory *m = memory_new(root_pool, MEMORY_PHYS, pages, 0);

    if (m == NULL)
        return ERR(NO_MEMORY);
    m->phys = first;
    m->cache = cache;
    m->resident = pages;
    *out = m;
    return 0;
}

static void give_contiguous(struct memory *m)
{
    u64 count = min_u64(m->pages - m->reaped, 64);

    frame_free_contiguous(PADDR(m->phys.value + (m->reaped << PAGE_SHIFT)), count);
    m->reaped += count;
}

static void release_pager(struct memory *m)
{
    spin_lock(&cap_lock);
    badge_put(m->pager_badge);
    spin_unlock(&cap_lock);
    object_put(&m->pager->object);
}

bool memory_reap(struct object *o)
{
    struct memory *m = container_of(o, struct memory, object);

    DEBUG_ASSERT(list_empty(&m->mappings));
    if (m->kind == MEMORY_CONTIG && m->reaped < m->pages) {
        give_contiguous(m);
        return false;
    }
    if (memory_has_words(m)) {
        if (m->reaped < m->pages) {
            m->reaped = pages_release(m, m->reaped, m->pages, REAP_BUDGET);
            if (m->reaped < m->pages || m->levels > 0)
                return false;
        }
        if (m->levels > 0 && m->table != NULL && !pages_free_some(m))
            return false;
        if (!m->lazy)
            pool_uncharge(m->pool, pages_full_charge(m->pages, m->levels));
    } else if (m->kind == MEMORY_CONTIG) {
        pool_uncharge(m->pool, m->pages << PAGE_SHIFT);
    }
    if (m->source != NULL)
        object_put(&m->source->object);
    if (m->pager != NULL)
        release_pager(m);
    memory_drop(m);
    return true;
}

status_t memory_phys(struct memory *m, u64 offset)
{
    if (memory_has_words(m))
        return ERR(NOT_SUPPORTED);
    if (offset >= m->pages << PAGE_SHIFT)
        return ERR(RANGE);
    return (status_t)(m->phys.value + offset);
}
