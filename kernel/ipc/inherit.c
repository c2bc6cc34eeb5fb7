/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priority inheritance.
 *
 * Who receives a call works at least at its caller's priority (ipc_donate).  Who has to queue lends its priority as well: to the
 * thread that serves the endpoint, and on along the chain of those that this one waits for:
 *
 *   client --queued at--> endpoint.server --waits for an answer, or queued at--> endpoint.server --> ...
 *
 * The link from an endpoint to its server is made by the general receive and stays while the server goes on by the fast path,
 * which does not know of it.  It is weak on both sides, and changed under the endpoint's lock: the end of either clears it first,
 * and records are freed only when every core has left the kernel.
 */
#include <ipc.h>
#include <sched.h>

#define CHAIN_MAX 16u

void endpoint_leave(struct thread *t)
{
    struct endpoint *ep = t->ipc.serves;

    if (ep == NULL)
        return;
    spin_lock(&ep->lock);
    if (ep->server == t)
        endpoint_unserved(ep);
    spin_unlock(&ep->lock);
}

void endpoint_unserved(struct endpoint *ep)
{
    if (ep->server != NULL)
        ep->server->ipc.serves = NULL;
    ep->server = NULL;
}

void endpoint_serve(struct endpoint *ep, struct thread *t)
{
    if (likely(t->ipc.serves == ep))
        return;
    endpoint_leave(t);
    spin_lock(&ep->lock);
    if (!ep->dead) {
        endpoint_unserved(ep);
        ep->server = t;
        t->ipc.serves = ep;
    }
    spin_unlock(&ep->lock);
}

/* What a thread that got this priority waits at; it gets its place in the queue there. */
static struct endpoint *waits_at(struct thread *t)
{
    struct reply *rp = t->ipc.reply;
    struct endpoint *ep = t->ipc.ep;

    if (t->state != MNOS_STATE_BLOCKED)
        return NULL;
    if (t->wait == MNOS_WAIT_REPLY || (t->wait == MNOS_WAIT_FAULT && ep == NULL))
        return rp != NULL ? rp->ep : NULL;
    if (ep == NULL || (t->wait != MNOS_WAIT_SENDING && t->wait != MNOS_WAIT_FAULT))
        return NULL;
    spin_lock(&ep->lock);
    if (t->ipc.ep == ep && t->state == MNOS_STATE_BLOCKED && (t->wait == MNOS_WAIT_SENDING || t->wait == MNOS_WAIT_FAULT)) {
        /* Who ends its wait looks at ipc.ep without the lock: that stays as it is. */
        tree_remove(&ep->senders, &t->ipc.sender_link);
        t->ipc.order = (u8)(255 - t->prio);
        senders_insert(&ep->senders, t);
    }
    spin_unlock(&ep->lock);
    return ep;
}

void ipc_lend(struct thread *t)
{
    struct endpoint *ep = t->ipc.ep;

    if ((t->signals & THREAD_RING) != 0)
        return;                     /* a ring lends nothing */
    for (u32 n = 0; n < CHAIN_MAX && ep != NULL; n++) {
        spin_lock(&ep->lock);
        struct thread *server = ep->server;
        u8 prio = t->prio;
        /* Who waits for a message is reset to its own priority when one comes; who has enough has lent it on. */
        bool lower = server != NULL && server->prio < prio &&
                     !(server->state == MNOS_STATE_BLOCKED && server->wait == MNOS_WAIT_RECEIVING);
        spin_unlock(&ep->lock);
        if (!lower)
            return;
        sched_set_prio(server, prio);
        /* First the priority, then the look at what it waits for: who begins to wait does it the other way round. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        ep = waits_at(server);
    }
}
