/* SPDX-License-Identifier: BSD-2-Clause */
/* Position-independent: the bytes from handoff_blob to handoff_blob_end are copied to a page below 1 MiB. */
#include <boot/handoff.h>

    .text
    .balign 16
    .globl handoff_blob, handoff_ap_32, handoff_ap_64, handoff_blob_end, handoff_enter

/* In: RDI = the page's identity address.  Runs here until the bridge tables are on, then in the page's alias. */
    .code64
handoff_enter:
    cli
    cld
    mov HANDOFF_CR3_BRIDGE(%rdi), %rax
    mov %rax, %cr3
    mov HANDOFF_HIGH(%rdi), %rbx
    lea (enter_high - handoff_blob)(%rbx), %rax
    jmp *%rax

    .balign 16
handoff_blob:
    .code16
    jmp ap_16

    .org handoff_blob + HANDOFF_CODE
/* In: CS = page >> 4, IP = 0.  A processor just started. */
ap_16:
    cli
    cld
    xorl %ebx, %ebx
    movw %cs, %bx
    movw %bx, %ds
    shll $4, %ebx
    lgdtl HANDOFF_GDTR_LOW
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl *HANDOFF_FAR_32

    .code32
handoff_ap_32:
    movw $SELECTOR_DATA_32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl HANDOFF_CR4(%ebx), %eax
    movl %eax, %cr4
    movl HANDOFF_CR3_BRIDGE(%ebx), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    movl HANDOFF_EFER(%ebx), %eax
    xorl %edx, %edx
    wrmsr
    movl HANDOFF_CR0(%ebx), %eax
    movl %eax, %cr0
    ljmpl *HANDOFF_FAR_64(%ebx)

    .code64
handoff_ap_64:
    movl %ebx, %ebx
    movl $SELECTOR_DATA_64, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    mov HANDOFF_AP_STACK(%rbx), %r12
    mov HANDOFF_AP_INFO(%rbx), %r13
    mov HANDOFF_HIGH(%rbx), %r14
    mov %r12, %rsp
    call *HANDOFF_AP_MAIN(%rbx)
    lea (ap_park - handoff_blob)(%r14), %rax
    jmp *%rax

/* In the alias.  R12 = stack top, R13 = info record. */
ap_park:
    lea handoff_blob(%rip), %rbx
    lgdt HANDOFF_GDTR_HIGH(%rbx)
    mov HANDOFF_CR3(%rbx), %rax
    mov %rax, %cr3
1:  pause
    mov 16(%r13), %rax              /* goto_address of struct limine_mp_info */
    test %rax, %rax
    jz 1b
    mov %r13, %rdi
    jmp leave

/* In the alias, on the first processor. */
enter_high:
    lea handoff_blob(%rip), %rbx
    mov HANDOFF_STACK(%rbx), %r12
    mov %r12, %rsp
    lgdt HANDOFF_GDTR_HIGH(%rbx)
    pushq $SELECTOR_CODE_64
    lea 1f(%rip), %rax
    push %rax
    lretq
1:  movl $SELECTOR_DATA_64, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    mov HANDOFF_CR0(%rbx), %rax
    mov %rax, %cr0
    mov HANDOFF_CR3(%rbx), %rcx
    mov HANDOFF_ENTRY(%rbx), %rax
    mov %rcx, %cr3
    xorl %edi, %edi

/* In: RAX = where to, RDI as it is to be, R12 = stack top.  All other registers become zero. */
leave:
    mov %r12, %rsp
    pushq $0
    push %rax
    pushq $2
    popfq
    xorl %eax, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    ret
handoff_blob_end:
