/* SPDX-License-Identifier: BSD-2-Clause */
/* Where upcalls arrive: RDI is the struct upcall, RSP that of the interrupted code. */
#define HANDLER         0xb0
#define THREAD_CONTROL  28
#define UPCALL_RETURN   9

    .text
    .globl mnos_upcall_enter
mnos_upcall_enter:
    lea -(128 + 512)(%rsp), %rsp    /* the red zone is somebody's; then room for the vector state */
    and $-16, %rsp
    fxsave64 (%rsp)
    cld
    xor %ebp, %ebp
    call *HANDLER(%rdi)
    fxrstor64 (%rsp)
    mov $THREAD_CONTROL, %eax
    mov $-1, %rdi
    mov $UPCALL_RETURN, %esi
    xor %edx, %edx
    xor %r10d, %r10d
    syscall                         /* loads all registers from the area */
    ud2

    .section .note.GNU-stack, "", @progbits
