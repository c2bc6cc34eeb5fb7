/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user registers of a thread.  They are the first member of struct thread, and the processor (TSS.RSP0) and the
 * entry code push straight into them, so that a switch copies nothing.
 */
#pragma once

#define REGS_VIA_SYSCALL 256     /* value of vector: entered by SYSCALL, may leave by SYSRET */

#include <types.h>

struct regs {
    union {
        struct { u64 r15, r14, r13, r12, rbp, rbx, r9, r8; };
        struct { u64 reg[8]; } words;   /* the same: words 7 to 0 of a message */
    };
    u64 r10, rdx, rsi, rdi, rax;
    u64 r11, rcx;                /* not saved by SYSCALL entries: dead there */
    u64 vector;                  /* exception or interrupt vector, or REGS_VIA_SYSCALL */
    u64 error;
    u64 rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct regs) % 16 == 0, "the processor aligns the stack before it pushes");
