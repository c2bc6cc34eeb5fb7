/* SPDX-License-Identifier: BSD-2-Clause */
/* The page tables of an address space.  All under its lock. */
#pragma once

#include <arch/paging.h>
#include <mm/aspace.h>

/* What a change leaves to do: old translations in [start, end), tables that nothing points at any more. */
struct zap {
    u64 start, end;
    paddr_t tables;          /* linked through their first words (which have no PRESENT bit: a walk under way is harmless) */
};
#define ZAP_NOTHING { .start = UINT64_MAX }

/* A place for a 4 KiB entry. */
struct table_slot {
    u64 *entry;
    u64 *directory;          /* the entry above, which counts */
};

enum table_result { TABLE_OK, TABLE_NO_MEMORY, TABLE_OTHER /* asked for 4 KiB: there is a 2 MiB page; or the reverse */ };

/* Makes tables as needed, charged to the address space's pool. */
enum table_result tables_slot_slow(struct aspace *as, u64 address, struct table_slot *slot);
static inline enum table_result tables_slot(struct aspace *as, u64 address, struct table_slot *slot)
{
    if (unlikely((address ^ as->walk_base) >= LARGE_PAGE_SIZE))
        return tables_slot_slow(as, address, slot);
    slot->entry = &as->walk_table[pt_index(address, 1)];
    slot->directory = as->walk_directory;
    return TABLE_OK;
}
enum table_result tables_set_large(struct aspace *as, u64 address, u64 entry);

/* Nothing is there; `entry` is present. */
static inline void tables_set_new(struct aspace *as, const struct table_slot *slot, u64 entry)
{
    *slot->entry = entry;
    *slot->directory += PTE_COUNT_ONE;
    as->resident++;
}

/*
 * Removes the present entries of [start, end) (2 MiB pages that reach in go as a whole) and empty tables.  `paged`:
 * the Memory mapped there, if it wants to know which of its pages are dirty: locked, and `page` is its page at `start`.
 * Stops after `budget` entries; returns how far it came.
 */
u64 tables_clear(struct aspace *as, u64 start, u64 end, struct memory *paged, u64 page, u64 budget, struct zap *zap);
/* Clears WRITE (write == false) or sets NX (exec == false) in the present entries; never allows anything.  A 2 MiB page that
 * reaches out of [start, end) goes.  Stops after `budget` entries; returns how far it came. */
u64 tables_protect(struct aspace *as, u64 start, u64 end, bool write, bool exec, u64 budget, struct zap *zap);
/* Clears the dirty bits of at most 64 pages from `start` on; bit i tells whether page i had it. */
u64 tables_clean(struct aspace *as, u64 start, u64 end, struct zap *zap);
/* TLBs, then the tables. */
void zap_finish(struct aspace *as, struct zap *zap);
/* Nothing is mapped or loaded any more: gives back at most `budget` tables; true: only the root is left. */
bool tables_reap(struct aspace *as, u32 budget);
