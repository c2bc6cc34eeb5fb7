/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all of libposix shares: the shape of a call, errno numbers, and the call table.
 *
 * A call is px_<name>(a, b, c, d, e, f): Linux's arguments as they come, the result or a negated errno.  Pointers are the
 * program's own; a bad one faults the program, except where a kernel copy meets it (EFAULT).
 */
#ifndef PX_CORE_H
#define PX_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PX_CALL(name)                                                                                                  \
    long px_##name(long a __attribute__((unused)), long b __attribute__((unused)), long c __attribute__((unused)),     \
                   long d __attribute__((unused)), long e __attribute__((unused)), long f __attribute__((unused)))

#define CALL(number, name) PX_CALL(name);
#include "calls.def"
#undef CALL

/* Errno numbers of Linux, those that libposix itself speaks of. */
enum px_errno {
    PX_EPERM = 1,
    PX_ENOENT = 2,
    PX_ESRCH = 3,
    PX_EINTR = 4,
    PX_EIO = 5,
    PX_ENXIO = 6,
    PX_E2BIG = 7,
    PX_ENOEXEC = 8,
    PX_EBADF = 9,
    PX_ECHILD = 10,
    PX_EAGAIN = 11,
    PX_ENOMEM = 12,
    PX_EACCES = 13,
    PX_EFAULT = 14,
    PX_EBUSY = 16,
    PX_EEXIST = 17,
    PX_ENODEV = 19,
    PX_ENOTDIR = 20,
    PX_EINVAL = 22,
    PX_EMFILE = 24,
    PX_ENOTTY = 25,
    PX_ESPIPE = 29,
    PX_ERANGE = 34,
    PX_ENAMETOOLONG = 36,
    PX_ENOSYS = 38,
    PX_ELOOP = 40,
    PX_EOVERFLOW = 75,
    PX_EOPNOTSUPP = 95,
    PX_ETIMEDOUT = 110
};

/*
 * Signals are taken where a call of libposix ends (px_leave), or, outside of such a call, where they come.  px_depth counts the calls
 * that this thread is in; all three are of use once px_ready, when there is thread-local storage.
 */
extern bool px_ready;
extern __thread unsigned px_depth;
extern __thread uint64_t px_pending, px_blocked; /* bit signal - 1 */
/* Runs handlers.  True: the call was interrupted, and is to be made again. */
bool px_leave(long number, long result);

/* A negated errno for a negated enum mnos_error; results of 0 and more stay as they are. */
long px_result(int64_t status);

#endif
