/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four-level page tables for the kernel, in bootloader-reclaimable memory below 4 GiB.
 * Source: Intel SDM volume 3, chapter 4.
 */
#ifndef BOOT_PAGING_H
#define BOOT_PAGING_H

#include <boot/elf.h>
#include <boot/ram.h>
#include <stdbool.h>
#include <stdint.h>

#define HHDM_BASE 0xffff800000000000u

enum paging_flags {
    PAGING_WRITE = 1,
    PAGING_EXEC = 2,
    PAGING_COMBINE = 4, /* write-combining through PAT entry 5 */
};

struct paging {
    struct ram_map *ram;
    bool nx;         /* the processor has the no-execute bit */
    bool pat;        /* and the page attribute table */
    uint64_t root;   /* what the kernel is entered with */
    uint64_t bridge; /* the same and the identity map, for the way there */
};

/* Builds both: HHDM and identity map as the base revision says, and the kernel image.  False if memory ends. */
bool paging_build(struct paging *paging, uint64_t revision, const struct elf_plan *plan, uint64_t image)
    __attribute__((warn_unused_result));

#endif
