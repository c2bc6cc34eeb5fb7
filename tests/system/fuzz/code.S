/* SPDX-License-Identifier: BSD-2-Clause */
    .text
    .globl fuzz_thread, fuzz_caller, fuzz_upcall
/* A thread that calls the endpoint in its argument, and then ends. */
fuzz_caller:
    xor %esi, %esi
    xor %edx, %edx
    mov $12, %eax
    syscall
/* A thread that ends: thread_destroy(self). */
fuzz_thread:
    mov $-1, %rdi
    xor %eax, %eax
    syscall
    ud2
/* An upcall that is over at once: thread_control(self, UPCALL_RETURN). */
fuzz_upcall:
    mov $-1, %rdi
    mov $9, %esi
    mov $28, %eax
    syscall
    ud2

    .section .note.GNU-stack, "", @progbits
