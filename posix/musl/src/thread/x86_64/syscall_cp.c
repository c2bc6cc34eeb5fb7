/* SPDX-License-Identifier: BSD-2-Clause */
#include "pthread_impl.h"
#include "syscall.h"

/* Where libposix defines __cp_begin, __cp_end and __cp_cancel, which pthread_cancel.c compares with. */
hidden long __mnos_syscall_cp(volatile void *cancel, long n, long a, long b, long c, long d, long e, long f);

hidden long __syscall_cp_asm(volatile void *cancel, syscall_arg_t n, syscall_arg_t a, syscall_arg_t b, syscall_arg_t c,
                             syscall_arg_t d, syscall_arg_t e, syscall_arg_t f);

long __syscall_cp_asm(volatile void *cancel, syscall_arg_t n, syscall_arg_t a, syscall_arg_t b, syscall_arg_t c,
                      syscall_arg_t d, syscall_arg_t e, syscall_arg_t f)
{
    return __mnos_syscall_cp(cancel, n, a, b, c, d, e, f);
}
