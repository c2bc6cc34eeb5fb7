/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own mappings.
 *
 *   hhdm_offset ...        all RAM, read-write, no execute (kernel image and modules: read-only)
 *   KMAP_BASE ...          stacks between guard pages, device registers, tables outside RAM; given out upwards
 *   0xffffffff80200000 ... the image: text RX, rodata R, data and bss RW
 *   ... 0xffffffffffffffff the last 2 MiB are never mapped
 *
 * Nothing is accessible to user mode.  The entries of the top table are all made by kmap_init and never change after
 * it, so that an address space copies entries 256 to 511 once.  Boot context, one core; constant afterwards.
 */
#pragma once

#include <arch/paging.h>

#define KMAP_BASE   0xffffff0000000000ull
#define KERNEL_BASE 0xffffffff80000000ull
#define KERNEL_LINK 0xffffffff80200000ull
#define GUARD_TOP   0xffffffffffe00000ull

enum kmap_kind { KMAP_READ_ONLY, KMAP_WRITE_BACK, KMAP_WRITE_COMBINING, KMAP_UNCACHED };

struct boot_info;

extern u64 loader_root; /* the loader's, which is not used any more */

void kmap_init(const struct boot_info *info); /* makes the tables and loads them; the screen is gone */
/* Maps device memory or tables; not aligned is fine.  Never unmapped.  NULL: the processor has no such addresses, or none are
 * left to map it at.  Boot only, as all here: stops when there is no memory for page tables. */
void *kmap_mmio(paddr_t start, u64 length, enum kmap_kind kind);
/* A stack of so many pages, unmapped pages on both sides; returns its top. */
u64 kmap_stack(unsigned pages);
/* Is this in an unmapped page that guards a kernel stack, or at the top of the address space? */
bool kmap_is_guard(u64 address);

/* What the tables say: 0, or the entry and the size it maps. */
u64 kmap_walk(u64 address, u64 *page_size);
