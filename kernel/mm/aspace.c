/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping, unmapping, protecting.
 *
 * Order when something goes: entries, TLBs, then the mapping (see mm/zap.c for why).  What needs a new record, because a
 * mapping is cut, gets it before anything changes.  cap_lock is held, because pieces join and leave the capabilities' lists.
 * Long work goes in steps, with all locks dropped and interrupts let in between.
 */

#include "mapping.h"
#include "pages.h"
#include "tables.h"
#include "zero.h"

#define POPULATE_PAGES 8u          /* mappings up to here get translations for their resident pages at once */
#define ONE_PAGE_ACCESS (MNOS_MAP_READ | MNOS_MAP_WRITE)
#define MAP_ACCESS (MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC)

status_t aspace_init(struct aspace *as, struct pool *pool)
{
    u64 *root = kframe_alloc(pool);

    REFUSE_IF(root == NULL, NO_MEMORY);
    words_copy(root + KERNEL_HALF, pt_root(kernel_root) + KERNEL_HALF, (TABLE_ENTRIES - KERNEL_HALF) * sizeof root[0]);
    *as = (struct aspace){ .lock = SPINLOCK(RANK_ASPACE), .root = virt_to_phys(root), .pool = pool,
                           .walk_base = UINT64_MAX, .tables = 1 };
    object_get(&pool->object);
    return 0;
}

static status_t map_flags_check(const struct memory *m, u32 flags)
{
    REFUSE_IF((flags & (MNOS_MAP_WRITE | MNOS_MAP_EXEC)) == (MNOS_MAP_WRITE | MNOS_MAP_EXEC), INVALID);
    bool cache = (flags & (MNOS_MAP_NOCACHE | MNOS_MAP_WRITECOMBINE)) != 0;
    return cache && (m->kind != MEMORY_PHYS || m->cache == 0) ? ERR(INVALID) : 0;
}

/* As mapping_populate, without a call for what is frequent: one page of a Memory with words, the page table at hand. */
static inline void populate(struct mapping *map)
{
    struct memory *m = map->memory;
    struct aspace *as = map->aspace;
    u64 page = map->offset >> PAGE_SHIFT;

    if (map->end - map->start != PAGE_SIZE || (map->start ^ as->walk_base) >= LARGE_PAGE_SIZE || page >= m->pages ||
        m->levels > 1 || m->kind == MEMORY_PHYS || m->kind == MEMORY_CONTIG || (map->flags & MAP_ACCESS) != ONE_PAGE_ACCESS) {
        mapping_populate(map);
        return;
    }
    u64 word = *pages_find(m, page);     /* something is resident: there is a table */
    if ((word & PAGE_FRAME) == 0)
        return;
    as->walk_table[pt_index(map->start, 1)] = (word & PAGE_FRAME) | PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_NX |
                                              ((word & PAGE_COW) == 0 ? PTE_WRITE : 0);
    *as->walk_directory += PTE_COUNT_ONE;
    as->resident++;
}

/* False: it overlaps another.  The neighbours of the place where it belongs are on the way there. */
static bool insert_if_free(struct aspace *as, struct mapping *map)
{
    struct tree_node *parent = NULL, *at = as->mappings.root;
    enum tree_side side = TREE_LEFT;

    for (; at != NULL; at = at->child[side]) {
        const struct mapping *other = container_of(at, struct mapping, node);
        if (map->start < other->start) {
            if (map->end > other->start)
                return false;
            side = TREE_LEFT;
        } else {
            if (map->start < other->end)
                return false;
            side = TREE_RIGHT;
        }
        parent = at;
    }
    tree_link(&as->mappings, &map->node, parent, side);
    return true;
}

