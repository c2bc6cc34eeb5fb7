/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All ways into the kernel and out of it.
 *
 * From user mode the registers go straight into the current thread's struct regs (its first member): the processor pushes
 * there because TSS.RSP0 is its end, and SYSCALL stores there.  C then runs on the core's kernel stack with
 * interrupts off.  From kernel mode (interrupt windows, HLT, faults with a fix-up) the same record is pushed on
 * the stack in use.  NMI, double fault and machine check have stacks of their own.
 *
 * GS base is the core while in the kernel.  Between an entry's first instruction and its SWAPGS, and between SWAPGS and
 * the return, it is the user's; only NMI and machine check can come then, and they do not rely on it.
 */
#include <entry_config.h>
#include <offsets.h>

/* CLAC, written over the no-operation where there is SMAP: a program may have left AC set. */
.macro CLAC_SITE
99: .byte 0x0f, 0x1f, 0x00
    .pushsection .patch.clac, "a"
    .quad 99b
    .popsection
.endm

    .section .text.entry, "ax"

/* ---- system calls ------------------------------------------------------------------------------------------------ */

    .globl syscall_entry
    .balign 64
syscall_entry:
    swapgs
    mov %rsp, %gs:CORE_SCRATCH
    mov %gs:CORE_CURRENT, %rsp
    mov %rcx, R_RIP(%rsp)
    mov %r11, R_RFLAGS(%rsp)
    mov %gs:CORE_SCRATCH, %rcx
    mov %rcx, R_RSP(%rsp)
    movq $REGS_VIA_SYSCALL, R_VECTOR(%rsp)
    mov %r8, R_R8(%rsp)
    mov %r9, R_R9(%rsp)
    mov %rbx, R_RBX(%rsp)
    mov %rbp, R_RBP(%rsp)
    mov %r12, R_R12(%rsp)
    mov %r13, R_R13(%rsp)
    mov %r14, R_R14(%rsp)
    mov %r15, R_R15(%rsp)
    cmp $NR_IPC_CALL, %rax
    je ipc_call_entry
    cmp $NR_IPC_REPLY, %rax
    je ipc_reply_entry
    mov %rax, R_RAX(%rsp)
    mov %rdi, R_RDI(%rsp)
    mov %rsi, R_RSI(%rsp)
    mov %rdx, R_RDX(%rsp)
    mov %r10, R_R10(%rsp)
    mov %gs:CORE_KSTACK, %rsp
    ENTRY_HOOK
    mov %r10, %rcx

syscall_slow:                           /* RAX = number, arguments in C's registers */
    xor %ebp, %ebp
    cmp $SYSCALL_COUNT, %rax
    jae syscall_unknown
    /* The number is all zeros when a mispredicted branch comes here with one that is too large. */
    sbb %r11, %r11
    and %r11, %rax
    call *syscall_table(, %rax, 8)
syscall_result:                         /* RAX = result */
    cmpl $0, %gs:CORE_RESCHED
    jne kernel_leave
    EXIT_HOOK
    mov %gs:CORE_CURRENT, %rsp
    mov R_RIP(%rsp), %rcx
    bt $47, %rcx
    jc kernel_leave
    mov R_RFLAGS(%rsp), %r11
    mov R_RDI(%rsp), %rdi
    mov R_RSI(%rsp), %rsi
    mov R_RDX(%rsp), %rdx
    mov R_R10(%rsp), %r10
    mov R_R8(%rsp), %r8
    mov R_R9(%rsp), %r9
    mov R_RBP(%rsp), %rbp
    mov R_RSP(%rsp), %rsp
    swapgs
    sysretq

syscall_unknown:
    mov $-E_NOT_SUPPORTED, %rax
    jmp syscall_result

/* Calls and replies without an extension record try ipc/fast.c first, which needs less saved and does not come back
 * (arch/fastpath.h).  The others need no dispatch: what is left unsaved is dead across them. */
