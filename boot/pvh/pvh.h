/* SPDX-License-Identifier: BSD-2-Clause */
/* The PVH front end's own parts.  Source of the start info: Xen, public/arch-x86/hvm/start_info.h. */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include <stdbool.h>
#include <stdint.h>

#define PVH_MAGIC 0x336ec578u

struct pvh_start_info {
    uint32_t magic;
    uint32_t version; /* the memory map exists from 1 on */
    uint32_t flags;
    uint32_t module_count;
    uint64_t modules; /* address of struct pvh_module */
    uint64_t cmdline;
    uint64_t rsdp;
    uint64_t memmap; /* address of struct pvh_range */
    uint32_t memmap_count;
    uint32_t reserved;
};

struct pvh_module {
    uint64_t address;
    uint64_t size;
    uint64_t cmdline;
    uint64_t reserved;
};

struct pvh_range {
    uint64_t base;
    uint64_t size;
    uint32_t type; /* of E820 */
    uint32_t reserved;
};

/* Seconds since 1970 from the CMOS clock. */
int64_t rtc_read(void);

/* The physical address of the RSDP, and of the SMBIOS entry points, in the BIOS area; 0 where there is none. */
uint64_t bios_find_rsdp(void);
uint64_t bios_find_smbios_32(void);
uint64_t bios_find_smbios_64(void);

#endif
