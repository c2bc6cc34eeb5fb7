/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks are taken in the order of their ranks (lock.h); each core remembers the ones it holds. */
#include <arch/core.h>
#include <config.h>

#define DEPTH (sizeof(this_core()->lock_stack) / sizeof(this_core()->lock_stack[0]))

static unsigned rank_of(const void *lock)
{
    return ((const struct spinlock *)lock)->rank;
}

void lock_check_acquire(const void *lock, unsigned rank)
{
    struct core *c = this_core();

    for (u64 i = 0; i < c->lock_stack_used; i++) {
        const void *held = c->lock_stack[i];
        if (held == lock)
            panic("lock of rank %u taken twice", rank);
        /* Two of a rank only in the order of their addresses. */
        if (rank_of(held) > rank || (rank_of(held) == rank && (u64)held > (u64)lock))
            panic("lock of rank %u taken while one of rank %u is held", rank, rank_of(held));
    }
    if (c->lock_stack_used == DEPTH)
        panic("more than %zu locks held", DEPTH);
    c->lock_stack[c->lock_stack_used++] = lock;
}

void lock_check_release(const void *lock, unsigned rank)
{
    struct core *c = this_core();

    for (u64 i = c->lock_stack_used; i-- > 0;)
        if (c->lock_stack[i] == lock) {
            for (c->lock_stack_used--; i < c->lock_stack_used; i++)
                c->lock_stack[i] = c->lock_stack[i + 1];
            return;
        }
    panic("lock of rank %u released, which is not held", rank);
}
