/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring page of this process: calls that are submitted in batches and complete in any order.  <mnos/ring.h> is the
 * contract.  One thread at a time.  The messages and extension records that a submission names stay in place until it completes.
 *
 *   kring_submit(&(struct mnos_submission){.op = MNOS_RING_CALL, .user = 1, .handle = ep, .arg = (uint64_t)&message});
 *   kring_wait(1, MNOS_FOREVER);
 *   while (kring_take(&done)) ...
 */
#ifndef LIBMNOS_KRING_H
#define LIBMNOS_KRING_H

#include <mnos/ring.h>
#include <stdbool.h>

/* Puts it into the page; the kernel sees it at the next kring_wait.  False: no place (wait, and take completions, first). */
bool kring_submit(const struct mnos_submission *submission);

/* Hands over what was submitted and waits until `count` completions can be taken.  0, or a negated error of ring_enter. */
int64_t kring_wait(uint32_t count, uint64_t deadline);

/* The oldest completion that was not taken yet; false: there is none. */
bool kring_take(struct mnos_completion *completion);

/* A whole batch in one entry into the kernel instead of one for each operation: hands all of them over (at most
 * MNOS_RING_SUBMISSIONS) and waits until each is complete, in whatever order.  Any thread; the field `user` is the batch's.
 * 0; or a negated error and nothing was done: WOULD_BLOCK when another thread has the ring, so do them one by one.  A program
 * uses either this or the three calls above. */
struct kring_op {
    struct mnos_submission submission;
    int64_t status; /* out */
};
int64_t kring_run(struct kring_op *op, unsigned count);

#endif
