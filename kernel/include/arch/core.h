/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-core data.  In the kernel GS points at the core's own struct core.
 * Fields are written by their own core only, unless the comment says otherwise.
 */
#pragma once

#include <arch/regs.h>
#include <core/list.h>
#include <core/tree.h>
#include <lock.h>
#include <mnos/system.h>

/* Bits of resched. */
#define RESCHED_PICK      1      /* pick the next thread before going back to user space */
#define RESCHED_WORK      2      /* the current thread has a continuation, an upcall, or must die */
#define RESCHED_NO_RESULT 4      /* the system call must not store its result: a waker will (or already did) */

struct thread;
struct aspace;
struct process;

struct tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u32 iomap;                   /* offset of the port bitmap in the upper half */
} __attribute__((packed));

#define IOMAP_NONE (0xffffu << 16)   /* beyond the TSS limit: no ports */

struct frame_cache {             /* frames in front of the bitmap */
    u32 count;
    u32 frame[62];
};

struct run_queue {
    struct spinlock lock;
    u64 bitmap[4];               /* bit p: queue[p] is not empty */
    u32 words;                   /* bit w: bitmap[w] is not 0 */
    u32 ready;
    u32 running;                 /* priority + 1 of what this core runs, 0: idle; changed under the lock, or upwards */
    struct list queue[256];
};

struct core {
    struct core *self;
    struct thread *current;
    u64 kstack;                  /* top of this core's kernel stack */
    u64 scratch;
    u32 resched;                 /* RESCHED_*; set by its own core, also from interrupts */
    u32 index;
    struct aspace *volatile aspace; /* whose page tables are loaded; read by other cores (shootdown) */
    u64 fast_word;               /* index << 32: see struct thread */
    u64 pad;

    struct tss tss;
    u8 iopb[8192 + 1];           /* port permission bitmap, behind the TSS as the processor wants it */
    u64 iopb_pid;                /* whose ports the bitmap holds; 0: nobody's, all ones */
    u32 iopb_version;            /* ... and of which ports_version */
    u32 iopb_low, iopb_high;     /* bytes of it that may differ from all ones: [low, high) */

    u32 apic_id;
    u32 lapic_seen;              /* what its local APIC says */
    bool online;                 /* read by others */
    volatile bool idle;          /* in HLT or about to be: counts as out of the kernel; read by others.  An interrupt in
                                  * HLT clears it, and sets it again when there is still nothing to do */
    bool fpu_on;                 /* CR0.TS is clear */
    volatile u64 sync_seen;      /* last quiescence request answered; others write it for an idle core */
    u64 *gdt, *idt;

    struct thread *idle_thread;
    struct run_queue rq;
    struct spinlock timeout_lock;
    struct tree timeouts;        /* threads by deadline */
    u64 timer_deadline;          /* ns for which the timer is armed; ~0: not armed */
    u64 slice_end;               /* ns at which the current thread's quantum ends; 0: no slice running */
    u64 account_start;           /* ns since when account runs */
    u64 account;                 /* pid of who pays for CPU time; 0: nobody */

    struct frame_cache frames;

    struct mnos_info_core stat;  /* its counters; the rest is filled in when it is asked for */
    u64 copied_bytes;
    u64 irqoff_start, irqoff_max; /* debug kernels: TSC ticks; start 0: interrupts are on */
    u64 lock_stack_used;          /* debug kernels: the locks held, in the order they were taken */
    const void *lock_stack[16];
};

extern struct core *cores[CORES_MAX];   /* by index; filled during boot, constant afterwards */
extern u32 core_count;

/* The core we run on.  Host tests provide their own. */
#ifdef HOST_TEST
extern struct core *host_core;
static inline struct core *this_core(void) { return host_core; }
#else
static inline struct core *this_core(void)
{
    struct core *c;
    /* GS base is the core in all kernel code; `self` is its first word.  Not volatile: the compiler may reuse it. */
    __asm__("mov %%gs:0, %0" : "=r"(c));
    return c;
}
#endif
static inline struct thread *current_thread(void) { return this_core()->current; }
