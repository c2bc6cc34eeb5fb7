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

/*
 * int64_t px_ipc_wait(number, object, struct mnos_msg *, struct mnos_ipc_ext *): as mnos_ipc_call and mnos_ipc_recv, but
 * INTERRUPTED if px_wake is set.  An upcall that finds the thread in a window, where the look is over and the system call has
 * not been made, sends it on to the window's end with that result (px_upcall).
 */
#define LABEL       0
#define BADGE       8
#define INFO        16
#define BITS        24
#define WORD(n)     (32 + 8 * (n))
#define INTERRUPTED 14
#define BLOCK       22

    .globl px_ipc_wait, px_ipc_window, px_ipc_window_end, px_ipc_interrupted
px_ipc_wait:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdx
    mov %edi, %eax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov $-1, %r10
px_ipc_window:
    cmpl $0, %fs:px_wake@tpoff
    jne px_ipc_interrupted
    mov WORD(0)(%rsi), %r8
    mov WORD(1)(%rsi), %r9
    mov WORD(2)(%rsi), %rbx
    mov WORD(3)(%rsi), %rbp
    mov WORD(4)(%rsi), %r12
    mov WORD(5)(%rsi), %r13
    mov WORD(6)(%rsi), %r14
    mov WORD(7)(%rsi), %r15
    mov LABEL(%rsi), %rsi
    syscall
px_ipc_window_end:
    pop %rcx
    test %rax, %rax
    js 1f
    mov %rsi, LABEL(%rcx)
    mov %rdi, BADGE(%rcx)
    mov %rdx, INFO(%rcx)
    mov %r10, BITS(%rcx)
    mov %r8, WORD(0)(%rcx)
    mov %r9, WORD(1)(%rcx)
    mov %rbx, WORD(2)(%rcx)
    mov %rbp, WORD(3)(%rcx)
    mov %r12, WORD(4)(%rcx)
    mov %r13, WORD(5)(%rcx)
    mov %r14, WORD(6)(%rcx)
    mov %r15, WORD(7)(%rcx)
1:  pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
px_ipc_interrupted:
    mov $-INTERRUPTED, %rax
    jmp px_ipc_window_end

/* int64_t px_block_wait(word, expected, deadline, flags): as mnos_thread_block, with such a window. */
    .globl px_block_wait, px_block_window, px_block_window_end, px_block_interrupted
px_block_wait:
    mov %rcx, %r10
px_block_window:
    cmpl $0, %fs:px_wake@tpoff
    jne px_block_interrupted
    mov $BLOCK, %eax
    syscall
px_block_window_end:
    ret
px_block_interrupted:
    mov $-INTERRUPTED, %rax
    ret

/*
 * long px_fork_call(send, argument, uint64_t *sp): send(argument), with *sp a stack from which px_fork_child, the child's first
 * instruction, comes back from here with 0.
 */
    .globl px_fork_call, px_fork_child
px_fork_call:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdx)
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
1:  add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
px_fork_child:
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    xor %eax, %eax
    jmp 1b

/*
 * Where upcalls arrive: RDI is the area, RSP that of the interrupted code, whose red zone stays.  The handler may be a program's, which
 * leaves by longjmp or returns.
 */
#define THREAD_CONTROL 28
#define UPCALL_RETURN  9

    .globl px_upcall_enter
px_upcall_enter:
    lea -128(%rsp), %rsp
    mov px_state_bytes(%rip), %eax
    test %eax, %eax
    jz 2f
    sub %rax, %rsp
    and $-64, %rsp
    xor %eax, %eax          /* of the header XSAVE writes one word; XRSTOR wants the others zero */
    .irp at, 512, 520, 528, 536, 544, 552, 560, 568
    mov %rax, \at(%rsp)
    .endr
    mov $-1, %eax
    mov %eax, %edx
    xsave64 (%rsp)
    cld
    xor %ebp, %ebp
    call px_upcall
    mov $-1, %eax
    mov %eax, %edx
    xrstor64 (%rsp)
1:  mov $THREAD_CONTROL, %eax
    mov $-1, %rdi
    mov $UPCALL_RETURN, %esi
    xor %edx, %edx
    xor %r10d, %r10d
    syscall
    ud2
2:  sub $512, %rsp
    and $-16, %rsp
    fxsave64 (%rsp)
    cld
    xor %ebp, %ebp
    call px_upcall
    fxrstor64 (%rsp)
    jmp 1b

    .section .note.GNU-stack, "", @progbits
