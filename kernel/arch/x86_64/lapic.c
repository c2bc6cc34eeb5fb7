/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of the local APIC. */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <boot/boot_info.h>

#include "arch.h"

#define APIC_BASE_ENABLE 0x800ull
#define APIC_BASE_X2     0x400ull
#define ICR_PENDING      0x1000u

volatile u32 *lapic_base;

void lapic_map(u64 physical)
{
    u64 msr = msr_read(MSR_APIC_BASE);

    if ((msr & APIC_BASE_X2) != 0)
        boot_refuse("boot: the loader left the local APIC in x2APIC mode, which the kernel does not drive");
    msr_write(MSR_APIC_BASE, (msr & 0xfffull) | APIC_BASE_ENABLE | (physical & ~0xfffull));
    lapic_base = kmap_mmio(PADDR(physical), PAGE_SIZE, KMAP_UNCACHED);
    if (lapic_base == NULL)
        boot_refuse("boot: the local APIC lies where nothing can be mapped");
}

void lapic_init(void)
{
    /* The last two from the fifth and the sixth entry of the table on. */
    static const u16 masked[] = {LAPIC_LVT_TIMER, LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,
                                 LAPIC_LVT_ERROR, LAPIC_LVT_PERF,  LAPIC_LVT_THERMAL};
    unsigned highest_lvt = lapic_read(LAPIC_VERSION) >> 16 & 0xff;

    for (unsigned i = 0; i < ARRAY_SIZE(masked) && (i < 4 || i <= highest_lvt); i++)
        lapic_write(masked[i], LAPIC_MASKED);
    lapic_write(LAPIC_SVR, LAPIC_SVR_ENABLE | VECTOR_SPURIOUS);
    lapic_write(LAPIC_TPR, 0);
    lapic_write(LAPIC_TIMER_DIV, 0xb); /* divide by 1 */
    lapic_write(LAPIC_TIMER_INIT, 0);
    lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER); /* one-shot */
    lapic_eoi();
    this_core()->lapic_seen = lapic_read(LAPIC_ID) >> 24;
}

void lapic_send(u32 apic_id, u32 command)
{
    while ((lapic_read(LAPIC_ICR_LOW) & ICR_PENDING) != 0)
        cpu_relax();
    lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
    lapic_write(LAPIC_ICR_LOW, command);
}

bool lapic_in_service(unsigned vector)
{
    return (lapic_read(LAPIC_ISR + vector / 32 * 16) >> (vector % 32) & 1) != 0;
}
