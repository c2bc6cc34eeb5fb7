/* SPDX-License-Identifier: BSD-2-Clause */
/* Where programs, threads and cancellable calls begin. */

/*
 * The first instruction of a program: ring, pid, CapSet in RDI, RSI, RDX (mnos/startup.h).  musl's _start expects the stack of
 * the System V ABI: argc, argv, envp, auxv at RSP.
 */
    .text
    .globl __mnos_entry, _start
__mnos_entry:
    xor %ebp, %ebp
    and $-16, %rsp
    call px_begin           /* how many bytes that is */
    sub %rax, %rsp
    and $-16, %rsp
    mov %rsp, %rdi
    call px_vectors
    jmp _start

/* The first instruction of a thread: its struct px_thread_start, which lies on its stack, in RDI. */
    .globl px_thread_entry
px_thread_entry:
    xor %ebp, %ebp
    and $-16, %rsp
    call px_thread_main
    ud2

/* px_off_stack(base, size, top): px_unmap_and_end(base, size) on the stack that ends at top. */
    .globl px_off_stack
px_off_stack:
    mov %rdx, %rsp
    xor %ebp, %ebp
    call px_unmap_and_end
    ud2

/*
 * __mnos_syscall_cp(cancel, n, a, b, c, d, e, f): the arguments of __mnos_syscall lie one place further on, the last two
 * on the stack.  Between __cp_begin and __cp_end nothing has been done yet.
 */
    .globl __mnos_syscall_cp, __cp_begin, __cp_end, __cp_cancel
    .hidden __cancel
__mnos_syscall_cp:
__cp_begin:
    mov (%rdi), %eax
    test %eax, %eax
    jnz __cp_cancel
__cp_end:
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %rcx
    mov %r9, %r8
    mov 8(%rsp), %r9
    push 16(%rsp)
    call __mnos_syscall
    add $8, %rsp
    ret
__cp_cancel:
    jmp __cancel

    .section .note.GNU-stack, "", @progbits
