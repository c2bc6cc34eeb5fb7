/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of the HPET's main counter, to measure others by (IA-PC HPET Specification 1.0a, 2.3). */
#include <arch/kmap.h>

#include "arch.h"

/* Registers, in words of 32 bits. */
#define HPET_PERIOD  (0x004u / 4) /* femtoseconds a tick */
#define HPET_CONFIG  (0x010u / 4) /* bit 0: counts */
#define HPET_COUNTER (0x0f0u / 4)

#define FEMTOSECONDS 1000000000000000ull
#define PERIOD_MAX   100000000ull

u64 hpet_address;

static volatile u32 *hpet;

static u64 hpet_counter(void)
{
    return hpet[HPET_COUNTER];
}

bool hpet_open(struct reference *ref)
{
    hpet = hpet_address != 0 ? kmap_mmio(PADDR(hpet_address), 0x400, KMAP_UNCACHED) : NULL;
    if (hpet == NULL)
        return false;
    u64 period = hpet[HPET_PERIOD];
    if (period == 0 || period > PERIOD_MAX)
        return false;
    hpet[HPET_CONFIG] = hpet[HPET_CONFIG] | 1;
    *ref = (struct reference){.name = "HPET", .hz = FEMTOSECONDS / period, .mask = 0xffffffff, .read = hpet_counter};
    return true;
}
