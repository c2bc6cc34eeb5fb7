/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults, resolved by the rules of the mapping; and questions about what is mapped. */

#include "mapping.h"
#include "pages.h"
#include "tables.h"

/* Bits of an entry by what the mapping allows: 4 KiB or 2 MiB. */
static inline u64 entry_bits(const struct mapping *map, const struct memory *m)
{
    u64 bits = PTE_PRESENT | PTE_USER | PTE_ACCESSED;

    if ((map->flags & MNOS_MAP_EXEC) == 0)
        bits |= PTE_NX;
    if (unlikely(m->kind == MEMORY_PHYS && m->cache != 0)) {
        bool combine = m->cache == 2 ? (map->flags & MNOS_MAP_NOCACHE) == 0 : (map->flags & MNOS_MAP_WRITECOMBINE) != 0;
        bits |= combine ? PTE_WRITE_COMBINING : PTE_UNCACHED;
    }
    return bits;
}

/* Device and contiguous Memory: a 2 MiB page, where address, frame, mapping and memory allow it. */
static __attribute__((noinline)) bool try_large(struct aspace *as, const struct mapping *map, u64 address, u64 bits)
{
    const struct memory *m = map->memory;
    u64 start = address & ~(LARGE_PAGE_SIZE - 1);

    if (start < map->start || start + LARGE_PAGE_SIZE > map->end)
        return false;
    u64 offset = start - map->start + map->offset, phys = m->phys.value + offset;
    if (offset + LARGE_PAGE_SIZE > m->pages << PAGE_SHIFT || (phys & (LARGE_PAGE_SIZE - 1)) != 0)
        return false;
    return tables_set_large(as, start, phys | bits) == TABLE_OK;
}

