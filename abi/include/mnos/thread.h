/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: creation record, thread_control operations, upcalls, block and wake. */
#pragma once

#include <mnos/object.h>

#define MNOS_PRIO_MAX     255u
#define MNOS_PRIO_DEFAULT 100u
#define MNOS_QUANTUM_NS   10000000ull

/* thread_create(process, struct mnos_thread_args *) */
struct mnos_thread_args {
    uint64_t entry, stack;        /* RIP and RSP */
    uint64_t arg[3];              /* RDI, RSI, RDX */
    uint64_t fs_base;
    uint32_t priority;            /* at most the creator's ceiling; 0: the creator's own */
    uint32_t flags;               /* MNOS_THREAD_* */
    uint64_t affinity;            /* bit per core; 0: any */
};
#define MNOS_THREAD_SUSPENDED 0x1u

enum mnos_thread_op {
    MNOS_THREADCTL_GET_REGS = 0,     /* a: struct mnos_regs * out; the thread is suspended or blocked in a fault */
    MNOS_THREADCTL_SET_REGS = 1,     /* a: struct mnos_regs * in */
    MNOS_THREADCTL_SUSPEND = 2,      /* Thread, or Process: all its threads */
    MNOS_THREADCTL_RESUME = 3,
    MNOS_THREADCTL_PRIORITY = 4,     /* a: 1 to 255, at most the caller's ceiling */
    MNOS_THREADCTL_AFFINITY = 5,     /* a: bit per core */
    MNOS_THREADCTL_TLS = 6,          /* a: FS base */
    MNOS_THREADCTL_UPCALL_AREA = 7,  /* self; a: struct mnos_upcall_area *, b: handler; 0, 0: none */
    MNOS_THREADCTL_UPCALL = 8,       /* a: bits, or'ed into the pending word */
    MNOS_THREADCTL_UPCALL_RETURN = 9,/* self: continue with the registers in the area; does not return */
    MNOS_THREADCTL_CLEAR_WORD = 10,  /* self; a: u32 address that is zeroed and woken when the thread is off its stack */
    MNOS_THREADCTL_WATCH = 11,       /* Thread or Process; a: Notification (SEND), b: bits, signalled at its death */
    MNOS_THREADCTL_BUDGET = 12,      /* Process; a: ns of CPU time in each period, b: period in ns; 0, 0: none */
    MNOS_THREADCTL_BIND = 13,        /* self; a: Notification (RECV) to be received with messages; none: unbind */
    MNOS_THREADCTL_ID = 14,          /* returns the thread id */
    MNOS_THREADCTL_COUNT = 15
};

struct mnos_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r9, r8, r10, rdx, rsi, rdi, rax, r11, rcx;
    uint64_t rip, rflags, rsp;
    uint64_t fs_base, gs_base;
};

/*
 * The kernel delivers an upcall when the thread is about to run user code, an upcall is pending and hold is 0:
 * it stores the registers and the pending bits, sets hold to 1 and continues at the handler with RDI = area.
 * UPCALL_RETURN loads regs and clears hold.  FS and GS base
 * are no part of it: the handler runs with the thread's own.
 */
struct mnos_upcall_area {
    uint64_t hold;
    uint64_t bits;
    struct mnos_regs regs;
};

/* thread_block(address, expected, deadline, flags); thread_wake(address, n, requeue address, m, flags) */
#define MNOS_WAIT_PRIVATE 0ull
#define MNOS_WAIT_SHARED  1ull    /* keyed by (Memory, offset): meets other processes' mappings of it */
#define MNOS_WAIT_PARK    2ull    /* block: until a wake with a capability to this thread; wake: address is a Thread */

/* irq_bind(interrupt, op, notification, bits) */
#define MNOS_IRQ_BIND   0ull      /* deliveries set bits in the notification; unmasks */
#define MNOS_IRQ_ACK    1ull      /* handled: unmask */
#define MNOS_IRQ_UNBIND 2ull
