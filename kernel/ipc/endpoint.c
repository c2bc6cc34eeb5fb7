/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints: queues, and what happens when nobody can receive or a capability is revoked. */
#include <obj.h>

#define CLOSE_STEP 16u             /* threads woken in one step of the reaper */

struct object *endpoint_create(struct pool *pool)
{
    struct object *o = object_new(pool, SLAB_ENDPOINT, MNOS_TYPE_ENDPOINT);
    struct endpoint *ep = container_of(o, struct endpoint, object);

    if (o != NULL) {
        spin_init(&ep->lock, RANK_ENDPOINT);
        list_init(&ep->receivers);
        list_init(&ep->closed);
        list_init(&ep->cancels);
        ep->plain.ep = ep;
        list_node_init(&ep->plain.event_link);
    }
    return o;
}

void endpoint_enqueue(struct endpoint *ep, struct thread *t)
{
    t->ipc.ep = ep;
    t->ipc.reply = NULL;            /* of an earlier receive: it may be gone */
    t->ipc.badge->queued++;
    t->ipc.order = (u8)(255 - t->prio);
    ep->attention = true;
    senders_insert(&ep->senders, t);
}

void endpoint_dequeue(struct endpoint *ep, struct thread *t)
{
    if (t->wait == MNOS_WAIT_RECEIVING) {
        t->slow = false;
        list_remove(&t->ipc.link);
        if (t->ipc.reply != NULL) {
            t->ipc.reply->receiver = NULL;
            t->ipc.reply = NULL;
        }
    } else {
        tree_remove(&ep->senders, &t->ipc.sender_link);
        t->ipc.badge->queued--;
    }
    t->ipc.ep = NULL;
}

struct thread *endpoint_receiver(struct endpoint *ep)
{
    struct list_node *first = list_first(&ep->receivers);
    struct thread *t = container_of(first, struct thread, ipc.link);

    if (first == NULL)
        return NULL;
    endpoint_dequeue(ep, t);
    return t;
}

void ipc_end_wait(struct thread *t, status_t why)
{
    if (t->wait == MNOS_WAIT_FAULT)
        thread_abort(t);
    else
        sched_wake_result(t, why);
}

static u32 evict(struct endpoint *ep, struct thread *t, const struct cap_node *via, const struct badge *badge)
{
    if ((via != NULL && t->ipc.via != via) ||
        (badge != NULL && (t->wait == MNOS_WAIT_RECEIVING || t->ipc.badge != badge)))
        return 0;
    endpoint_dequeue(ep, t);
    ipc_end_wait(t, ERR(PEER_GONE));
    return 1;
}

bool endpoint_evict(struct endpoint *ep, const struct cap_node *via, const struct badge *badge)
{
    u32 left = CLOSE_STEP;

    LIST_FOR_EACH(n, &ep->receivers) {
        if (left == 0)
            break;
        left -= evict(ep, container_of(n, struct thread, ipc.link), via, badge);
    }
    for (struct thread *t = senders_first(&ep->senders), *next; t != NULL && left > 0; t = next) {
        next = senders_next(t);
        left -= evict(ep, t, via, badge);
    }
    return left > 0;
}

void endpoint_close(struct endpoint *ep)
{
    spin_lock(&ep->lock);
    ep->dead = true;
    ep->attention = true;           /* nobody waits any more by the fast path */
    endpoint_unserved(ep);
    bool work = ep->senders.root != NULL || !list_empty(&ep->closed) || !list_empty(&ep->receivers);
    spin_unlock(&ep->lock);
    if (work) {
        object_get(&ep->object);
        ep->closing = true;
        reaper_push(&ep->object);
    }
}

void endpoint_revoke_via(struct endpoint *ep, struct cap_node *node)
{
    /* Under the lock from the first look on: a receiver that still found its capability then is in the queue now. */
    for (bool all = false; !all;) {
        spin_lock(&ep->lock);
        all = endpoint_evict(ep, node, NULL);
        spin_unlock(&ep->lock);
        (void)preempt_point();      /* with cap_lock held: nothing that an interrupt does wants it */
    }
}

/* Closing: wakes who is queued, in steps.  Then, when no reference is left, the badges and the record. */
bool endpoint_reap(struct object *o)
{
    struct endpoint *ep = container_of(o, struct endpoint, object);
    struct spinlock *lock = ep->closing ? &ep->lock : &cap_lock;

    spin_lock(lock);
    bool done = ep->closing ? endpoint_evict(ep, NULL, NULL) : badges_free_step(ep);
    spin_unlock(lock);
    if (!done)
        return false;
    if (ep->closing) {
        ep->closing = false;
        object_put(o);
    } else {
        object_free(o);
    }
    return true;
}
