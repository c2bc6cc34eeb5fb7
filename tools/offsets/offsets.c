/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What entry.S has to know of C: each line of the compiler's assembly that holds "@NAME value" becomes a #define of
 * build/gen/offsets.h (tools/offsets/module.mk).  Compiled like the kernel, never linked.
 */
#include <arch/core.h>
#include <arch/cpu.h>
#include <mnos/errors.h>
#include <mnos/syscall.h>
#include <thread.h>

#define VALUE(name, value)         __asm__ volatile(".ascii \"@" #name " %c0\"" : : "i"((int)(value)))
#define OFFSET(name, type, member) VALUE(name, offsetof(struct type, member))
#define REGISTER(name, member)     OFFSET(R_##name, regs, member)

void offsets(void);
void offsets(void)
{
    REGISTER(R15, r15);
    REGISTER(R14, r14);
    REGISTER(R13, r13);
    REGISTER(R12, r12);
    REGISTER(RBP, rbp);
    REGISTER(RBX, rbx);
    REGISTER(R9, r9);
    REGISTER(R8, r8);
    REGISTER(R10, r10);
    REGISTER(RDX, rdx);
    REGISTER(RSI, rsi);
    REGISTER(RDI, rdi);
    REGISTER(RAX, rax);
    REGISTER(R11, r11);
    REGISTER(RCX, rcx);
    REGISTER(VECTOR, vector);
    REGISTER(RIP, rip);
    REGISTER(CS, cs);
    REGISTER(RFLAGS, rflags);
    REGISTER(RSP, rsp);
    REGISTER(SS, ss);
    VALUE(REGS_SIZE, sizeof(struct regs));
    VALUE(REGS_VIA_SYSCALL, REGS_VIA_SYSCALL);
    OFFSET(THREAD_GS_BASE, thread, gs_base);
    OFFSET(THREAD_ON_CPU, thread, on_cpu);
    OFFSET(CORE_CURRENT, core, current);
    OFFSET(CORE_KSTACK, core, kstack);
    OFFSET(CORE_SCRATCH, core, scratch);
    OFFSET(CORE_RESCHED, core, resched);
    OFFSET(CORE_TSS, core, tss);
    OFFSET(CORE_RSP0, core, tss.rsp[0]);
    VALUE(RESCHED_NO_RESULT, RESCHED_NO_RESULT);
    VALUE(SYSCALL_COUNT, MNOS_SYS_COUNT);
    VALUE(NR_IPC_CALL, MNOS_SYS_ipc_call);
    VALUE(NR_IPC_REPLY, MNOS_SYS_ipc_reply);
    VALUE(E_NOT_SUPPORTED, MNOS_E_NOT_SUPPORTED);
    VALUE(USER_DATA, SEL_USER_DATA);
    VALUE(USER_CODE, SEL_USER_CODE);
    VALUE(MSR_GS_BASE, MSR_GS_BASE);
}
