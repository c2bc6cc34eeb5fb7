/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the registers as the loader left them, then calls probe_main; and the same for the other processors. */

    .text
    .globl probe_start, probe_start_requested, probe_ap_start
probe_start_requested:
    movb $1, requested_entry(%rip)
probe_start:
    mov %rax, entry_registers(%rip)
    mov %rbx, entry_registers+8(%rip)
    mov %rcx, entry_registers+16(%rip)
    mov %rdx, entry_registers+24(%rip)
    mov %rsi, entry_registers+32(%rip)
    mov %rdi, entry_registers+40(%rip)
    mov %rbp, entry_registers+48(%rip)
    mov %rsp, entry_registers+56(%rip)
    mov %r8, entry_registers+64(%rip)
    mov %r9, entry_registers+72(%rip)
    mov %r10, entry_registers+80(%rip)
    mov %r11, entry_registers+88(%rip)
    mov %r12, entry_registers+96(%rip)
    mov %r13, entry_registers+104(%rip)
    mov %r14, entry_registers+112(%rip)
    mov %r15, entry_registers+120(%rip)
    pushfq
    popq entry_registers+128(%rip)
    call probe_main
1:  hlt
    jmp 1b

/* RDI = info record. */
probe_ap_start:
    mov %rsp, %rsi
    mov %rax, %rdx
    or %rbx, %rdx
    or %rcx, %rdx
    or %rbp, %rdx
    or %r8, %rdx
    or %r15, %rdx
    pushfq
    popq %rcx
    call probe_ap_main
1:  hlt
    jmp 1b

    .bss
    .balign 8
    .globl entry_registers, requested_entry
entry_registers:
    .skip 17 * 8
requested_entry:
    .skip 8

    .section .note.GNU-stack, "", @progbits
