/* SPDX-License-Identifier: BSD-2-Clause */
/* Called by entry.S on each entry and exit: the measurement, and the storm that `inject=nmi` asks for. */
#include <arch/cpu.h>
#include <arch/lapic.h>

#include "selftest.h"

bool inject_nmi;

/* It comes somewhere in the next instructions: in the kernel, between SWAPGS and the return, or in user mode. */
static void nmi_send(struct core *c)
{
    lapic_send(c->apic_id, LAPIC_SEND_NMI);
}

void irqoff_enter(void)
{
    struct core *c = this_core();

    c->irqoff_start = tsc_read();
    if (inject_nmi)
        nmi_send(c);
}

void irqoff_leave(void)
{
    struct core *c = this_core();
    u64 start = c->irqoff_start, length = tsc_read() - start;

    c->irqoff_start = 0;
    if (start != 0 && length > c->irqoff_max)
        c->irqoff_max = length;
    if (inject_nmi)
        nmi_send(c);
}
