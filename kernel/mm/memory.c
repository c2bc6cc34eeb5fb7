/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects: creation and end. */

#include <cap.h>
#include <core/assert.h>
#include <ipc.h>

#include "pages.h"
#include "zero.h"

#define ZERO_STEP   8u             /* frames zeroed between two looks at interrupts */
#define REAP_BUDGET 256u           /* page words looked at in one step; a frame given back counts for nine */

/* What is charged for it as long as it lives. */
static u64 whole_charge(const struct memory *m)
{
    return m->lazy || m->kind == MEMORY_PHYS ? 0 : pages_full_charge(m->pages, m->levels);
}

/* NULL: the pool is exhausted. */
static struct memory *memory_new(struct pool *pool, enum memory_kind kind, u64 pages, bool lazy)
{
    struct memory *m = slab_alloc(pool, SLAB_MEMORY);

    if (m == NULL)
        return NULL;
    m->kind = (u8)kind;
    m->lazy = lazy;
    m->pages = pages;
    m->levels = memory_has_words(m) ? pages_levels(pages) : 0;
    if (!pool_charge(pool, whole_charge(m))) {
        slab_free(m);
        return NULL;
    }
    object_init(&m->object, MNOS_TYPE_MEMORY);
    spin_init(&m->lock, RANK_MEMORY);
    list_init(&m->mappings);
    m->pool = pool;
    object_get(&pool->object);
    return m;
}

/* Undoes memory_new. */
static void memory_drop(struct memory *m)
{
    struct pool *pool = m->pool;

    pool_uncharge(pool, whole_charge(m));
    object_fini(&m->object);
    slab_free(m);
    object_put(&pool->object);
}

status_t memory_create(struct pool *pool, enum memory_kind kind, u64 pages, bool lazy, struct memory **out)
{
    KASSERT(kind == MEMORY_ANON || kind == MEMORY_COW || kind == MEMORY_PAGED);
    REFUSE_IF(pages > PAGES_MAX, RANGE);
    *out = memory_new(pool, kind, pages, lazy || kind == MEMORY_PAGED);
    return *out != NULL ? 0 : ERR(NO_MEMORY);
}

status_t memory_create_contiguous(struct pool *pool, u64 pages, paddr_t highest, struct memory **out)
{
    REFUSE_IF(pages == 0 || pages > PAGES_MAX, RANGE);
    struct memory *m = memory_new(pool, MEMORY_CONTIG, pages, false);
    REFUSE_IF(m == NULL, NO_MEMORY);
    /* Large ones on 2 MiB, so that they can be mapped with large pages; else where they fit. */
    m->phys = pages >= 512 ? frame_alloc_contiguous(pages, highest, 512 * PAGE_SIZE) : FRAME_NONE;
    if (m->phys.value == 0)
        m->phys = frame_alloc_contiguous(pages, highest, PAGE_SIZE);
    if (m->phys.value == 0) {
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
    struct memory *m = memory_new(root_pool, MEMORY_PHYS, pages, false);

    REFUSE_IF(m == NULL, NO_MEMORY);
    m->phys = first;
    m->cache = cache;
    m->resident = pages;
    *out = m;
    return 0;
}

/* Gives back some frames of a CONTIG Memory from `page` on; returns where it stopped. */
static u64 give_contiguous(struct memory *m, u64 page)
{
    u64 count = min_u64(m->pages - page, 64);

    frame_free_contiguous(PADDR(m->phys.value + (page << PAGE_SHIFT)), count);
    return page + count;
}

bool memory_reap(struct object *o)
{
    struct memory *m = container_of(o, struct memory, object);

    DEBUG_ASSERT(list_empty(&m->mappings));
    if (m->kind != MEMORY_PHYS && m->reaped < m->pages) {
        m->reaped = m->kind == MEMORY_CONTIG ? give_contiguous(m, m->reaped)
                                             : pages_release(m, m->reaped, m->pages, REAP_BUDGET);
        return false;
    }
    if (!pages_free_some(m))
        return false;
    if (m->source != NULL)
        object_put(&m->source->object);
    if (m->pager != NULL)
        badge_drop(m->pager);
    memory_drop(m);
    return true;
}

status_t memory_phys(struct memory *m, u64 offset)
{
    REFUSE_IF(memory_has_words(m), NOT_SUPPORTED);
    REFUSE_IF(offset >= m->pages << PAGE_SHIFT, RANGE);
    return (status_t)(m->phys.value + offset);
}
