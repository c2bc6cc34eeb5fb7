/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One core's run queue: a list for each of 256 priorities and a bitmap of the non-empty ones.  All operations take O(1)
 * steps.  The caller holds the queue's lock.
 */
#pragma once

#include <arch/core.h>
#include <thread.h>

static inline void rq_init(struct run_queue *rq)
{
    spin_init(&rq->lock, RANK_RUNQUEUE);
    for (unsigned i = 0; i < 4; i++)
        rq->bitmap[i] = 0;
    rq->words = 0;
    rq->ready = 0;
    for (unsigned i = 0; i < 256; i++)
        list_init(&rq->queue[i]);
}

static inline void rq_insert(struct run_queue *rq, struct thread *t, bool front)
{
    unsigned prio = t->queue_prio = t->prio;

    if (front)
        list_push_front(&rq->queue[prio], &t->run_link);
    else
        list_push_back(&rq->queue[prio], &t->run_link);
    rq->bitmap[prio >> 6] |= 1ull << (prio & 63);
    rq->words |= 1u << (prio >> 6);
    rq->ready++;
}

/* Takes out `t`.  True: others have its priority, too. */
static inline bool rq_remove(struct run_queue *rq, struct thread *t)
{
    unsigned prio = t->queue_prio;

    list_remove(&t->run_link);
    rq->ready--;
    if (!list_empty(&rq->queue[prio]))
        return true;
    if ((rq->bitmap[prio >> 6] &= ~(1ull << (prio & 63))) == 0)
        rq->words &= ~(1u << (prio >> 6));
    return false;
}

/* The highest priority that has a thread, or -1. */
static inline int rq_top(const struct run_queue *rq)
{
    if (rq->words == 0)
        return -1;
    int word = 31 ^ __builtin_clz(rq->words);
    return word << 6 | (63 ^ __builtin_clzll(rq->bitmap[word]));
}

static inline struct thread *rq_first(const struct run_queue *rq, int prio)
{
    return container_of(rq->queue[prio].head.next, struct thread, run_link);
}
