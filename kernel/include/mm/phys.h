/* SPDX-License-Identifier: BSD-2-Clause */
/* The one conversion between physical addresses and kernel pointers: the higher-half direct map. */
#pragma once

#include <types.h>

extern u64 hhdm_offset;   /* set in boot phase 2, constant afterwards */

static inline void *phys_to_virt(paddr_t p) { return (void *)(p.value + hhdm_offset); }
static inline paddr_t virt_to_phys(const void *v) { return PADDR((u64)v - hhdm_offset); }  /* direct-map pointers only */
static inline u32 frame_number(paddr_t p) { return (u32)(p.value >> PAGE_SHIFT); }
static inline paddr_t frame_address(u32 n) { return PADDR((u64)n << PAGE_SHIFT); }
