/* SPDX-License-Identifier: BSD-2-Clause */
/* The first instruction of init: reads the counter, then starts as every program does (instead of libmnos's crt0). */
    .section .start, "ax"
    .globl _start
_start:
    mov %rdx, %rcx
    rdtsc
    mov %eax, first_tsc(%rip)
    mov %edx, first_tsc + 4(%rip)
    mov %rcx, %rdx
    xor %ebp, %ebp
    and $-16, %rsp
    call mnos_start
    ud2

    .bss
    .balign 8
    .globl first_tsc
first_tsc:
    .skip 8

    .section .note.GNU-stack, "", @progbits
