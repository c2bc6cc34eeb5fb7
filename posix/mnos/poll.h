/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PX_POLL_H
#define PX_POLL_H

#include <stdint.h>

/* struct pollfd */
struct px_pollfd {
    int32_t fd;
    int16_t events, revents;
};

/* Waits for one of at most FDS_MAX entries until that time of the system clock; 0 only looks.  How many are ready, or a negated errno. */
long px_poll_until(struct px_pollfd *p, unsigned long count, uint64_t deadline);

#endif
