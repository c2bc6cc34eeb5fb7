/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam between musl and libposix: the seven functions that the files below posix/musl/ call, and three labels.  They are
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
/*
 * posix_spawn as one request; posix/musl/src/process/posix_spawn.c makes one of these.  The new program's pid, or a negated errno;
 * then nothing is left of it.
 */
struct px_spawn_action {
    int kind; /* enum px_spawn_kind */
    int fd, from;
    int flags;
    unsigned mode;
    const char *path;
};
enum px_spawn_kind {
    PX_SPAWN_CLOSE = 1,
    PX_SPAWN_DUP2 = 2,
    PX_SPAWN_OPEN = 3,
    PX_SPAWN_CHDIR = 4,
    PX_SPAWN_FCHDIR = 5
};

/* POSIX_SPAWN_*, with musl's numbers */
#define PX_SPAWN_SETPGROUP  2
#define PX_SPAWN_SETSIGDEF  4
#define PX_SPAWN_SETSIGMASK 8
#define PX_SPAWN_SETSID     128

struct px_spawn {
    const char *path;
    const char *search; /* directories to look for it in, with colons between; NULL: it is a path */
    const char *const *argv, *const *envp;
    const struct px_spawn_action *actions; /* in their order */
    unsigned action_count;
    int flags;
    int group;
    unsigned long defaults, mask; /* signals; bit signal - 1 */
    unsigned long handled;        /* signals that may have handlers: default in the new program */
};
long __mnos_spawn(const struct px_spawn *spawn);

/* Unmaps the stack that the calling thread runs on and ends the thread.  musl lets one thread at a time do this. */
_Noreturn void __mnos_unmapself(void *base, size_t size);
/* The end of a signal handler; `frame` is what lies above its return address. */
_Noreturn void __mnos_sigreturn(void *frame);

#endif
