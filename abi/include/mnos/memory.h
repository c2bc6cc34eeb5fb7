/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects and mappings: flags of mem_alloc, mem_map and mem_control. */
#pragma once

#include <stdint.h>

#define MNOS_PAGE_SIZE 4096ull
#define MNOS_USER_MIN  0x10000ull              /* the lowest pages are never mapped */
#define MNOS_USER_END  0x0000800000000000ull   /* first address above user space */

/* mem_alloc(pool, size, kind|flags, arg) */
#define MNOS_MEM_ANON   0ull   /* zeroed on first touch; charged now, or with LAZY on first touch */
#define MNOS_MEM_CONTIG 1ull   /* physically contiguous, zeroed, resident: for DMA; arg: highest address allowed, 0: any */
#define MNOS_MEM_PAGED  2ull   /* missing pages are asked from the endpoint in arg (SEND) */
#define MNOS_MEM_COW    3ull   /* copy-on-write child of the Memory in arg (READ); size 0: all of it */
#define MNOS_MEM_KIND   0xffull
#define MNOS_MEM_LAZY   0x100ull

/* mem_map(process, memory, address, offset, length, flags) */
#define MNOS_MAP_READ    0x1ull
#define MNOS_MAP_WRITE   0x2ull
#define MNOS_MAP_EXEC    0x4ull    /* never together with WRITE */
#define MNOS_MAP_NOCACHE 0x8ull    /* device Memory only; its default */
#define MNOS_MAP_WRITECOMBINE 0x10ull /* device Memory only */
#define MNOS_MAP_PROTECT 0x20ull   /* change the protection of what is mapped there; memory is none */
#define MNOS_MAP_PORTS   0x40ull   /* memory is an IoPort: the process may use in/out on its ports; no address, offset, length */
#define MNOS_MAP_REPLACE 0x80ull   /* unmap what is mapped there first */

/* mem_grant(process, memory, offset, length, rights, flags) */
#define MNOS_GRANT_SHARE 0ull
#define MNOS_GRANT_MOVE  1ull      /* the pages leave the source Memory; both ends page aligned */

/* mem_control(memory, op, a, b, c).  Of PAGED Memory only its owner changes which pages are there: all but CLEAN need REVOKE. */
enum mnos_mem_op {
    MNOS_MEMCTL_SUPPLY = 0,   /* PAGED, owner: pages at offset a get the c bytes at my address b */
    MNOS_MEMCTL_DECOMMIT = 1, /* pages in [a, a+b) are given back; they read as zero (PAGED: are asked again) */
    MNOS_MEMCTL_CLEAN = 2,    /* writes one bit a page of [a, a+b) that was written since to my address c, and cleans */
    MNOS_MEMCTL_RESIZE = 3,   /* new size a */
    MNOS_MEMCTL_PHYS = 4,     /* physical address of offset a (contiguous or device Memory, GRANT) */
    MNOS_MEMCTL_REFUSE = 5    /* PAGED, owner: whoever waits for a page of [a, a+b) gets a PAST_END fault */
};
