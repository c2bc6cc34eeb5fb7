/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that keep a value of their own in every register.  struct torture in RDI: pattern, rounds, errors, yields.
 * Register number i holds pattern + i.
 */
#define SYS_THREAD_DESTROY 0
#define SYS_THREAD_YIELD   21
#define SYS_THREAD_WAKE    23
#define SYS_SYSTEM_INFO    30

    .text

.macro fill from
    lea 1(\from), %rbx
    lea 2(\from), %rbp
    lea 3(\from), %rdx
    lea 4(\from), %rsi
    lea 5(\from), %rdi
    lea 6(\from), %r8
    lea 7(\from), %r9
    lea 8(\from), %r10
    lea 9(\from), %r12
    lea 10(\from), %r13
    lea 11(\from), %r14
    lea 12(\from), %r15
.endm

/* R11 is lost. */
.macro check reg, index, from, wrong
    lea \index(\from), %r11
    cmp %r11, \reg
    jne \wrong
.endm

.macro check_all from, wrong
    check %rbx, 1, \from, \wrong
    check %rbp, 2, \from, \wrong
    check %rdx, 3, \from, \wrong
    check %rsi, 4, \from, \wrong
    check %rdi, 5, \from, \wrong
    check %r8, 6, \from, \wrong
    check %r9, 7, \from, \wrong
    check %r10, 8, \from, \wrong
    check %r12, 9, \from, \wrong
    check %r13, 10, \from, \wrong
    check %r14, 11, \from, \wrong
    check %r15, 12, \from, \wrong
.endm

.macro enter
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $40, %rsp
    mov %rdi, (%rsp)
.endm

.macro leave_all
    add $40, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
.endm

/* Every register that a system call keeps, over `rounds` yields. */
    .globl torture_gprs
torture_gprs:
    enter
    mov (%rdi), %rax
1:  fill %rax
2:  mov $SYS_THREAD_YIELD, %eax
    syscall
    mov (%rsp), %rax
    mov (%rax), %rcx
    check_all %rcx, 3f
    incq 24(%rax)
    decq 8(%rax)
    jnz 2b
    leave_all
3:  incq 16(%rax)
    decq 8(%rax)
    mov %rcx, %rax
    jnz 1b
    leave_all

/* All fifteen, over `rounds` loops in which an interrupt may come at any instruction. */
    .globl torture_spin
torture_spin:
    enter
1:  mov (%rsp), %rax
    mov (%rax), %rax
    fill %rax
    lea 13(%rax), %rcx
    lea 14(%rax), %r11
    movl $2000, 8(%rsp)
2:  decl 8(%rsp)
    jnz 2b
    mov %rax, 16(%rsp)
    mov %rcx, 24(%rsp)
    mov %r11, 32(%rsp)
    mov (%rsp), %rax
    mov (%rax), %rcx
    check_all %rcx, 3f
    cmp %rcx, 16(%rsp)
    jne 3f
    lea 13(%rcx), %r11
    cmp %r11, 24(%rsp)
    jne 3f
    lea 14(%rcx), %r11
    cmp %r11, 32(%rsp)
    jne 3f
    incq 24(%rax)
    jmp 4f
3:  incq 16(%rax)
4:  decq 8(%rax)
    jnz 1b
    leave_all

/*
 * Threads without a stack that never touch a vector register.  struct torture_plain in RDI: rounds, the System's handle,
 * two buffers for a core's record, its size, and a word that is cleared and woken at the end.
 */
    .globl torture_plain_worker
torture_plain_worker:
    mov %rdi, %rbx
1:  mov $SYS_THREAD_YIELD, %eax
    syscall
    decq (%rbx)
    jnz 1b
plain_end:
    mov $-1, %rdi
    mov $SYS_THREAD_DESTROY, %eax
    syscall
    ud2

.macro core_record buffer
    mov 8(%rbx), %rdi
    mov $2, %esi
    xor %edx, %edx
    mov \buffer(%rbx), %r10
    mov 32(%rbx), %r8
    mov $SYS_SYSTEM_INFO, %eax
    syscall
.endm

    .globl torture_plain_judge
torture_plain_judge:
    mov %rdi, %rbx
    core_record 16
1:  mov $SYS_THREAD_YIELD, %eax
    syscall
    decq (%rbx)
    jnz 1b
    core_record 24
    movl $0, 40(%rbx)
    lea 40(%rbx), %rdi
    mov $1, %esi
    xor %edx, %edx
    xor %r10d, %r10d
    xor %r8d, %r8d
    mov $SYS_THREAD_WAKE, %eax
    syscall
    jmp plain_end

    .section .note.GNU-stack, "", @progbits
