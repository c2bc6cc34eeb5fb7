/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables of address spaces: making, filling, clearing.  Entries above the last level count what is in their table. */

#include "pages.h"
#include "tables.h"
#include "zero.h"

#define TABLE_COST 12ull           /* of a step's budget: a table that goes */

#define LINK_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_USER)

static u64 *table_make(struct aspace *as, u64 *entry, u64 *above)
{
    u64 *table = kframe_alloc(as->pool);

    if (table == NULL)
        return NULL;
    *entry = virt_to_phys(table).value | LINK_FLAGS;
    if (above != NULL)
        *above += PTE_COUNT_ONE;
    as->tables++;
    return table;
}

/* The page-directory entry for an address. */
static inline u64 *directory_entry(struct aspace *as, u64 address, u64 **above)
{
    u64 *e4 = &pt_root(as->root)[pt_index(address, 4)];
    u64 *table = likely((*e4 & PTE_PRESENT) != 0) ? pt_table(*e4) : table_make(as, e4, NULL);
    if (unlikely(table == NULL))
        return NULL;
    u64 *e3 = &table[pt_index(address, 3)];
    table = likely((*e3 & PTE_PRESENT) != 0) ? pt_table(*e3) : table_make(as, e3, e4);
    *above = e3;
    return unlikely(table == NULL) ? NULL : &table[pt_index(address, 2)];
}

enum table_result tables_slot_slow(struct aspace *as, u64 address, struct table_slot *slot)
{
    u64 *e3, *e2 = directory_entry(as, address, &e3);

    if (unlikely(e2 == NULL))
        return TABLE_NO_MEMORY;
    if (unlikely((*e2 & (PTE_LARGE | PTE_PRESENT)) == (PTE_LARGE | PTE_PRESENT)))
        return TABLE_OTHER;
    u64 *table = likely((*e2 & PTE_PRESENT) != 0) ? pt_table(*e2) : table_make(as, e2, e3);
    if (unlikely(table == NULL))
        return TABLE_NO_MEMORY;
    slot->entry = &table[pt_index(address, 1)];
    slot->directory = e2;
    as->walk_base = address & ~(LARGE_PAGE_SIZE - 1);
    as->walk_table = table;
    as->walk_directory = e2;
    return TABLE_OK;
}

enum table_result tables_set_large(struct aspace *as, u64 address, u64 entry)
{
    u64 *e3, *e2 = directory_entry(as, address, &e3);

    if (e2 == NULL)
        return TABLE_NO_MEMORY;
    if ((*e2 & PTE_PRESENT) != 0)
        return ((*e2 ^ (entry | PTE_LARGE)) & ~(PTE_ACCESSED | PTE_DIRTY)) == 0 ? TABLE_OK : TABLE_OTHER;
    *e2 = entry | PTE_LARGE;
    *e3 += PTE_COUNT_ONE;
    return TABLE_OK;
}

static inline u64 next_boundary(u64 address, unsigned level)
{
    u64 size = 1ull << (PAGE_SHIFT + 9 * (level - 1));

    return (address & ~(size - 1)) + size;
}

static void zap_note(struct zap *zap, u64 start, u64 end)
{
    zap->start = min_u64(zap->start, start);
    zap->end = max_u64(zap->end, end);
}

/* `entry`'s table is empty: out with it.  True: the one above it is empty now, too. */
static bool table_drop(struct aspace *as, u64 *entry, u64 *above, u64 address, struct zap *zap)
{
    u64 *table = pt_table(*entry);

    zap_note(zap, address & PAGE_MASK, (address & PAGE_MASK) + PAGE_SIZE);
    table[0] = zap->tables.value;
    zap->tables = virt_to_phys(table);
    *entry = 0;
    as->tables--;
    as->walk_base = UINT64_MAX;
    if (above == NULL)
        return false;
    *above -= PTE_COUNT_ONE;
    return (*above & PTE_COUNT) == 0;
}

/* The tables on the way to `address` that are empty. */
static void drop_empty(struct aspace *as, u64 address, struct zap *zap)
{
    u64 *e4 = &pt_root(as->root)[pt_index(address, 4)];
    u64 *e3 = &pt_table(*e4)[pt_index(address, 3)];
    u64 *e2 = &pt_table(*e3)[pt_index(address, 2)];

    if ((*e2 & PTE_PRESENT) != 0 && ((*e2 & PTE_COUNT) != 0 || !table_drop(as, e2, e3, address, zap)))
        return;
    if ((*e3 & PTE_COUNT) == 0 && table_drop(as, e3, e4, address, zap))
        (void)table_drop(as, e4, NULL, address, zap);
}

/* A part of a range that lies in one page table, or is one 2 MiB page. */
struct piece {
    u64 at, stop;            /* what is left of it */
    u64 *entry;              /* of `at` */
    u64 *above;              /* counts the entries in the table that it is in */
    u64 size;                /* what it maps */
};

/* The first one of [p->at, end); each look costs one of the budget.  False: there is none, or the budget is used up. */
static bool piece_find(struct aspace *as, struct piece *p, u64 end, u64 *budget)
{
    u64 *e2, *e3;

    for (; p->at < end && *budget > 0; p->at = p->stop) {
        p->stop = next_boundary(p->at, paging_walk(as->root, p->at, 2, &e2, &e3));
        (*budget)--;
        if ((*e2 & PTE_PRESENT) == 0)
            continue;
        bool large = (*e2 & PTE_LARGE) != 0;
        p->size = large ? LARGE_PAGE_SIZE : PAGE_SIZE;
        p->entry = large ? e2 : &pt_table(*e2)[pt_index(p->at, 1)];
        p->above = large ? e3 : e2;
        if (!large)
            p->stop = min_u64(p->stop, end);
        return true;
    }
    return false;
}

