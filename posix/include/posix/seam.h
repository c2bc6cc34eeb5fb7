/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam between musl and libposix: the six functions that the files below posix/musl/ call, and three labels.  They are
 * all that a back end has to offer, and all that is visible of libposix in libc.a.
 *
 * The first calls come before thread-local storage exists (until __mnos_set_tp has returned).
 */
#ifndef POSIX_SEAM_H
#define POSIX_SEAM_H

#include <stddef.h>

/* A system call by its Linux number; the result, or a negated errno. */
long __mnos_syscall(long n, long a, long b, long c, long d, long e, long f);
/*
 * The same for calls that are cancellation points: if *cancel is not 0 when the call is about to wait, control goes to
 * musl's __cancel instead.  Code from __cp_begin to __cp_end has not begun the call yet; a signal handler that finds the
 * thread there may send it to __cp_cancel.
 */
long __mnos_syscall_cp(volatile int *cancel, long n, long a, long b, long c, long d, long e, long f);
extern const char __cp_begin[], __cp_end[], __cp_cancel[];

/* The FS base of the calling thread. 0, or a negated errno. */
int __mnos_set_tp(void *tp);
/*
 * A thread (CLONE_VM and CLONE_THREAD), or a process.  `fn` runs on `stack`; *ptid gets the thread id before either side
 * goes on; *ctid is zeroed and woken when the thread has left its stack for ever.  Thread id, or a negated errno.
 */
int __mnos_clone(int (*fn)(void *), void *stack, int flags, void *arg, int *ptid, void *tls, int *ctid);
/* Unmaps the stack that the calling thread runs on and ends the thread.  musl lets one thread at a time do this. */
_Noreturn void __mnos_unmapself(void *base, size_t size);
/* The end of a signal handler; `frame` is what lies above its return address. */
_Noreturn void __mnos_sigreturn(void *frame);

#endif
