/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The measured paths.  u32 time_X(struct path *p) has all registers in place, reads the counter, runs the path and reads
 * the counter again; what it returns less time_empty() is the number of instructions between trace_begin_X and
 * trace_end_X.  tests/bench/trace steps from the one label to the other.
 *
 * The partners (serve_X) are the first threads of processes of their own, or threads beside; they never return.
 */
#include "layout.h"

#define SYS_recv      2
#define SYS_reply     13
#define SYS_call      12
#define SYS_notify    14
#define SYS_irq_bind  5
#define SYS_map       8
#define SYS_unmap     15
#define SYS_delete    11
#define SYS_create    17
#define SYS_revoke    18
#define SYS_yield     21
#define SYS_block     22
#define SYS_wake      23
#define SYS_thread_destroy 0
#define SYS_thread_create  10
#define SYS_mem_control 26
#define SYS_control   28
#define SYS_time      29
#define OP_UPCALL     8
#define OP_UPCALL_RETURN 9
#define IRQ_ACK       1
#define EDU_RAISE     0x60

/* struct mnos_ipc_ext */
#define EXT_SEND_CAP  48
#define EXT_RECV_CAP  80

.macro FUNCTION name
    .balign 16
    .globl \name
\name:
.endm

.macro ENTER
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdi
    mov %rdi, %rcx
.endm

/* RCX is the struct path again; EAX stays. */
.macro LEAVE
    pop %rcx
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
.endm

.macro BEGIN name
    rdtsc
    mov %eax, SHARED_START
    .globl trace_begin_\name
trace_begin_\name:
.endm

.macro END name
    .globl trace_end_\name
trace_end_\name:
    rdtsc
    sub SHARED_START, %eax
.endm

    .text

FUNCTION time_empty
    ENTER
    BEGIN empty
    END empty
    LEAVE

FUNCTION time_null_syscall
    ENTER
    BEGIN null_syscall
    mov $SYS_time, %eax
    syscall
    END null_syscall
    LEAVE

/* ---- messages ---------------------------------------------------------------------------------------------------- */

.macro MESSAGE name, ext
FUNCTION time_\name
    ENTER
    mov P_LABEL(%rcx), %rsi
    mov P_WORD(%rcx), %r8
    mov P_WORD + 8(%rcx), %r9
    mov P_WORD + 16(%rcx), %rbx
    mov P_WORD + 24(%rcx), %rbp
    mov P_WORD + 32(%rcx), %r12
    mov P_WORD + 40(%rcx), %r13
    mov P_WORD + 48(%rcx), %r14
    mov P_WORD + 56(%rcx), %r15
    mov P_TARGET(%rcx), %rdi
    BEGIN \name
    .if \ext
    mov P_EXT(%rcx), %rdx
    .else
    xor %edx, %edx
    .endif
    mov $SYS_call, %eax
    syscall
    END \name
    mov (%rsp), %rcx
    mov %rsi, P_LABEL(%rcx)
    mov %r8, P_OUT(%rcx)
    mov %r9, P_OUT + 8(%rcx)
    mov %rbx, P_OUT + 16(%rcx)
    mov %rbp, P_OUT + 24(%rcx)
    mov %r12, P_OUT + 32(%rcx)
    mov %r13, P_OUT + 40(%rcx)
    mov %r14, P_OUT + 48(%rcx)
    mov %r15, P_OUT + 56(%rcx)
    LEAVE
.endm

MESSAGE ipc_roundtrip_0w, 0
MESSAGE ipc_roundtrip_8w, 0
MESSAGE ipc_roundtrip_fpu, 0
MESSAGE ipc_cap, 1
MESSAGE ipc_4k, 1
MESSAGE ipc_64k, 1

/* What the vector unit holds, for the callers of time_ipc_roundtrip_fpu. */
FUNCTION fpu_set
    movq %rdi, %xmm0
    ret
FUNCTION fpu_get
    movq %xmm0, %rax
    ret

/*
 * Servers: (endpoint, Reply, extension record or 0).  The answer is the message itself with its label inverted, so that the
 * caller sees that another process had it.
 */
.macro SERVE name, kind
FUNCTION serve_\name
    mov %rdi, serve_from(%rip)
    mov %rsi, serve_reply(%rip)
    mov %rdx, serve_ext(%rip)
    .ifc \kind, fpu
    mov $SERVER_XMM0, %eax
    movq %rax, %xmm0
    .endif
    mov %rsi, %r10
    xor %esi, %esi
    mov $SYS_recv, %eax
    syscall
