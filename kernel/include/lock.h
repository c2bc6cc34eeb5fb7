/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IRQ-safe ticket locks and their ranks.
 *
 * Kernel code runs with interrupts disabled, except inside preempt_point() where no lock may be held; a lock is
 * therefore IRQ-safe by construction.  A lock may be taken only while all locks held have a smaller rank (locks
 * of the same rank only where the comment allows it, in address order).  Debug kernels check this.
 */
#pragma once

#include <config.h>

enum lock_rank {
    RANK_CAP = 10,        /* cap/: derivation tree and all tables' slots (writers); one lock */
    RANK_PROCESS_LIST = 18, /* the list of processes */
    RANK_PROCESS = 20,    /* a process: thread list, state */
    RANK_ASPACE = 30,     /* an address space: mappings and page tables; two of them only in address order */
    RANK_MEMORY = 40,     /* a Memory: pages, mapping list */
    RANK_ENDPOINT = 50,   /* an endpoint or notification: queues, bits, badges; endpoint before notification */
    RANK_NOTIFICATION = 52,
    RANK_IRQ = 54,        /* interrupt bindings */
    RANK_FUTEX = 56,      /* a bucket of the word-wait table */
    RANK_TIMEOUT = 60,    /* a core's timeout tree */
    RANK_RUNQUEUE = 70,   /* a core's run queue */
    RANK_POOL = 80,       /* a pool: charge and slabs */
    RANK_FRAME = 90,      /* frame bitmap, share counts */
    RANK_IOAPIC = 92,
    RANK_LOG = 99
};

struct spinlock {
    u16 next, owner;      /* ticket lock: next is taken by xadd, owner is served */
    u8 rank;              /* enum lock_rank */
    u8 pad[3];
};

#define SPINLOCK(r) { .rank = (r) }

static inline void spin_init(struct spinlock *l, enum lock_rank rank)
{
    *l = (struct spinlock)SPINLOCK((u8)rank);
}

/* spin_wait() (config.h: pauses, answers shootdown requests) that keeps all registers but RAX: arch/coldcall.h. */
static ALWAYS_INLINE void spin_wait_kept(void)
{
#ifdef HOST_TEST
    spin_wait();
#else
    __asm__ volatile("mov %0, %%rax; call cold_call_thunk" : : "i"(spin_wait) : "rax", "memory", "cc");
#endif
}

static ALWAYS_INLINE void spin_lock(struct spinlock *l)
{
    lock_check_acquire(l, l->rank);       /* config.h: nothing in release kernels */
    /* Not by the compiler's builtins, which read the owner into a register first. */
    u16 ticket = 1;
    __asm__ volatile("lock xaddw %0, %1" : "+r"(ticket), "+m"(l->next) : : "memory", "cc");
    while (unlikely(l->owner != ticket))
        spin_wait_kept();
    READ_ORDER();                   /* what it guards is read after that */
}

/* Only the owner writes `owner`: one plain addition, which is a release on x86 (stores stay in order). */
static ALWAYS_INLINE void lock_release(struct spinlock *l)
{
    __asm__ volatile("addw $1, %0" : "+m"(l->owner) : : "memory", "cc");
}

static ALWAYS_INLINE void spin_unlock(struct spinlock *l)
{
    lock_check_release(l, l->rank);
    lock_release(l);
}
