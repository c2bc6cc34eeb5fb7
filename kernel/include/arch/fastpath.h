/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How entry.S and ipc/fast.c hand to each other.  Neither side returns: the kernel stack is simply left.
 * They are not declared _Noreturn: compilers take a path that ends in such a function for a cold one.
 * On entry the sender's words, RIP, RFLAGS and RSP are in its struct regs; what the call names is in C's registers.
 */
#pragma once

#include <thread.h>

void ipc_fast_call(u64 handle, u64 label);
void ipc_fast_reply(u64 from, u64 label, u64 reply_handle);

/* On through the dispatch table with these arguments; nothing was changed. */
static inline void ipc_slow(u64 number, u64 a, u64 b, u64 c, u64 d)
{
    /* entry.S saves the five registers, which the fast path left unsaved, and goes on as for any call. */
    __asm__ volatile("jmp ipc_slow" : : "a"(number), "D"(a), "S"(b), "d"(c), "c"(d) : "memory");
}

/* To user space as thread `to`, the current one, with the eight words out of `words`; RAX, RDX and R10 are 0. */
static inline void ipc_fast_leave(const struct regs *words, struct thread *to, u64 rdi, u64 rsi)
{
    /* entry.S loads the rest from the two records. */
    __asm__ volatile("jmp ipc_fast_leave" : : "a"(words), "d"(&to->regs), "D"(rdi), "S"(rsi) : "memory");
}

/* The same with something in RDX. */
static inline void ipc_info_leave(const struct regs *words, struct thread *to, u64 rdi, u64 rsi, u64 rdx)
{
    register u64 info __asm__("r10") = rdx;

    __asm__ volatile("jmp ipc_info_leave" : : "a"(words), "d"(&to->regs), "D"(rdi), "S"(rsi), "r"(info) : "memory");
}
