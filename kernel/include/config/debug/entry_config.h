/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What entry.S does besides entering and leaving: the time with interrupts off is measured (debug/irqoff.c).
 * ENTRY_HOOK keeps all registers (the stack is the core's), EXIT_HOOK runs on the thread's record and keeps all but flags.
 */
#define HOOK(function)                                                                                                 \
    push %rax; push %rcx; push %rdx; push %rsi; push %rdi; push %r8; push %r9; push %r10; push %r11; push %rbp;        \
    call function;                                                                                                     \
    pop %rbp; pop %r11; pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rdx; pop %rcx; pop %rax
#define ENTRY_HOOK HOOK(irqoff_enter)
#define EXIT_HOOK                                                                                                      \
    mov %rsp, %gs:CORE_SCRATCH; mov %gs:CORE_KSTACK, %rsp; HOOK(irqoff_leave); mov %gs:CORE_SCRATCH, %rsp