static inline void piece_step(struct piece *p)
{
    p->at = (p->at & ~(p->size - 1)) + p->size;
    p->entry++;
}

u64 tables_clear(struct aspace *as, u64 start, u64 end, struct memory *paged, u64 page, u64 budget, struct zap *zap)
{
    struct piece p = { .at = start };

    while (piece_find(as, &p, end, &budget)) {
        u64 from = p.at & ~(p.size - 1), in_use = (*p.above & PTE_COUNT) / PTE_COUNT_ONE, cleared = 0;
        for (; p.at < p.stop && budget > 0 && cleared < in_use; piece_step(&p), budget--) {
            if ((*p.entry & PTE_PRESENT) == 0)
                continue;
            u64 old = __atomic_exchange_n(p.entry, 0, __ATOMIC_RELAXED);   /* the processor may set DIRTY meanwhile */
            cleared++;
            if (paged != NULL && (old & PTE_DIRTY) != 0)
                pages_mark_dirty(paged, page + ((p.at - start) >> PAGE_SHIFT));
        }
        if (cleared > 0) {
            zap_note(zap, from, p.at);
            *p.above -= cleared * PTE_COUNT_ONE;
            as->resident -= p.size == PAGE_SIZE ? cleared : 0;
        }
        if (cleared == in_use) {
            drop_empty(as, from, zap);
            p.at = p.stop;
            budget -= min_u64(budget, TABLE_COST);
        }
    }
    return min_u64(p.at, end);
}

u64 tables_protect(struct aspace *as, u64 start, u64 end, bool write, bool exec, u64 budget, struct zap *zap)
{
    struct piece p = { .at = start };

    while (piece_find(as, &p, end, &budget)) {
        if (unlikely(p.stop - p.at < p.size || p.stop > end)) {            /* a 2 MiB page that reaches out */
            (void)tables_clear(as, p.at, p.at + PAGE_SIZE, NULL, 0, UINT64_MAX, zap);
            p.at = p.stop;
        }
        for (; p.at < p.stop && budget > 0; piece_step(&p), budget--) {
            u64 old = *p.entry;
            if ((old & PTE_PRESENT) == 0)
                continue;
            if (!write && (old & PTE_WRITE) != 0)
                __atomic_fetch_and(p.entry, ~PTE_WRITE, __ATOMIC_RELAXED);
            if (!exec && (old & PTE_NX) == 0)
                __atomic_fetch_or(p.entry, PTE_NX, __ATOMIC_RELAXED);
            if (*p.entry != old)
                zap_note(zap, p.at, p.at + p.size);
        }
    }
    return min_u64(p.at, end);
}

u64 tables_clean(struct aspace *as, u64 start, u64 end, struct zap *zap)
{
    struct piece p = { .at = start };
    u64 dirty = 0, budget = UINT64_MAX;

    while (piece_find(as, &p, end, &budget))
        for (; p.at < p.stop; piece_step(&p)) {
            if (p.size != PAGE_SIZE || (~*p.entry & (PTE_PRESENT | PTE_DIRTY)) != 0)
                continue;
            __atomic_fetch_and(p.entry, ~PTE_DIRTY, __ATOMIC_RELAXED);
            dirty |= 1ull << ((p.at - start) >> PAGE_SHIFT);
            zap_note(zap, p.at, p.at + PAGE_SIZE);
        }
    return dirty;
}

void zap_finish(struct aspace *as, struct zap *zap)
{
    if (zap->start >= zap->end)
        return;
    tlb_shootdown(as, zap->start, zap->end);
    while (zap->tables.value != 0) {
        u64 *table = phys_to_virt(zap->tables);
        zap->tables = PADDR(table[0]);
        kframe_free(as->pool, table);
    }
    *zap = (struct zap)ZAP_NOTHING;
}

/* The table that `entry` points at, and those below.  Its count tells where to stop looking. */
static bool reap_below(struct aspace *as, u64 *entry, unsigned level, u32 *budget)
{
    u64 *table = pt_table(*entry);

    for (u64 i = 0; level > 1 && (*entry & PTE_COUNT) != 0 && (i = words_next(table, i, TABLE_ENTRIES)) < TABLE_ENTRIES; i++) {
        if (level == 2 && (table[i] & PTE_LARGE) != 0)
            table[i] = 0;
        else if (!reap_below(as, &table[i], level - 1, budget))
            return false;
        *entry -= PTE_COUNT_ONE;
    }
    if (*budget == 0)
        return false;
    (*budget)--;
    *entry = 0;
    as->tables--;
    kframe_free(as->pool, table);
    return true;
}

bool tables_reap(struct aspace *as, u32 budget)
{
    u64 *root = pt_root(as->root);

    as->walk_base = UINT64_MAX;
    for (u64 i = 0; as->tables > 1 && (i = words_next(root, i, KERNEL_HALF)) < KERNEL_HALF; i++)
        if (!reap_below(as, &root[i], 3, &budget))
            return false;
    return true;
}