status_t aspace_map(struct aspace *as, struct memory *m, u64 start, u64 length, u64 offset, u32 flags, u32 limit,
                    struct cap_node *via)
{
    TRY(map_flags_check(m, flags));
    spin_lock(&as->lock);
    struct mapping *map = mapping_record(as);
    if (unlikely(map == NULL)) {
        spin_unlock(&as->lock);
        return ERR(NO_MEMORY);
    }
    map->start = start;
    map->end = start + length;
    map->offset = offset;
    map->aspace = as;
    map->memory = m;
    map->flags = flags;
    map->limit = limit;
    map->via = NULL;
    if (unlikely(as->dead || !insert_if_free(as, map))) {
        slab_free(map);
        spin_unlock(&as->lock);
        return as->dead ? ERR(PEER_GONE) : ERR(BUSY);
    }
    object_get(&m->object);
    as->last = map;
    spin_lock(&m->lock);
    list_push_back(&m->mappings, &map->memory_link);
    if (length <= POPULATE_PAGES * PAGE_SIZE && m->resident != 0)
        populate(map);
    spin_unlock(&m->lock);
    if (via != NULL)
        via_link(map, via);
    spin_unlock(&as->lock);
    return 0;
}

/* After it, no mapping reaches over `start` or `end`.  The records for the cuts come first: nothing changes without them.  All
 * locks are held. */
static status_t cut_range(struct aspace *as, u64 start, u64 end)
{
    const u64 at[2] = { start, end };
    struct mapping *spare[2] = { NULL, NULL };

    for (u32 i = 0; i < 2; i++) {
        const struct mapping *map = mapping_from(as, at[i]);
        if (map == NULL || map->start >= at[i])
            continue;
        spare[i] = mapping_record(as);
        if (spare[i] == NULL) {
            if (spare[0] != NULL)
                slab_free(spare[0]);
            return ERR(NO_MEMORY);
        }
    }
    for (u32 i = 0; i < 2; i++)
        if (spare[i] != NULL)
            mapping_split(mapping_from(as, at[i]), at[i], spare[i]);
    return 0;
}

/* One page, whose table was the last one used, and is in use beside it. */
static inline bool remove_page(struct mapping *map)
{
    struct aspace *as = map->aspace;

    if (map->end - map->start != PAGE_SIZE || (map->start ^ as->walk_base) >= LARGE_PAGE_SIZE ||
        (*as->walk_directory & PTE_COUNT) <= PTE_COUNT_ONE || map->memory->kind == MEMORY_PAGED)
        return false;
    u64 *entry = &as->walk_table[pt_index(map->start, 1)];
    if ((*entry & PTE_PRESENT) != 0) {
        *entry = 0;
        *as->walk_directory -= PTE_COUNT_ONE;
        as->resident--;
        tlb_shootdown(as, map->start, map->end);
    }
    return true;
}

struct memory *mapping_remove_some(struct mapping *map, u64 *reached)
{
    struct aspace *as = map->aspace;
    struct memory *m = map->memory;
    struct memory *paged = m->kind == MEMORY_PAGED ? m : NULL;
    struct zap zap = ZAP_NOTHING;

    if (paged != NULL)
        spin_lock(&m->lock);
    *reached = tables_clear(as, map->start, map->end, paged, map->offset >> PAGE_SHIFT, MAPPING_STEP, &zap);
    if (paged != NULL)
        spin_unlock(&m->lock);
    zap_finish(as, &zap);
    if (*reached == map->end)
        return mapping_remove(map);
    /* Its front is cut off.  It keeps its place in the tree: mappings do not overlap. */
    spin_lock(&m->lock);
    map->offset += *reached - map->start;
    map->start = *reached;
    spin_unlock(&m->lock);
    return NULL;
}

/* One step of unmapping [*start, end), whose ends cut no mapping. */
static void unmap_step(struct aspace *as, u64 *start, u64 end)
{
    spin_lock(&as->lock);
    struct mapping *map = mapping_at(as, *start);
    if (unlikely(map == NULL))
        map = mapping_from(as, *start);
    struct memory *m = NULL;
    /* One that reaches over an end was made meanwhile, by somebody else: it stays. */
    if (map == NULL || map->start < *start || map->end > end)
        *start = end;
    else
        m = mapping_remove_some(map, start);
    spin_unlock(&as->lock);
    if (m != NULL)
        object_put(&m->object);
}

