/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making another thread the current one of this core.  The registers stay where entry.S put them, in the threads; what
 * changes is everything else that the processor holds of a thread: where it pushes, page tables, FS and GS
 * base, FPU, ports.  One CR3 load if the address space differs; no MSR write where the processor has FSGSBASE.
 */
#pragma once

#include <arch/coldcall.h>
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <process.h>

u64 switch_special(struct core *c, struct thread *prev, struct thread *next); /* FPU state in one only, or an old processor */
u64 switch_ports(struct core *c, struct process *p);                /* its bitmap behind the TSS */

/* Saves the bases of `prev` and loads those of `next`.  In the kernel the user's GS base waits behind SWAPGS. */
static ALWAYS_INLINE void switch_gs(struct thread *prev, struct thread *next)
{
    u64 gs;

    /* Between the two SWAPGS nothing uses the core's GS base. */
    __asm__ volatile("swapgs; rdgsbase %0; wrgsbase %1; swapgs" : "=&r"(gs) : "r"(next->gs_base) : "memory");
    prev->gs_base = gs;
}

static ALWAYS_INLINE void switch_fs(struct thread *prev, struct thread *next)
{
    u64 fs;

    /* RDFSBASE and WRFSBASE: the program may have changed it. */
    __asm__ volatile("rdfsbase %0; wrfsbase %1" : "=&r"(fs) : "r"(next->fs_base) : "memory");
    prev->fs_base = fs;
}

/* `p`, whose address space is not loaded, gets it loaded. */
static ALWAYS_INLINE void switch_aspace(struct core *c, struct process *p)
{
    /* First the note, then the tables: a shootdown in between reaches us. */
    c->aspace = &p->aspace;
    cr3_write(p->aspace.root.value);
    c->tss.iomap = IOMAP_NONE;
    if (unlikely(p->has_ports))
        (void)cold_call(switch_ports, c, p, NULL);
}

/* What is the same for all threads, but for GS base; the address space comes last. */
static ALWAYS_INLINE void switch_thread(struct core *c, struct thread *prev, struct thread *next)
{
    u8 flags = prev->switch_flags;

    c->current = next;
    c->tss.rsp[0] = (u64)(&next->regs + 1);
    if (likely(flags == next->switch_flags)) {
        if (unlikely(flags != 0)) {
            if (flags != SWITCH_FPU)
                goto special;
            /* Both have state, so CR0.TS is clear; the mask in EAX covers all of XCR0. */
            __asm__ volatile("xsave64 (%0); xrstor64 (%1)" : : "r"(prev->fpu), "r"(next->fpu), "a"(-1) : "memory");
            c->stat.fpu_saves++;
        }
        switch_fs(prev, next);
        return;
    }
special:
    (void)cold_call(switch_special, c, prev, next);
}

/* A user thread of `p` makes room for another one, but for GS base.  Whoever signals `from` sets the signal first and looks at its
 * state then; here the state was set before, and a CR3 load or the fence stands between it and the caller's look at the signals. */
static ALWAYS_INLINE void switch_user(struct core *c, struct thread *from, struct process *p, struct thread *to)
{
    struct process *q = to->process;

    switch_thread(c, from, to);
    if (likely(p != q))
        switch_aspace(c, q);
    else
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void arch_switch(struct core *c, struct thread *prev, struct thread *next)
{
    switch_thread(c, prev, next);
    if (likely(cpu.fsgsbase))
        switch_gs(prev, next);
    if (likely(next->process != NULL)) {
        if (&next->process->aspace != c->aspace)
            switch_aspace(c, next->process);
    } else if (c->aspace != NULL) {
        /* A kernel thread keeps nobody's tables loaded. */
        c->aspace = NULL;
        cr3_write(kernel_root.value);
        c->tss.iomap = IOMAP_NONE;
    }
}
