/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int64_t mnos_ipc_X(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext[, mnos_handle_t reply])
 *
 * The message calls use every register but RSP; the six that belong to the caller are kept on the stack, and so is the
 * address of the message.
 */
#define LABEL    0
#define BADGE    8
#define INFO     16
#define BITS     24
#define WORD(n)  (32 + 8 * (n))

    .text
    .globl mnos_ipc_send, mnos_ipc_recv, mnos_ipc_call, mnos_ipc_reply
mnos_ipc_send:
    mov $1, %eax
    jmp message
mnos_ipc_recv:
    mov $2, %eax
    jmp message
mnos_ipc_call:
    mov $12, %eax
    jmp message
mnos_ipc_reply:
    mov $13, %eax
message:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rsi
    mov %rcx, %r10
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

    .section .note.GNU-stack, "", @progbits
