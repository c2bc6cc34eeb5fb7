/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PX_SIGNAL_H
#define PX_SIGNAL_H

#include "px.h"

/* The first thread has thread-local storage: masks and actions as the start block says, and upcalls from now on. */
void px_signals_begin(void);
/* Those that a new program inherits as ignored. */
uint64_t px_signals_ignored(void);
/* In the child of a fork. */
void px_signals_forked(void);

/*
 * Signals with what came along (sigqueue, and every real-time signal): those of one number and one thread in the order in which they
 * were sent.  Owners are thread ids.  Without locks: a handler may find any other code at it.
 */
struct px_queued {
    int32_t signo, code, pid, uid;
    uint64_t value;
};
/* False: there is no room. */
bool px_queue_put(uint32_t owner, const struct px_queued *signal);
bool px_queue_take(uint32_t owner, int signo, struct px_queued *out);
bool px_queue_has(uint32_t owner, int signo);
/* Those of one number, or all of them (0), of one thread, or of all (0). */
void px_queue_drop(uint32_t owner, int signo);

#endif
