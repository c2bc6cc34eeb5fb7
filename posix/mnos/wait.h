/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting, and signals that come meanwhile.
 *
 * A call that may wait ends with INTERRUPTED when there is a signal to be taken, and only then: one that is blocked or ignored does not
 * end it.  No signal is missed between the last look and the wait: one that comes there sends the thread to the end of the wait
 * (entry.S, px_upcall).  A call that never waits for long is made again until it is through.
 */
#ifndef PX_WAIT_H
#define PX_WAIT_H

#include <libmnos/ipc.h>
#include <mnos/thread.h>

#include "px.h"

/* Is there a signal that a handler or its default action wants to take?  Those that are ignored are dropped. */
bool px_signal_waits(void);

/* mnos_ipc_call of what may wait; an answer that says EINTR (4) for no signal's sake is asked for again. */
int64_t px_call_waiting(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
/* mnos_ipc_call and mnos_ipc_send of what does not. */
int64_t px_call(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t px_send(mnos_handle_t endpoint, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
/* For the bits of a notification. */
int64_t px_receive(mnos_handle_t notification, struct mnos_msg *msg, struct mnos_ipc_ext *ext);
int64_t px_block(const void *word, uint64_t expected, uint64_t deadline, uint64_t flags);

/* A call on the process server: word 0 of the answer, or a negated errno. */
long px_proc_call(uint64_t label, uint64_t words[MNOS_IPC_WORDS]);

#endif