1:  not %rsi
    .ifc \kind, fpu
    movq %xmm0, %r8
    .endif
    mov serve_from(%rip), %rdi
    mov serve_reply(%rip), %r10
    .ifc \kind, words
    xor %edx, %edx
    .endif
    .ifc \kind, fpu
    xor %edx, %edx
    .endif
    .ifc \kind, buffers
    mov serve_ext(%rip), %rdx
    .endif
    .ifc \kind, caps
    mov serve_ext(%rip), %rdx
    mov EXT_RECV_CAP(%rdx), %rax
    mov %rax, EXT_SEND_CAP(%rdx)
    .endif
    mov $SYS_reply, %eax
    syscall
    jmp 1b
.endm

SERVE words, words
SERVE fpu, fpu
SERVE buffers, buffers
SERVE caps, caps

/* ---- notifications and interrupts --------------------------------------------------------------------------------- */

FUNCTION time_notify
    ENTER
    mov P_TARGET(%rcx), %rdi
    mov P_LABEL(%rcx), %rsi
    BEGIN notify
    mov $SYS_notify, %eax
    syscall
    mov SHARED_TAKEN, %eax
    LEAVE

FUNCTION time_irq
    ENTER
    mov P_TARGET(%rcx), %rcx
    BEGIN irq
    movl $1, EDU_RAISE(%rcx)
    nop
    mov SHARED_TAKEN, %eax
    LEAVE

/* (notification, Interrupt) */
.macro WAITER name, irq
FUNCTION serve_\name
    mov %rdi, serve_from(%rip)
    mov %rsi, serve_reply(%rip)
1:  mov serve_from(%rip), %rdi
    xor %esi, %esi
    xor %edx, %edx
    mov $-1, %r10
    mov $SYS_recv, %eax
    syscall
    END \name
    mov %eax, SHARED_TAKEN
    mov %r10, SHARED_BITS
    incq SHARED_COUNT
    .if \irq
    mov serve_reply(%rip), %rdi
    mov $IRQ_ACK, %esi
    mov $SYS_irq_bind, %eax
    syscall
    .endif
    jmp 1b
.endm

WAITER notify, 0
WAITER irq, 1

/* Returns the bits. */
FUNCTION notification_wait
    ENTER
    xor %esi, %esi
    xor %edx, %edx
    mov $-1, %r10
    mov $SYS_recv, %eax
    syscall
    mov %r10, %rax
    LEAVE

/* ---- yield, block and wake ---------------------------------------------------------------------------------------- */

FUNCTION time_yield_pair
    ENTER
    BEGIN yield_pair
    mov $SYS_yield, %eax
    syscall
    END yield_pair
    LEAVE

FUNCTION serve_yield
1:  incq SHARED_COUNT
    mov $SYS_yield, %eax
    syscall
    jmp 1b

/* P_TARGET: the other's word, P_EXT: mine; both stay 0.  The path ends where the other runs. */
FUNCTION time_futex_handoff
    ENTER
    mov P_TARGET(%rcx), %rdi
    mov P_EXT(%rcx), %rbx
    mov $1, %esi
    xor %r10d, %r10d
    xor %r8d, %r8d
    BEGIN futex_handoff
    xor %edx, %edx
    mov $SYS_wake, %eax
    syscall
    mov %rbx, %rdi
    xor %esi, %esi
    mov $-1, %rdx
    mov $SYS_block, %eax
    syscall
    mov SHARED_TAKEN, %eax
    LEAVE

/* (my word, the other's word) */
FUNCTION serve_futex
    mov %rdi, %r12
    mov %rsi, %r13
1:  mov %r12, %rdi
    xor %esi, %esi
    mov $-1, %rdx
    xor %r10d, %r10d
    mov $SYS_block, %eax
    syscall
    END futex_handoff
    mov %eax, SHARED_TAKEN
    incq SHARED_COUNT
    mov %r13, %rdi
    mov $1, %esi
    xor %edx, %edx
    xor %r10d, %r10d
    xor %r8d, %r8d
    mov $SYS_wake, %eax
    syscall
    jmp 1b

/* ---- memory ------------------------------------------------------------------------------------------------------- */

/* P_TARGET: an address. */
.macro TOUCH name, write
FUNCTION time_\name
    ENTER
    mov P_TARGET(%rcx), %rdi
    BEGIN \name
    .if \write
    movb $1, (%rdi)
    .else
    mov (%rdi), %rsi
    .endif
    END \name
    mov (%rsp), %rcx
    mov %rsi, P_OUT(%rcx)
    LEAVE
.endm

TOUCH page_fault, 1
TOUCH cow_fault, 1
TOUCH paged_fault, 0

/* (endpoint, Reply, Memory, a page): supplies the page wherever one is missing. */
FUNCTION serve_pager
    mov %rdi, serve_from(%rip)
    mov %rsi, serve_reply(%rip)
    mov %rdx, serve_memory(%rip)
    mov %rcx, serve_ext(%rip)
    mov %rsi, %r10
    xor %edx, %edx
    mov $SYS_recv, %eax
    syscall
