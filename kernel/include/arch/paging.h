/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's 4-level page tables, reached through the direct map.
 * Source: Intel SDM volume 3, chapter 4.5 "4-level paging"; AMD APM volume 2, chapter 5.
 *
 *   63 | 62 61..52 | 51 ........ 12 | 11..9 | 8 | 7     | 6 | 5 | 4   | 3   | 2    | 1     | 0
 *   NX | - count   | address        | -     | G | PS    | D | A | PCD | PWT | USER | WRITE | PRESENT
 *
 * Bits 61..52 of an entry that points at a table are ignored by the processor; in the user half they hold how many
 * entries of that table are in use, so that an empty table is noticed without a scan.
 */
#pragma once

#include <mm/phys.h>

#define PTE_PRESENT  0x1ull
#define PTE_WRITE    0x2ull
#define PTE_USER     0x4ull
#define PTE_PWT      0x8ull
#define PTE_PCD      0x10ull
#define PTE_ACCESSED 0x20ull
#define PTE_DIRTY    0x40ull
#define PTE_LARGE    0x80ull /* a 2 MiB page, in a page directory */
#define PTE_GLOBAL   0x100ull
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull

/* PAT: 0 write-back, 1 write-combining, 2 uncached unless an MTRR combines, 3 uncached. */
#define PTE_WRITE_BACK      0ull
#define PTE_WRITE_COMBINING PTE_PWT
#define PTE_UNCACHED        (PTE_PCD | PTE_PWT)
#define PAT_VALUE           0x0007010600070106ull

#define LARGE_PAGE_SIZE 0x200000ull

#define PTE_COUNT_ONE   (1ull << 52)
#define PTE_COUNT       (0x3ffull << 52)

#define TABLE_ENTRIES   512u
#define KERNEL_HALF     256u         /* first entry of the top table that belongs to the kernel */

/* level 1: page table ... 4: top table */
static inline u64 pt_index(u64 address, unsigned level)
{
    return (address >> (PAGE_SHIFT + 9 * (level - 1))) & (TABLE_ENTRIES - 1);
}

static inline u64 *pt_table(u64 entry) { return phys_to_virt(PADDR(entry & PTE_ADDRESS)); }
static inline u64 *pt_root(paddr_t root) { return phys_to_virt(root); }

/* Down to the entry of this level for an address, or to one on the way that is absent or maps a large page: *entry.  Returns
 * the level it came to; *above is the entry whose table that is in (unless it is the top table). */
unsigned paging_walk(paddr_t root, u64 address, unsigned level, u64 **entry, u64 **above);
/* The entry that translates `address`, and how much it maps; or NULL where there is no present one. */
u64 *paging_find(paddr_t root, u64 address, u64 *size);

/* The kernel's page tables; their upper half is shared by all address spaces and its top entries never change after boot. */
extern paddr_t kernel_root;

struct aspace;
/* No core uses an old translation of [start, end) in `as` any more when it returns.  The caller has changed the page tables
 * already and may hold locks: a core that spins for one of them answers from spin_wait().  More than 32 pages: all. */
void tlb_shootdown(struct aspace *as, u64 start, u64 end);