/* Present, and yet a fault: it allowed less, or another core has just done the same. */
static __attribute__((noinline)) void replace(struct aspace *as, u64 address, u64 *entry, u64 value)
{
    u64 old = *entry, page = address & PAGE_MASK;

    if (((old ^ value) & ~(PTE_ACCESSED | PTE_DIRTY)) == 0)
        return;
    /* The processor may be setting DIRTY. */
    while (!__atomic_compare_exchange_n(entry, &old, value | (old & PTE_DIRTY), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
    tlb_shootdown(as, page, page + PAGE_SIZE);
}

/* A 2 MiB page allows less than this access needs: the mapping was cut, or given another protection. */
static void drop_large(struct aspace *as, u64 address)
{
    struct zap zap = ZAP_NOTHING;

    (void)tables_clear(as, address & PAGE_MASK, (address & PAGE_MASK) + PAGE_SIZE, NULL, 0, UINT64_MAX, &zap);
    zap_finish(as, &zap);
}

static enum fault_result install(struct aspace *as, const struct mapping *map, u64 address, const struct page_view *view)
{
    struct table_slot slot;
    u64 bits = entry_bits(map, map->memory);

    if ((map->flags & MNOS_MAP_WRITE) != 0 && view->writable)
        bits |= PTE_WRITE;
    if (unlikely(map->memory->kind == MEMORY_PHYS || map->memory->kind == MEMORY_CONTIG) &&
        try_large(as, map, address, bits))
        return FAULT_RESOLVED;
    enum table_result made = tables_slot(as, address, &slot);
    if (unlikely(made == TABLE_OTHER)) {
        drop_large(as, address);
        made = tables_slot(as, address, &slot);
    }
    if (unlikely(made != TABLE_OK))
        return FAULT_NO_MEMORY;
    if (likely((*slot.entry & PTE_PRESENT) == 0))
        tables_set_new(as, &slot, view->frame | bits);
    else
        replace(as, address, slot.entry, view->frame | bits);
    return FAULT_RESOLVED;
}

void mapping_populate(struct mapping *map)
{
    struct memory *m = map->memory;
    struct table_slot slot;

    if ((map->flags & (MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC)) == 0 || m->resident == 0)
        return;
    if (!memory_has_words(m))
        return;                            /* a fault may make a 2 MiB page of it */
    u64 bits = entry_bits(map, m), write = (map->flags & MNOS_MAP_WRITE) != 0 ? PTE_WRITE : 0;
    u64 page = map->offset >> PAGE_SHIFT;
    for (u64 at = map->start; at < map->end && page < m->pages; at += PAGE_SIZE, page++) {
        u64 value = pages_word(m, page);
        if ((value & PAGE_FRAME) == 0)
            continue;
        if (tables_slot(map->aspace, at, &slot) != TABLE_OK)
            return;
        tables_set_new(map->aspace, &slot, (value & PAGE_FRAME) | bits | ((value & PAGE_COW) == 0 ? write : 0));
    }
}

/* The slow outcomes.  Nothing to install.  No locks are held; `m` stays until the kernel is left. */
static __attribute__((noinline, cold)) enum fault_result not_there(enum page_result why, struct memory *m, u64 page, struct fault_info *info)
{
    if (why == PAGE_AGAIN)
        spin_wait();                       /* for who has the lock that we did not get */
    if (why == PAGE_FROM_SOURCE) {
        why = memory_from_source(m, page); /* AGAIN: the source had it, now it is ours */
        info->memory = m->source;
        info->offset = (page + m->source_offset) << PAGE_SHIFT;
    }
    if (why == PAGE_AGAIN)
        return FAULT_AGAIN;
    return why == PAGE_PAGER ? FAULT_PAGER : why == PAGE_PAST_END ? FAULT_PAST_END : FAULT_NO_MEMORY;
}

static enum fault_result fault_try(struct aspace *as, u64 address, enum fault_access access, struct fault_info *info)
{
    struct page_view view;

    spin_lock(&as->lock);
    struct mapping *map = mapping_at(as, address);
    if (unlikely(map == NULL || (map->flags & access) != (u32)access)) {
        spin_unlock(&as->lock);
        return FAULT_INVALID;
    }
    struct memory *m = map->memory;
    u64 page = (address - map->start + map->offset) >> PAGE_SHIFT;
    spin_lock(&m->lock);
    enum page_result found = memory_page(m, page, access == ACCESS_WRITE, as, &view);
    if (likely(found == PAGE_OK)) {
        enum fault_result result = install(as, map, address, &view);
        spin_unlock(&m->lock);
        spin_unlock(&as->lock);
        if (view.release.value != 0)
            frame_release(view.release);
        return result;
    }
    spin_unlock(&m->lock);
    spin_unlock(&as->lock);
    info->memory = m;
    info->offset = page << PAGE_SHIFT;
    return found == PAGE_PAGER ? FAULT_PAGER : not_there(found, m, page, info);
}

enum fault_result aspace_fault(struct aspace *as, u64 address, enum fault_access access, struct fault_info *info)
{
    enum fault_result result;

    do
        result = fault_try(as, address, access, info);
    while (unlikely(result == FAULT_AGAIN));
    return result;
}

bool aspace_word_key(struct aspace *as, u64 address, enum fault_access access, u64 key[2])
{
    spin_lock(&as->lock);
    struct mapping *map = mapping_at(as, address);
    bool found = map != NULL && (map->flags & access) == (u32)access;
    if (found) {
        key[0] = map->memory->object.id;
        key[1] = address - map->start + map->offset;
    }
    spin_unlock(&as->lock);
    return found;
}

paddr_t aspace_translate(struct aspace *as, u64 address, u64 *pte_flags)
{
    paddr_t result = FRAME_NONE;
    u64 size;

    spin_lock(&as->lock);
    u64 *entry = paging_find(as->root, address, &size);
    if (entry != NULL) {
        result = PADDR((*entry & PTE_ADDRESS & ~(size - 1)) | (address & (size - 1)));
        if (pte_flags != NULL)
            *pte_flags = *entry & ~PTE_ADDRESS;
    }
    spin_unlock(&as->lock);
    return result;
}
