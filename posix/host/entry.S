/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry points of the seam that cannot be written in C, for Linux: numbers in RAX, arguments RDI RSI RDX R10 R8 R9. */
#define SYS_munmap       11
#define SYS_rt_sigreturn 15
#define SYS_clone        56
#define SYS_exit         60

/* __mnos_clone(fn, stack, flags, arg, ptid, tls, ctid on the stack): the child finds fn and arg on its stack. */
    .text
    .globl __mnos_clone
__mnos_clone:
    and $-16, %rsi
    sub $16, %rsi
    mov %rdi, (%rsi)
    mov %rcx, 8(%rsi)
    mov %rdx, %rdi              /* flags */
    mov %r8, %rdx               /* ptid */
    mov %r9, %r8                /* tls */
    mov 8(%rsp), %r10           /* ctid */
    mov $SYS_clone, %eax
    syscall
    test %eax, %eax
    jnz 1f
    xor %ebp, %ebp
    pop %rax
    pop %rdi
    call *%rax
    mov %eax, %edi
    mov $SYS_exit, %eax
    syscall
    ud2
1:  ret

    .globl __mnos_unmapself
__mnos_unmapself:
    mov $SYS_munmap, %eax
    syscall
    xor %edi, %edi
    mov $SYS_exit, %eax
    syscall
    ud2

    .globl __mnos_sigreturn
__mnos_sigreturn:
    mov %rdi, %rsp
    mov $SYS_rt_sigreturn, %eax
    syscall
    ud2

/* __mnos_syscall_cp(cancel, n, a, b, c, d, e, f): up to __cp_end, the instruction behind the system call, nothing has been done. */
    .globl __mnos_syscall_cp, __cp_begin, __cp_end, __cp_cancel
    .hidden __cancel
__mnos_syscall_cp:
__cp_begin:
    mov (%rdi), %eax
    test %eax, %eax
    jnz __cp_cancel
    mov %rsi, %rax
    mov %rdx, %rdi
    mov %rcx, %rsi
    mov %r8, %rdx
    mov %r9, %r10
    mov 8(%rsp), %r8
    mov 16(%rsp), %r9
    syscall
__cp_end:
    ret
__cp_cancel:
    jmp __cancel

    .section .note.GNU-stack, "", @progbits
