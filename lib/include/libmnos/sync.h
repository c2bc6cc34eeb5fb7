/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks of one process: no system call without contention.  All zero is the unlocked, unused state.
 */
#ifndef LIBMNOS_SYNC_H
#define LIBMNOS_SYNC_H

#include <stdbool.h>
#include <stdint.h>

struct mnos_mutex {
    uint32_t state; /* 0 free, 1 held, 2 held and perhaps waited for */
};
struct mnos_cond {
    uint32_t sequence;
};

void mutex_lock(struct mnos_mutex *mutex);
bool mutex_try(struct mnos_mutex *mutex);
void mutex_unlock(struct mnos_mutex *mutex);

/* With the mutex held; wakes spuriously at times.  The second returns false when the deadline (absolute ns) passed. */
void cond_wait(struct mnos_cond *cond, struct mnos_mutex *mutex);
bool cond_wait_until(struct mnos_cond *cond, struct mnos_mutex *mutex, uint64_t deadline);
void cond_signal(struct mnos_cond *cond);
/* With the mutex held: the waiters are moved to it and wake one by one. */
void cond_broadcast(struct mnos_cond *cond, struct mnos_mutex *mutex);

#endif
