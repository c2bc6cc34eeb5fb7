/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of a console (a driver of a serial line), and its client.
 *
 *   CONSOLE_WRITE  word 0: bytes, in the call's send buffer; the answer's word 0: bytes taken.  Answered when all of it is
 *                  on its way, or with less when it was cancelled.  Writes of several clients do not mix.
 *   CONSOLE_READ   word 0: room, in the call's receive buffer; the answer's word 0: bytes given, at least 1 (0: cancelled).
 *                  Answered when there is input; waits till then.
 *   CONSOLE_STATS  the answer's words: struct console_stats
 *
 * The answer's label is 0, or an enum mnos_error.
 */
#ifndef LIBMNOS_CONSOLE_H
#define LIBMNOS_CONSOLE_H

#include <mnos/object.h>
#include <stddef.h>

#define CONSOLE_WRITE 0x4301ull
#define CONSOLE_READ  0x4302ull
#define CONSOLE_STATS 0x4303ull

struct console_stats {
    uint64_t interrupts, received, sent, lost;
};

/* Bytes, or a negated error.  A write goes on after a driver's restart; both wait as long as it takes. */
int64_t console_write(mnos_handle_t console, const void *text, size_t length);
int64_t console_read(mnos_handle_t console, void *buffer, size_t size);
/* Writes all of the text and reads, as the two calls above would, but hands both over in one entry into the kernel, through
 * the ring page (kring.h), if no other thread uses it.  What console_read returns. */
int64_t console_exchange(mnos_handle_t console, const void *text, size_t length, void *buffer, size_t size);
int64_t console_stats(mnos_handle_t console, struct console_stats *out);
/* A print sink; context points at the console's handle. */
void print_console(void *context, const char *text, size_t length);

#endif
