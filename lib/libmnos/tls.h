/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread-local storage, variant II of the x86-64 ABI: the block lies directly below the thread control block, to which
 * FS points and whose first word is its own address.
 */
#ifndef LIBMNOS_TLS_H
#define LIBMNOS_TLS_H

#include <stddef.h>
#include <stdint.h>

struct tcb {
    struct tcb *self;
    struct mnos_thread *thread; /* NULL: the main thread */
};

/* Bytes that tls_place needs, whatever the alignment of its memory. */
size_t tls_bytes(void);
/* Initialises a block that ends at `end` at the latest and returns its control block. */
struct tcb *tls_place(void *end, struct mnos_thread *thread);

static inline struct tcb *tcb_self(void)
{
    struct tcb *self;

    /* The first word of the block that FS points to; it never changes while the thread runs. */
    __asm__("mov %%fs:0, %0" : "=r"(self));
    return self;
}

#endif
