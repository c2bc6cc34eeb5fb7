/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a Memory to the page tables that map it.
 *
 * The order of locks is address space, then Memory; here we come from the other side.  So the address space's lock is only
 * tried: when somebody else has it, the memory's lock is dropped for a moment and the whole list is gone through again,
 * which finds what was done before already done.  A mapping leaves the list (under the memory's lock) only after its
 * translations are gone from page tables and TLBs, so what is not in the list needs no look.
 */

#include "pages.h"
#include "tables.h"

#define VISIT_STEP 16u /* mappings between two looks at interrupts */

/* The rank under which debug kernels note the lock: it is taken out of order, without waiting. */
#define RANK_TRIED (RANK_MEMORY + 1)

static bool aspace_try_lock(struct aspace *as)
{
    struct spinlock *l = &as->lock;
    u16 free = __atomic_load_n(&l->owner, __ATOMIC_ACQUIRE);

    if (!__atomic_compare_exchange_n(&l->next, &free, (u16)(free + 1), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    lock_check_acquire(l, RANK_TRIED);
    return true;
}

static void aspace_unlock_tried(struct aspace *as)
{
    struct spinlock *l = &as->lock;

    lock_check_release(l, RANK_TRIED);
    __atomic_store_n(&l->owner, (u16)(l->owner + 1), __ATOMIC_RELEASE);
}

/* One mapping, its address space locked, its memory too. */
static u64 visit_mapping(struct mapping *map, u64 first, u64 count, enum visit what)
{
    struct memory *m = map->memory;
    u64 low = max_u64(first << PAGE_SHIFT, map->offset);
    u64 high = min_u64((first + count) << PAGE_SHIFT, map->offset + (map->end - map->start));
    struct zap zap = ZAP_NOTHING;
    u64 dirty = 0;

    if (low >= high)
        return 0;
    u64 start = map->start + (low - map->offset), end = map->start + (high - map->offset);
    if (what == VISIT_CLEAR)
        (void)tables_clear(map->aspace, start, end, m->kind == MEMORY_PAGED ? m : NULL, low >> PAGE_SHIFT, UINT64_MAX, &zap);
    else if (what == VISIT_PROTECT)
        (void)tables_protect(map->aspace, start, end, false, true, UINT64_MAX, &zap);
    else
        dirty = tables_clean(map->aspace, start, end, &zap) << ((low >> PAGE_SHIFT) - first);
    zap_finish(map->aspace, &zap);
    return dirty;
}

/* False: an address space was locked by another core; nothing is wrong with what was done so far. */
static bool visit_once(struct memory *m, u64 first, u64 count, enum visit what, struct aspace *held, u64 *dirty)
{
    u32 visited = 0;

    LIST_FOR_EACH(node, &m->mappings) {
        struct mapping *map = container_of(node, struct mapping, memory_link);
        struct aspace *as = map->aspace;
        if (as != held && !aspace_try_lock(as))
            return false;
        *dirty |= visit_mapping(map, first, count, what);
        if (as != held)
            aspace_unlock_tried(as);
        /* With the memory's lock held: nothing that an interrupt does wants it. */
        if (++visited % VISIT_STEP == 0 && held == NULL)
            step_end();
    }
    return true;
}

u64 memory_visit(struct memory *m, u64 first, u64 count, enum visit what)
{
    u64 dirty = 0;

    while (!visit_once(m, first, count, what, NULL, &dirty)) {
        spin_unlock(&m->lock);
        spin_wait();
        spin_lock(&m->lock);
    }
    return dirty;
}

bool memory_try_unmap_page(struct memory *m, u64 page, struct aspace *held)
{
    u64 dirty = 0;

    return visit_once(m, page, 1, VISIT_CLEAR, held, &dirty);
}
