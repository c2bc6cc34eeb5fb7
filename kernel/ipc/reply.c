/* SPDX-License-Identifier: BSD-2-Clause */
/* Reply objects: the right to answer one caller.  docs/ipc.md has the table of states. */
#include <obj.h>

#include "rendezvous.h"

status_t reply_prepare(struct reply *rp, struct endpoint *ep, u64 handle)
{
    struct endpoint *old = reply_lock(rp), *none = NULL;

    if (old == NULL) {
        rp->handle = handle;
        object_get(&ep->object);
        if (__atomic_compare_exchange_n(&rp->ep, &none, ep, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return 0;
        object_put(&ep->object);
        return ERR(BUSY); /* another thread began to use it */
    }
    status_t s = rp->caller != NULL || rp->receiver != NULL ? ERR(BUSY) : rp->gone ? ERR(BADCAP) : 0;
    bool moves = s == 0 && old != ep;
    if (s == 0) {
        rp->handle = handle;
        rp->dead_caller = false;
    }
    if (moves) {
        object_get(&ep->object);
        rp->ep = ep;
    }
    spin_unlock(&old->lock);
    if (moves)
        object_put(&old->object);
    return s;
}

void reply_bind(struct reply *rp, struct thread *caller)
{
    rp->caller = caller;
    rp->receiver = NULL;
    caller->ipc.reply = rp;
    caller->cancelled = false;
}

void reply_let_go(struct reply *rp, const struct thread *receiver)
{
    struct endpoint *ep = rp != NULL ? reply_lock(rp) : NULL;

    if (ep == NULL)
        return;
    if (rp->receiver == receiver)
        rp->receiver = NULL;
    spin_unlock(&ep->lock);
}

void reply_give_back(struct reply *rp, struct thread *caller)
{
    struct endpoint *ep = reply_lock(rp);

    if (!reply_is_free(rp, ep)) {
        spin_unlock(&ep->lock);
        ipc_end_wait(caller, ERR(PEER_GONE));
        return;
    }
    reply_bind(rp, caller);
    spin_unlock(&ep->lock);
    if ((caller->signals & THREAD_KILLED) != 0)
        (void)reply_detach(caller);
}

void reply_close(struct reply *rp)
{
    struct thread *caller = NULL;

    /* Before the look at the endpoint: who prepares it at this moment sets that first, and looks at `gone` then. */
    __atomic_store_n(&rp->gone, true, __ATOMIC_SEQ_CST);
    struct endpoint *ep = reply_lock(rp);
    if (ep == NULL)
        return;
    if (rp->caller == NULL && rp->receiver != NULL) {
        if (rp->receiver->ipc.reply == rp) {
            rp->receiver->slow = true;
            rp->receiver->ipc.reply = NULL; /* it goes on waiting, for what needs no Reply */
        }
        rp->receiver = NULL;
    }
    if (rp->caller != NULL)
        caller = reply_unbind(rp);
    spin_unlock(&ep->lock);
    if (caller != NULL)
        ipc_end_wait(caller, ERR(PEER_GONE));
}

bool reply_detach(struct thread *caller)
{
    struct reply *rp = caller->ipc.reply;
    struct endpoint *ep = rp != NULL ? reply_lock(rp) : NULL;

    if (ep == NULL)
        return false;
    bool ours = rp->caller == caller;
    if (ours) {
        (void)reply_unbind(rp);
        rp->dead_caller = true;
    }
    spin_unlock(&ep->lock);
    if (ours)
        sched_wake(caller);
    return ours;
}

void reply_cancel(struct thread *caller, u32 seq)
{
    struct reply *rp = caller->ipc.reply;
    struct endpoint *ep = rp != NULL ? reply_lock(rp) : NULL;
    struct thread *receiver = NULL;

    if (ep == NULL)
        return;
    if (rp->caller == caller && caller->wait_seq == seq && caller->wait == MNOS_WAIT_REPLY && !caller->cancelled) {
        caller->cancelled = true;
        caller->slow = true;
        receiver = endpoint_receiver(ep);
        if (receiver == NULL) {
            ep->attention = true;
            list_push_back(&ep->cancels, &caller->ipc.event_link);
        }
    }
    u64 handle = rp->handle, badge = caller->ipc.badge_value;
    spin_unlock(&ep->lock);
    if (receiver != NULL) {
        /* Without the lock, which the core that the receiver is still on may want first. */
        ipc_fill_kernel(receiver, MNOS_KIND_CANCEL, badge);
        receiver->regs.r8 = handle;
        sched_wake_result(receiver, 0);
    }
}

bool reply_reap(struct object *o)
{
    struct reply *rp = container_of(o, struct reply, object);

    if (rp->ep != NULL)
        object_put(&rp->ep->object);
    object_free(o);
    return true;
}
