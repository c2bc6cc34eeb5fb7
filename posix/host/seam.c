/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host back end: every call goes to Linux as it is.  Ports are developed with it, and what a program prints there is what it
 * has to print in the guest.
 */
#include <posix/seam.h>

#define SYS_arch_prctl 158
#define ARCH_SET_FS    0x1002

long __mnos_syscall(long n, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;

    /* Linux's system call. */
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

int __mnos_set_tp(void *tp)
{
    return (int)__mnos_syscall(SYS_arch_prctl, ARCH_SET_FS, (long)tp, 0, 0, 0, 0);
}
