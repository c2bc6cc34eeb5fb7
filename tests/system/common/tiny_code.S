/* SPDX-License-Identifier: BSD-2-Clause */
/* The code of tiny processes: position-independent, no stack.  Numbers of system calls as in mnos/syscalls.def. */
#define SYS_THREAD_DESTROY 0
#define SYS_MEM_MAP        8
#define SYS_THREAD_CREATE  10
#define SYS_CAP_DELETE     11
#define SYS_IPC_CALL       12
#define SYS_IPC_NOTIFY     14
#define SYS_MEM_UNMAP      15
#define SYS_CAP_CREATE     17
#define SYS_CAP_REVOKE     18
#define SYS_THREAD_YIELD   21

    .section .rodata
    .globl tiny_begin, tiny_end, tiny_offset
tiny_begin:

exit:
    mov $-1, %rdi
    mov $SYS_THREAD_DESTROY, %eax
    syscall
    ud2

spin:
    pause
    jmp spin

crash:
    mov 0, %rax
    ud2

count:
    lock incq (%rdi)
    jmp count

touch:
    mov %rdi, %rbx
    mov %rsi, %rbp
1:  mov %rbx, %r12
2:  incq (%r12)
    add $4096, %r12
    cmp %rbp, %r12
    jb 2b
    mov $SYS_THREAD_YIELD, %eax
    syscall
    jmp 1b

call:
    mov %rsp, %rdi
    xor %esi, %esi
    xor %edx, %edx
    mov $SYS_IPC_CALL, %eax
    syscall
    test %rax, %rax
    jz call
    mov $SYS_THREAD_YIELD, %eax
    syscall
    jmp call

mint:
    mov %rdi, %rbx
1:  mov $2, %ebp
2:  xor %edi, %edi
    mov %rbx, %rsi
    mov $8, %edx
    xor %r10d, %r10d
    xor %r8d, %r8d
    mov $SYS_CAP_CREATE, %eax
    syscall
    dec %ebp
    jnz 2b
    mov %rbx, %rdi
    mov $SYS_CAP_REVOKE, %eax
    syscall
    jmp 1b

map:
    mov %rdi, %rbx
    mov %rsi, %rbp
1:  mov $-1, %rdi
    mov %rbx, %rsi
    mov %rbp, %rdx
    xor %r10d, %r10d
    mov $4096, %r8d
    mov $3, %r9d
    mov $SYS_MEM_MAP, %eax
    syscall
    test %rax, %rax
    js 2f
    incq (%rbp)
2:  mov $-1, %rdi
    mov %rbp, %rsi
    mov $4096, %edx
    mov $SYS_MEM_UNMAP, %eax
    syscall
    jmp 1b

threads:
    mov %rdi, %rbx
1:  mov $-1, %rdi
    mov %rbx, %rsi
    mov $SYS_THREAD_CREATE, %eax
    syscall
    test %rax, %rax
    js 2f
    mov %rax, %rdi
    mov $SYS_CAP_DELETE, %eax
    syscall
2:  mov $SYS_THREAD_YIELD, %eax
    syscall
    jmp 1b

notify:
    mov %rdi, %rbx
1:  mov %rbx, %rdi
    mov $1, %esi
    mov $SYS_IPC_NOTIFY, %eax
    syscall
    jmp 1b

call_bytes:
    mov -8(%rsp), %rdi
    xor %esi, %esi
    mov %rsp, %rdx
    mov $SYS_IPC_CALL, %eax
    syscall
    test %rax, %rax
    jz call_bytes
    mov $SYS_THREAD_YIELD, %eax
    syscall
    jmp call_bytes

count_exit:
    lock incq (%rdi)
    jmp exit
tiny_end:

    .balign 8
tiny_offset:
    .quad exit - tiny_begin, spin - tiny_begin, crash - tiny_begin, count - tiny_begin, touch - tiny_begin
    .quad call - tiny_begin, mint - tiny_begin, map - tiny_begin, threads - tiny_begin, notify - tiny_begin
    .quad call_bytes - tiny_begin, count_exit - tiny_begin

    .section .note.GNU-stack, "", @progbits