1:  mov serve_memory(%rip), %rdi
    xor %esi, %esi
    mov %r8, %rdx
    mov serve_ext(%rip), %r10
    mov $4096, %r8d
    mov $SYS_mem_control, %eax
    syscall
    mov serve_from(%rip), %rdi
    xor %edx, %edx
    mov serve_reply(%rip), %r10
    mov $SYS_reply, %eax
    syscall
    jmp 1b

/* P_TARGET: Memory, P_EXT: address; read and write. */
FUNCTION time_map_unmap
    ENTER
    mov P_TARGET(%rcx), %rsi
    mov P_EXT(%rcx), %rbx
    mov $-1, %rdi
    xor %r10d, %r10d
    mov $4096, %r8d
    mov $3, %r9d
    BEGIN map_unmap
    mov %rbx, %rdx
    mov $SYS_map, %eax
    syscall
    mov (%rbx), %rbp
    mov %rbx, %rsi
    mov $4096, %edx
    mov $SYS_unmap, %eax
    syscall
    END map_unmap
    mov (%rsp), %rcx
    mov %rbp, P_OUT(%rcx)
    LEAVE

/* ---- faults and upcalls ------------------------------------------------------------------------------------------- */

/* P_TARGET: fault endpoint, P_REPLY: holds the faulting thread.  It is resumed, faults again, and is here again. */
FUNCTION time_fault_handler
    ENTER
    mov P_TARGET(%rcx), %rdi
    mov P_REPLY(%rcx), %r10
    xor %esi, %esi
    BEGIN fault_handler
    xor %edx, %edx
    mov $SYS_reply, %eax
    syscall
    END fault_handler
    mov (%rsp), %rcx
    mov %r8, P_OUT(%rcx)
    mov %r9, P_OUT + 8(%rcx)
    LEAVE

/* (address that is not mapped) */
FUNCTION serve_fault
1:  mov (%rdi), %eax
    jmp 1b

FUNCTION time_upcall
    ENTER
    mov $-1, %rdi
    mov $OP_UPCALL, %esi
    xor %r10d, %r10d
    BEGIN upcall
    mov $1, %edx
    mov $SYS_control, %eax
    syscall
    END upcall
    LEAVE

FUNCTION upcall_handler
    incq SHARED_COUNT
    mov $-1, %rdi
    mov $OP_UPCALL_RETURN, %esi
    mov $SYS_control, %eax
    syscall
    ud2

/* ---- capabilities ------------------------------------------------------------------------------------------------- */

/* P_TARGET: an endpoint, P_LABEL: rights of the copy, which is deleted; its handle in P_OUT */
FUNCTION time_cap_copy_delete
    ENTER
    mov P_TARGET(%rcx), %rsi
    mov P_LABEL(%rcx), %rbx
    xor %edi, %edi
    xor %r10d, %r10d
    xor %r8d, %r8d
    BEGIN cap_copy_delete
    mov %rbx, %rdx
    mov $SYS_create, %eax
    syscall
    mov %rax, %rdi
    mov $SYS_delete, %eax
    syscall
    END cap_copy_delete
    mov (%rsp), %rcx
    mov %rdi, P_OUT(%rcx)
    LEAVE

FUNCTION time_revoke_1000
    ENTER
    mov P_TARGET(%rcx), %rdi
    BEGIN revoke_1000
    mov $SYS_revoke, %eax
    syscall
    END revoke_1000
    LEAVE

/* ---- lives -------------------------------------------------------------------------------------------------------- */

/* P_EXT: struct mnos_thread_args of a more important thread that runs serve_exit; its handle in P_OUT */
FUNCTION time_thread_lifecycle
    ENTER
    mov $-1, %rdi
    mov P_EXT(%rcx), %rsi
    BEGIN thread_lifecycle
    mov $SYS_thread_create, %eax
    syscall
    mov %rax, %rdi
    mov $SYS_delete, %eax
    syscall
    END thread_lifecycle
    mov (%rsp), %rcx
    mov %rdi, P_OUT(%rcx)
    LEAVE

FUNCTION serve_exit
    incq SHARED_COUNT
    mov $-1, %rdi
    mov $SYS_thread_destroy, %eax
    syscall
    ud2

FUNCTION time_process_lifecycle
    ENTER
    mov %rcx, %rdi
    BEGIN process_lifecycle
    call process_once
    END process_lifecycle
    LEAVE

/* A page of code for processes without an image: writes to the pages at RDI, RSI and RDX and ends its process. */
    .section .rodata
    .globl small_code, small_code_end
    .balign 16
small_code:
    movb $1, (%rdi)
    movb $2, (%rsi)
    movb $3, (%rdx)
    mov $-1, %rdi
    mov $7, %esi
    mov $20, %eax
    syscall
    ud2
small_code_end:

    .bss
    .balign 64
serve_from:
    .skip 8
serve_reply:
    .skip 8
serve_ext:
    .skip 8
serve_memory:
    .skip 8

    .section .note.GNU-stack, "", @progbits