ipc_reply_entry:
    mov %gs:CORE_KSTACK, %rsp
    ENTRY_HOOK
    test %rdx, %rdx
    jnz 1f
    mov %r10, %rdx
    call ipc_fast_reply
1:  mov %r10, %rcx
    xor %ebp, %ebp
    call sys_ipc_reply
    jmp syscall_result
    .balign 16
ipc_call_entry:
    mov %gs:CORE_KSTACK, %rsp
    ENTRY_HOOK
    test %rdx, %rdx
    jnz 1f
    call ipc_fast_call
1:  xor %ebp, %ebp
    call sys_ipc_call
    jmp syscall_result

/* RAX = function, RDI RSI RDX = arguments; keeps all but RAX (arch/coldcall.h). */
    .globl cold_call_thunk
cold_call_thunk:
    push %rbp
    mov %rsp, %rbp
    and $-16, %rsp
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    call *%rax
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    leave
    ret

    .globl ipc_slow
ipc_slow:                               /* RAX = number, RDI RSI RDX RCX = arguments */
    mov %gs:CORE_CURRENT, %rbp
    mov %gs:CORE_KSTACK, %rsp
    mov %rax, R_RAX(%rbp)
    mov %rdi, R_RDI(%rbp)
    mov %rsi, R_RSI(%rbp)
    mov %rdx, R_RDX(%rbp)
    mov %rcx, R_R10(%rbp)
    jmp syscall_slow

/* RAX = the sender's record, RDX = the current thread's, RDI and RSI = results */
.macro LEAVE_WITH_WORDS
    EXIT_HOOK
    mov R_R8(%rax), %r8
    mov R_R9(%rax), %r9
    mov R_RBX(%rax), %rbx
    mov R_RBP(%rax), %rbp
    mov R_R12(%rax), %r12
    mov R_R13(%rax), %r13
    mov R_R14(%rax), %r14
    mov R_R15(%rax), %r15
    swapgs
    rdgsbase %rcx                       /* still the sender's */
    mov %rcx, THREAD_GS_BASE(%rax)
    movb $0, THREAD_ON_CPU(%rax)        /* its record is other cores' to use from here on */
    mov THREAD_GS_BASE(%rdx), %rcx
    wrgsbase %rcx
    mov R_RIP(%rdx), %rcx
    mov R_RFLAGS(%rdx), %r11
    mov R_RSP(%rdx), %rsp
    xor %eax, %eax
.endm

    .globl ipc_fast_leave, ipc_info_leave
ipc_fast_leave:
    LEAVE_WITH_WORDS
    xor %edx, %edx
    xor %r10d, %r10d
    sysretq
ipc_info_leave:                         /* R10 = a third result */
    LEAVE_WITH_WORDS
    mov %r10, %rdx
    xor %r10d, %r10d
    sysretq

/* ---- leaving for another thread ---------------------------------------------------------------------------------- */

/* In: RAX = result of the current thread's system call, unless RESCHED_NO_RESULT. */
kernel_leave:
    mov %gs:CORE_KSTACK, %rsp
    mov %rax, %rdi
    call sched_leave
    .globl restore_current
restore_current:                        /* all registers of core->current */
    mov %gs:CORE_CURRENT, %rsp
    cmpw $0, R_RIP + 6(%rsp)
    jne bad_rip
    btq $47, R_RIP(%rsp)
    jc bad_rip
    EXIT_HOOK
    cmpl $REGS_VIA_SYSCALL, R_VECTOR(%rsp)
    jne restore_all
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r9
    pop %r8
    pop %r10
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rax
    mov R_RIP - R_R11(%rsp), %rcx
    mov R_RFLAGS - R_R11(%rsp), %r11
    mov R_RSP - R_R11(%rsp), %rsp
    swapgs
    sysretq

