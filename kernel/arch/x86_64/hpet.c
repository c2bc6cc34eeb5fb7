/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of the HPET's main counter, to measure others by (IA-PC HPET Specification 1.0a, 2.3). */
#include <arch/kmap.h>

#include "arch.h"

#define HPET_CAPABILITIES 0x000u /* 63..32: femtoseconds a tick; bit 13: 64-bit counter */
#define HPET_CONFIG       0x010u /* bit 0: counts */
#define HPET_COUNTER      0x0f0u

#define FEMTOSECONDS 1000000000000000ull
#define PERIOD_MAX   100000000ull

u64 hpet_address;

static volatile u8 *hpet_base;

static u32 hpet_read32(unsigned reg)
{
    return *(volatile u32 *)(volatile void *)(hpet_base + reg);
}

static u64 hpet_counter(void)
{
    return hpet_read32(HPET_COUNTER);
}

bool hpet_open(struct reference *ref)
{
    if (hpet_address == 0)
        return false;
    hpet_base = kmap_mmio(PADDR(hpet_address), 0x400, KMAP_UNCACHED);
    if (hpet_base == NULL)
        return false;
    u64 period = hpet_read32(HPET_CAPABILITIES + 4);
    if (period == 0 || period > PERIOD_MAX)
        return false;
    *(volatile u32 *)(volatile void *)(hpet_base + HPET_CONFIG) = hpet_read32(HPET_CONFIG) | 1;
    *ref = (struct reference){.name = "HPET", .hz = FEMTOSECONDS / period, .mask = 0xffffffff, .read = hpet_counter};
    return true;
}
