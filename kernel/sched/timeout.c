/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines: per core a tree of waiting threads.  A deadline names the wait that it was armed for, so that one
 * that fires late, while another core ends the same wait, cannot end the next one.
 */
#include <sched.h>

TREE_DEFINE(timeouts, struct thread, timeout_link, u64, deadline)

void timeout_set(struct thread *t, u64 deadline)
{
    struct core *c = this_core();
    spin_lock(&c->timeout_lock);
    t->deadline = deadline;
    t->timeout_core = c->index;
    t->timeout_seq = t->wait_seq;
    t->timeout_armed = t->timeout_linked = true;
    timeouts_insert(&c->timeouts, t);
    spin_unlock(&c->timeout_lock);
    timer_need(c, deadline);
}

void timeout_disarm(struct thread *t)
{
    struct core *c = cores[t->timeout_core];

    spin_lock(&c->timeout_lock);
    if (t->timeout_linked)
        tree_remove(&c->timeouts, &t->timeout_link);
    t->timeout_armed = t->timeout_linked = false;
    spin_unlock(&c->timeout_lock);
}

u64 timeout_next(struct core *c)
{
    spin_lock(&c->timeout_lock);
    struct thread *t = timeouts_first(&c->timeouts);
    u64 deadline = t != NULL ? t->deadline : UINT64_MAX;
    spin_unlock(&c->timeout_lock);
    return deadline;
}

/* Ends at most a bounded number of waits in one go; the timer comes back at once for the rest. */
void timeout_expire(struct core *c, u64 now)
{
    for (unsigned n = 0; n < 16; n++) {
        spin_lock(&c->timeout_lock);
        struct thread *t = timeouts_first(&c->timeouts);
        if (t == NULL || t->deadline > now) {
            spin_unlock(&c->timeout_lock);
            return;
        }
        tree_remove(&c->timeouts, &t->timeout_link);
        t->timeout_linked = false;  /* it stays armed until it is woken: the fast path leaves it alone */
        u32 seq = t->timeout_seq;
        spin_unlock(&c->timeout_lock);
        sched_cancel(t, seq, ERR(TIMED_OUT));
    }
}
