/* SPDX-License-Identifier: BSD-2-Clause */
/* The PVH entry: 32-bit protected mode, no paging, EBX = start info.  Source: Xen "x86/HVM direct boot ABI". */

#define PAGE 4096
#define ENTRY_NOTE 18               /* XEN_ELFNOTE_PHYS32_ENTRY */
#define GIB_MAPPED 4

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, ENTRY_NOTE
    .asciz "Xen"
    .quad pvh_start

    .text
    .code32
    .globl pvh_start
pvh_start:
    cli
    cld
    movl $stack_top, %esp
    movl %ebx, %ebp

/* The first 4 GiB, one to one, in 2 MiB pages. */
    movl $pdpt + 3, pml4
    movl $directories + 3, %eax
    xorl %ecx, %ecx
1:  movl %eax, pdpt(,%ecx,8)
    addl $PAGE, %eax
    incl %ecx
    cmpl $GIB_MAPPED, %ecx
    jb 1b
    movl $0x83, %eax
    xorl %ecx, %ecx
2:  movl %eax, directories(,%ecx,8)
    addl $0x200000, %eax
    incl %ecx
    cmpl $GIB_MAPPED * 512, %ecx
    jb 2b

    movl %cr4, %eax
    orl $0x20, %eax                 /* PAE */
    movl %eax, %cr4
    movl $pml4, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx          /* EFER */
    rdmsr
    orl $0x100, %eax                /* LME */
    wrmsr
    movl %cr0, %eax
    orl $0x80000001, %eax           /* PG PE */
    movl %eax, %cr0
    lgdt gdtr
    ljmpl $0x08, $start_64

    .code64
start_64:
    movl $0x10, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %ebp, %edi
    xorl %ebp, %ebp
    call pvh_main
1:  hlt
    jmp 1b

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00209a0000000000        /* 64-bit code */
    .quad 0x0000920000000000        /* data */
gdtr:
    .word . - gdt - 1
    .long gdt

    .bss
    .balign PAGE
pml4:
    .skip PAGE
pdpt:
    .skip PAGE
directories:
    .skip GIB_MAPPED * PAGE
    .skip 32768
stack_top:

    .section .note.GNU-stack, "", @progbits
