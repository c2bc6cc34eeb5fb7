/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the vectors go.  From user mode an exception is the thread's fault; in the kernel it is one that a table of
 * fix-ups knows, or a bug.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <arch/smp.h>
#include <debug/panic.h>
#include <mnos/syscall.h>
#include <obj.h>

#include "arch.h"

#define VECTOR_NMI 2u
#define VECTOR_NM  7u
#define VECTOR_GP  13u
#define VECTOR_PF  14u

bool (*exception_probe)(struct regs *regs, u64 address);

static const char *const exception_names[32] = {
    [0] = "divide error",        [1] = "debug",
    [2] = "NMI",                 [3] = "breakpoint",
    [4] = "overflow",            [5] = "bound range",
    [6] = "invalid opcode",      [7] = "no FPU",
    [8] = "double fault",        [9] = "coprocessor overrun",
    [10] = "invalid TSS",        [11] = "segment not present",
    [12] = "stack segment",      [13] = "general protection",
    [14] = "page fault",         [16] = "x87 error",
    [17] = "alignment check",    [18] = "machine check",
    [19] = "SIMD error",         [20] = "virtualization",
    [21] = "control protection", [28] = "hypervisor injection",
    [29] = "VMM communication",  [30] = "security",
};

const char *exception_name(u64 vector)
{
    const char *name = vector < 32 ? exception_names[vector] : "interrupt";

    return name != NULL ? name : "reserved exception";
}

/* 0: this instruction may not fault. */
static u64 extable_resume(u64 instruction)
{
    extern const struct extable_entry ex_table_start[], ex_table_end[];

    for (const struct extable_entry *e = ex_table_start; e < ex_table_end; e++)
        if (e->instruction == instruction)
            return e->resume;
    return 0;
}

/* ---- interrupts ------------------------------------------------------------------------------------------------- */

/* user: it interrupted user code, and is all that this kernel entry does. */
static __attribute__((noinline)) void interrupt(struct core *c, unsigned vector, bool user)
{
    if (likely(vector >= VECTOR_IRQ && vector < VECTOR_IRQ + IRQ_COUNT)) {
        if (vector >= VECTOR_IRQ + IRQ_LINES)
            lapic_eoi(); /* a message: nothing to mask */
        else
            irq_begin(vector - VECTOR_IRQ);
        irq_deliver(vector - VECTOR_IRQ, user);
        return;
    }
    if (unlikely(vector < VECTOR_TIMER || vector > VECTOR_SYNC)) {
        c->stat.spurious_irqs++;
        /* The spurious one has nothing in service, and gets no EOI.  Nothing is programmed to send others: an old 8259 at
         * most. */
        if (vector != VECTOR_SPURIOUS && lapic_in_service(vector))
            lapic_eoi();
        return;
    }
    lapic_eoi();
    if (vector == VECTOR_TIMER) {
        c->stat.timer_irqs++;
        c->timer_deadline = UINT64_MAX;
        sched_timer();
        return;
    }
    c->stat.ipis++;
    if (vector == VECTOR_RESCHED)
        sched_ipi();
    else if (vector == VECTOR_SHOOTDOWN)
        smp_on_shootdown();
    else
        smp_on_sync();
}

/* ---- from user mode --------------------------------------------------------------------------------------------- */

static __attribute__((noinline)) void user_exception(struct core *c, struct regs *regs, unsigned vector)
{
    struct thread *t = c->current;

    if (vector == VECTOR_NM) {
        if (fpu_first_use(t))
            return;
        vector = MNOS_FAULT_NO_MEMORY;
    } else if (vector == VECTOR_GP && switch_ports_stale(c, t)) {
        return;
    }
    fault_raise(t, vector, regs->rip, regs->error);
}

void vector_user(struct regs *regs)
{
    struct core *c = this_core();
    unsigned vector = (unsigned)regs->vector;

    if (likely(vector == VECTOR_PF))
        fault_page(c->current, regs->error, cr2_read());
    else if (vector < VECTOR_IRQ)
        user_exception(c, regs, vector);
    else
        interrupt(c, vector, true);
}

void entry_bad_rip(struct regs *regs)
{
    fault_raise(current_thread(), VECTOR_GP, regs->rip, 0);
}

/* ---- from the kernel -------------------------------------------------------------------------------------------- */

void vector_kernel(struct regs *regs)
{
    unsigned vector = (unsigned)regs->vector;
    u64 address = vector == VECTOR_PF ? cr2_read() : 0;

    if (unlikely(exception_probe != NULL) && exception_probe(regs, address))
        return;
    if (vector >= VECTOR_IRQ) {
        struct core *c = this_core();
        irqoff_enter();
        /* Inside the kernel again, before anything is looked at: see smp_quiesce_start. */
        bool was_idle = c->idle && __atomic_exchange_n(&c->idle, false, __ATOMIC_SEQ_CST);
        interrupt(c, vector, false);
        if (was_idle && c->resched == 0)
            __atomic_store_n(&c->idle, true, __ATOMIC_RELEASE);
        irqoff_leave();
        return;
    }
    u64 resume = vector == VECTOR_PF || vector == VECTOR_GP ? extable_resume(regs->rip) : 0;
    if (resume != 0) {
        regs->rip = resume;
        return;
    }
    panic_regs(regs, "%s in the kernel%s", exception_name(vector),
               vector == VECTOR_PF && kmap_is_guard(address) ? ": guard page hit" : "");
}

void vector_fatal_or_nmi(struct regs *regs)
{
    struct core *c = this_core();

    if (regs->vector == VECTOR_NMI) {
        c->stat.nmis++;
        if (smp_on_nmi())
            cpu_halt();
        return;
    }
    bool overflow = regs->vector == 8 && kmap_is_guard(cr2_read());
    panic_regs(regs, "%s%s", exception_name(regs->vector), overflow ? ": kernel stack overflow, guard page hit" : "");
}
