/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC of this core, by its registers in memory (xAPIC; SDM volume 3A, chapter 11). */
#pragma once

#include <types.h>

#define LAPIC_ID          0x020u
#define LAPIC_VERSION     0x030u
#define LAPIC_TPR         0x080u
#define LAPIC_EOI         0x0b0u
#define LAPIC_SVR         0x0f0u
#define LAPIC_ISR         0x100u
#define LAPIC_ICR_LOW     0x300u
#define LAPIC_ICR_HIGH    0x310u
#define LAPIC_LVT_TIMER   0x320u
#define LAPIC_LVT_THERMAL 0x330u
#define LAPIC_LVT_PERF    0x340u
#define LAPIC_LVT_LINT0   0x350u
#define LAPIC_LVT_LINT1   0x360u
#define LAPIC_LVT_ERROR   0x370u
#define LAPIC_TIMER_INIT  0x380u
#define LAPIC_TIMER_COUNT 0x390u
#define LAPIC_TIMER_DIV   0x3e0u

#define LAPIC_MASKED     0x10000u
#define LAPIC_SVR_ENABLE 0x100u

extern volatile u32 *lapic_base;

static inline u32 lapic_read(unsigned reg)
{
    return lapic_base[reg / 4];
}
static inline void lapic_write(unsigned reg, u32 value)
{
    lapic_base[reg / 4] = value;
}
static inline void lapic_eoi(void)
{
    lapic_write(LAPIC_EOI, 0);
}

void lapic_map(u64 physical);              /* boot, once */
void lapic_init(void);                     /* each core */
void lapic_send(u32 apic_id, u32 command); /* command: ICR bits 0 to 19; waits until it is taken */
#define LAPIC_SEND_FIXED 0x4000u           /* | vector */
#define LAPIC_SEND_NMI   0x4400u
