/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications: bits that senders set and one waiter takes.  A thread waits on one alone, or has one bound and receives its
 * bits at its endpoints.
 */
#include <cap_lookup.h>
#include <obj.h>

struct object *notification_create(struct pool *pool)
{
    struct object *o = object_new(pool, SLAB_NOTIFICATION, MNOS_TYPE_NOTIFICATION);
    struct notification *n = container_of(o, struct notification, object);

    if (o != NULL) {
        spin_init(&n->lock, RANK_NOTIFICATION);
        list_init(&n->waiters);
    }
    return o;
}

u64 notification_take(struct notification *n)
{
    spin_lock(&n->lock);
    u64 bits = n->bits;
    n->bits = 0;
    spin_unlock(&n->lock);
    return bits;
}

/* The bound thread may wait at an endpoint: it is taken out there and gets the bits. */
static struct thread *take_bound(struct notification *n, struct thread *t)
{
    struct endpoint *ep = t->ipc.ep;

    if (ep == NULL || t->wait != MNOS_WAIT_RECEIVING)
        return NULL;                /* it looks at the bits before it waits */
    spin_lock(&ep->lock);
    u64 bits = t->ipc.ep == ep && t->wait == MNOS_WAIT_RECEIVING ? notification_take(n) : 0;
    if (bits != 0)
        endpoint_dequeue(ep, t);
    spin_unlock(&ep->lock);
    if (bits == 0)
        return NULL;
    thread_settle(t);
    ipc_fill_bits(t, bits);
    return t;
}

/* Sets the bits; a thread that now has them is taken out of its wait and returned, for the caller to wake. */
static ALWAYS_INLINE struct thread *set_bits(struct notification *n, u64 bits)
{
    struct thread *t = NULL;

    spin_lock(&n->lock);
    bits |= n->bits;
    struct list_node *first = n->waiters.head.next;
    if (first != &n->waiters.head && bits != 0) {
        list_remove(first);
        t = container_of(first, struct thread, ipc.link);
        t->ipc.ntf = NULL;
        n->bits = 0;
    } else {
        n->bits = bits;
    }
    struct thread *bound = n->bound;
    spin_unlock(&n->lock);
    if (t != NULL)
        ipc_fill_bits(t, bits);
    else if (bound != NULL)
        t = take_bound(n, bound);
    return t;
}

void notification_signal(struct notification *n, u64 bits)
{
    struct thread *t = set_bits(n, bits);

    if (t != NULL)
        sched_wake(t);
}

void notification_signal_last(struct notification *n, u64 bits, bool interrupt)
{
    struct thread *t = set_bits(n, bits);

    if (t != NULL)
        sched_give_way(t, interrupt);
}

status_t notification_wait(struct thread *t, struct notification *n, struct cap_node *via)
{
    spin_lock(&n->lock);
    u64 bits = n->bits;
    n->bits = 0;
    if (bits != 0) {
        spin_unlock(&n->lock);
        ipc_fill_bits(t, bits);
        return 0;
    }
    /* Else it was revoked at this moment. */
    bool held = cap_meta(&t->process->table, t->ipc.via_handle) != 0;
    status_t s = held ? ipc_may_wait(t) : ERR(BADCAP);
    if (s == 0) {
        t->ipc.via = via;
        t->ipc.ntf = n;
        list_push_back(&n->waiters, &t->ipc.link);
        if (t->ipc.ext_addr != 0)
            timeout_arm(t, t->ipc.ext.deadline);
        sched_block(t, MNOS_WAIT_NOTIFY);
    }
    spin_unlock(&n->lock);
    return s;
}

bool notification_cancel(struct thread *t, u32 seq, status_t why)
{
    struct notification *n = t->ipc.ntf;

    if (n == NULL)
        return false;
    spin_lock(&n->lock);
    bool done = t->ipc.ntf == n && t->wait_seq == seq && t->wait == MNOS_WAIT_NOTIFY;
    if (done) {
        list_remove(&t->ipc.link);
        t->ipc.ntf = NULL;
    }
    spin_unlock(&n->lock);
    if (done)
        sched_wake_result(t, why);
    return done;
}

status_t notification_bind(struct thread *t, struct notification *n)
{
    status_t s = 0;

    notification_unbind(t);
    spin_lock(&n->lock);
    if (n->bound != NULL)
        s = ERR(BUSY);
    else
        n->bound = t;
    spin_unlock(&n->lock);
    if (s == 0) {
        object_get(&n->object);
        t->bound = n;
    }
    return s;
}

void notification_unbind(struct thread *t)
{
    struct notification *n = t->bound;

    if (n == NULL)
        return;
    spin_lock(&n->lock);
    n->bound = NULL;
    spin_unlock(&n->lock);
    t->bound = NULL;
    object_put(&n->object);
}

#define CLOSE_STEP 16u             /* threads woken in one step of the reaper */

/* Takes waiters out with PEER_GONE: those through `node`, or with NULL any.  False: there may be more. */
static bool evict_waiters(struct notification *n, const struct cap_node *node)
{
    u32 count = 0;

    spin_lock(&n->lock);
    LIST_FOR_EACH(l, &n->waiters) {
        struct thread *t = container_of(l, struct thread, ipc.link);
        if (node != NULL && t->ipc.via != node)
            continue;
        if (count++ == CLOSE_STEP)
            break;
        list_remove(&t->ipc.link);
        t->ipc.ntf = NULL;
        sched_wake_result(t, ERR(PEER_GONE));
    }
    spin_unlock(&n->lock);
    return count <= CLOSE_STEP;
}

void notification_revoke_via(struct notification *n, struct cap_node *node)
{
    while (!evict_waiters(n, node))
        (void)preempt_point();      /* with cap_lock held: nothing that an interrupt does wants it */
}

/* Nobody can name it.  Who still waits goes; the record after another pause, because others may be about to lock it. */
bool notification_reap(struct object *o)
{
    struct notification *n = container_of(o, struct notification, object);

    if (list_empty(&n->waiters))
        object_free(o);
    else if (evict_waiters(n, NULL))
        reaper_push(o);
    else
        return false;
    return true;
}
