/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks of the processor's page tables. */
#include <arch/paging.h>

unsigned paging_walk(paddr_t root, u64 address, unsigned level, u64 **entry, u64 **above)
{
    unsigned at = 4;

    *entry = &pt_root(root)[pt_index(address, at)];
    while (at > level && (**entry & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT) {
        *above = *entry;
        *entry = &pt_table(**entry)[pt_index(address, --at)];
    }
    return at;
}

u64 *paging_find(paddr_t root, u64 address, u64 *size)
{
    u64 *entry, *above;

    *size = PAGE_SIZE << (9 * (paging_walk(root, address, 1, &entry, &above) - 1));
    return (*entry & PTE_PRESENT) != 0 ? entry : NULL;
}
