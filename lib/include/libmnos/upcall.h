/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Upcalls to C functions.  The kernel interrupts the thread anywhere; the entry code keeps clear of the red zone, saves the
 * x87 and SSE state, calls the handler, and continues the thread where it was.
 */
#ifndef LIBMNOS_UPCALL_H
#define LIBMNOS_UPCALL_H

#include <mnos/thread.h>

struct upcall {
    struct mnos_upcall_area area; /* first: it is what the kernel knows */
    void (*handler)(struct mnos_upcall_area *area);
};

/* For the calling thread; `upcall` stays in use until another, or NULL, is set.  0, or a negated error. */
int64_t upcall_set(struct upcall *upcall);

#endif