status_t aspace_unmap(struct aspace *as, u64 start, u64 length)
{
    u64 end = start + length;
    status_t s = 0;

    spin_lock(&cap_lock);
    spin_lock(&as->lock);
    struct mapping *map = mapping_at(as, start);
    if (likely(map != NULL && map->start == start && map->end == end)) {
        struct memory *m = remove_page(map) ? mapping_remove(map) : mapping_remove_some(map, &start);
        if (likely(m != NULL)) {
            spin_unlock(&as->lock);
            spin_unlock(&cap_lock);
            object_put(&m->object);
            return 0;
        }
    } else {
        s = cut_range(as, start, end);
    }
    spin_unlock(&as->lock);
    while (s == 0) {
        unmap_step(as, &start, end);
        if (start >= end)
            break;
        spin_unlock(&cap_lock);
        step_end();
        spin_lock(&cap_lock);
    }
    spin_unlock(&cap_lock);
    return s;
}

/* Every page of [start, end) is mapped, and may be given `flags`. */
static status_t protect_check(struct aspace *as, u64 start, u64 end, u32 flags)
{
    struct mapping *map = mapping_from(as, start);

    for (u64 at = start; at < end; map = mappings_next(map)) {
        REFUSE_IF(map == NULL || map->start > at, NOT_FOUND);
        REFUSE_IF((flags & ~map->limit) != 0, NO_RIGHTS);
        at = map->end;
    }
    return 0;
}

/* What faults from now on make of [start, end).  All or nothing. */
static status_t protect_mappings(struct aspace *as, u64 start, u64 end, u32 flags)
{
    TRY(protect_check(as, start, end, flags));
    TRY(cut_range(as, start, end));
    for (struct mapping *map = mapping_from(as, start); map != NULL && map->start < end; map = mappings_next(map))
        map->flags = (map->flags & ~(u32)MAP_ACCESS) | flags;
    return 0;
}

/* One step for what is there already.  Without any access an entry may not stay; its dirty bit is the memory's then. */
static u64 protect_step(struct aspace *as, u64 start, u64 end, u32 flags)
{
    struct zap zap = ZAP_NOTHING;
    struct mapping *map = mapping_from(as, start);
    u64 reached = end;

    if (flags != 0) {
        reached = tables_protect(as, start, end, (flags & MNOS_MAP_WRITE) != 0, (flags & MNOS_MAP_EXEC) != 0, MAPPING_STEP,
                                 &zap);
    } else if (map != NULL && map->start < end) {
        struct memory *m = map->memory;
        u64 from = start > map->start ? start : map->start;
        spin_lock(&m->lock);
        reached = tables_clear(as, from, map->end < end ? map->end : end, m->kind == MEMORY_PAGED ? m : NULL,
                               (from - map->start + map->offset) >> PAGE_SHIFT, MAPPING_STEP, &zap);
        spin_unlock(&m->lock);
    }
    zap_finish(as, &zap);
    return reached;
}

status_t aspace_protect(struct aspace *as, u64 start, u64 length, u32 flags)
{
    u64 end = start + length;

    flags &= MAP_ACCESS;
    REFUSE_IF((flags & (MNOS_MAP_WRITE | MNOS_MAP_EXEC)) == (MNOS_MAP_WRITE | MNOS_MAP_EXEC), INVALID);
    spin_lock(&cap_lock);
    spin_lock(&as->lock);
    status_t s = protect_mappings(as, start, end, flags);
    spin_unlock(&cap_lock);
    while (s == 0 && (start = protect_step(as, start, end, flags)) < end) {
        spin_unlock(&as->lock);
        step_end();
        spin_lock(&as->lock);
    }
    spin_unlock(&as->lock);
    return s;
}
