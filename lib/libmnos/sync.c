/* SPDX-License-Identifier: BSD-2-Clause */
/* The three-state lock and the sequence condition of U. Drepper, "Futexes Are Tricky", sections 6 and 8. */
#include <libmnos/sync.h>
#include <mnos/calls.h>
#include <mnos/errors.h>
#include <mnos/ipc.h>
#include <mnos/thread.h>

#define FREE   0u
#define HELD   1u
#define WANTED 2u

static void lock_slowly(struct mnos_mutex *mutex)
{
    while (__atomic_exchange_n(&mutex->state, WANTED, __ATOMIC_ACQUIRE) != FREE)
        mnos_thread_block(&mutex->state, WANTED, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
}

bool mutex_try(struct mnos_mutex *mutex)
{
    uint32_t expected = FREE;

    return __atomic_compare_exchange_n(&mutex->state, &expected, HELD, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void mutex_lock(struct mnos_mutex *mutex)
{
    if (!mutex_try(mutex))
        lock_slowly(mutex);
}

void mutex_unlock(struct mnos_mutex *mutex)
{
    if (__atomic_exchange_n(&mutex->state, FREE, __ATOMIC_RELEASE) == WANTED)
        mnos_thread_wake((uint64_t)&mutex->state, 1, 0, 0, MNOS_WAIT_PRIVATE);
}

bool cond_wait_until(struct mnos_cond *cond, struct mnos_mutex *mutex, uint64_t deadline)
{
    uint32_t sequence = __atomic_load_n(&cond->sequence, __ATOMIC_RELAXED);

    mutex_unlock(mutex);
    int64_t status = mnos_thread_block(&cond->sequence, sequence, deadline, MNOS_WAIT_PRIVATE);
    /* Others may have been moved to the mutex with us: it is to be unlocked with a wake. */
    lock_slowly(mutex);
    return status != -MNOS_E_TIMED_OUT;
}

void cond_wait(struct mnos_cond *cond, struct mnos_mutex *mutex)
{
    (void)cond_wait_until(cond, mutex, MNOS_FOREVER);
}

void cond_signal(struct mnos_cond *cond)
{
    __atomic_add_fetch(&cond->sequence, 1, __ATOMIC_RELEASE);
    mnos_thread_wake((uint64_t)&cond->sequence, 1, 0, 0, MNOS_WAIT_PRIVATE);
}

void cond_broadcast(struct mnos_cond *cond, struct mnos_mutex *mutex)
{
    __atomic_add_fetch(&cond->sequence, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&mutex->state, WANTED, __ATOMIC_RELAXED);
    mnos_thread_wake((uint64_t)&cond->sequence, 1, (uint64_t)&mutex->state, UINT32_MAX, MNOS_WAIT_PRIVATE);
}