restore_all:
    movq $USER_CODE, R_CS(%rsp)
    movq $USER_DATA, R_SS(%rsp)
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r9
    pop %r8
    pop %r10
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rax
    pop %r11
    pop %rcx
    add $16, %rsp
    swapgs
    iretq

/* A return to where no user instruction can be: to the processor a fault in ring 0, to us one of the thread. */
bad_rip:
    mov %rsp, %rdi
    mov %gs:CORE_KSTACK, %rsp
    call entry_bad_rip
    mov $RESCHED_NO_RESULT, %edi
    or %edi, %gs:CORE_RESCHED
    jmp kernel_leave

    .globl cpu_leave_kernel
cpu_leave_kernel:
    xor %ebp, %ebp
    orl $RESCHED_NO_RESULT, %gs:CORE_RESCHED
    jmp kernel_leave

/* ---- exceptions and interrupts ------------------------------------------------------------------------------------ */

.macro PUSH_REGS
    push %rcx
    push %r11
    push %rax
    push %rdi
    push %rsi
    push %rdx
    push %r10
    push %r8
    push %r9
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
.endm

.macro POP_REGS
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r9
    pop %r8
    pop %r10
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rax
    pop %r11
    pop %rcx
.endm

/* 256 stubs of 16 bytes: an error code where the processor pushes none, and the vector. */
    .balign 16
    .globl vector_stubs
vector_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
    push $0
    .endif
    push $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp vector_own_stack
    .else
    jmp vector_common
    .endif
    .set vector, vector + 1
    .endr

    .balign 16
vector_common:
    PUSH_REGS
    cld
    testb $3, R_CS(%rsp)
    jz vector_from_kernel
    swapgs
    lfence                              /* nothing runs ahead with the other GS base */
    CLAC_SITE
    mov %rsp, %rdi
    mov %gs:CORE_KSTACK, %rsp
    ENTRY_HOOK
    xor %ebp, %ebp
    call vector_user
    cmpl $0, %gs:CORE_RESCHED
    jne vector_leave
    jmp restore_current

/* The interrupted thread keeps all its registers; sched_leave has no result to store. */
vector_leave:
    orl $RESCHED_NO_RESULT, %gs:CORE_RESCHED
    jmp kernel_leave

vector_from_kernel:
    lfence
    CLAC_SITE
    mov %rsp, %rdi
    lea R_RBP(%rsp), %rbp
    call vector_kernel
    POP_REGS
    add $16, %rsp
    iretq

/* NMI, double fault, machine check: at the top of the stack lies the core; GS base may be anything, and is put back. */
vector_own_stack:
    PUSH_REGS
    cld
    CLAC_SITE
    mov $MSR_GS_BASE, %ecx
    rdmsr
    mov %eax, %r12d
    mov %edx, %r13d
    mov REGS_SIZE(%rsp), %rax
    mov %rax, %rdx
    shr $32, %rdx
    wrmsr
    mov %rsp, %rdi
    lea R_RBP(%rsp), %rbp
    call vector_fatal_or_nmi
    mov $MSR_GS_BASE, %ecx
    mov %r12d, %eax
    mov %r13d, %edx
    wrmsr
    POP_REGS
    add $16, %rsp
    iretq

/* ---- boot --------------------------------------------------------------------------------------------------------- */

/* stack_run(top, function): continues there, never returns. */
    .globl stack_run
stack_run:
    mov %rdi, %rsp
    xor %ebp, %ebp
    call *%rsi
    ud2

/* Another core, from the loader: RDI = its struct limine_mp_info, whose extra_argument is its struct core_start. */
    .globl smp_entry
smp_entry:
    cli
    cld
    mov 24(%rdi), %rdi
    mov $0xc0000080, %ecx
    rdmsr
    bts $11, %eax
    wrmsr
    mov 0(%rdi), %rax
    mov %rax, %cr3
    mov 8(%rdi), %rsp
    mov 16(%rdi), %rdi
    xor %ebp, %ebp
    call smp_enter_other
    ud2
