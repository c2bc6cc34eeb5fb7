/* SPDX-License-Identifier: BSD-2-Clause */
/* Receiving: what a receive delivers, in the order that docs/ipc.md gives. */

#include "rendezvous.h"

static status_t receive_start(struct thread *t, struct endpoint *ep, struct reply *rp);

/* The sender's buffer or ours could not be used: it goes back into the queue. */
static void requeue(struct endpoint *ep, struct thread *s)
{
    spin_lock(&ep->lock);
    bool dead = ep->dead || (s->signals & THREAD_KILLED) != 0;
    if (!dead)
        endpoint_enqueue(ep, s);
    spin_unlock(&ep->lock);
    if (dead)
        sched_wake_result(s, ERR(PEER_GONE));
}

/* The rest of a rendezvous with a queued sender, done by the receiver. */
static void receive_done(struct thread *t, struct thread *s, u64 bytes, u32 stop)
{
    struct reply *rp = t->ipc.pending;
    struct endpoint *ep = t->ipc.pending_ep;
    bool preempted = t->ipc.preempted;
    status_t status = 0;

    if (preempted)
        transfer_release(t);
    if (stop == UCOPY_LOCAL_FAULT) {
        if (preempted)
            sched_wake_result(s, ERR(INTERRUPTED));
        else
            requeue(ep, s);
        status = ERR(FAULT);
        goto out;
    }
    if (stop == UCOPY_REMOTE_FAULT) {
        sched_wake_result(s, ERR(FAULT));
        status = preempted ? ERR(INTERRUPTED) : receive_start(t, ep, rp);
        if (status == 0)
            return;
        goto out;
    }
    u64 info = transfer_info(s, t, bytes, stop);
    ipc_fill(t, s, info);
    if (s->ipc.kind == MNOS_KIND_SEND) {
        sched_wake_result(s, 0);
        goto out;
    }
    spin_lock(&ep->lock);
    bool killed = (s->signals & THREAD_KILLED) != 0;
    if (!reply_is_free(rp, ep)) {
        status = ERR(INTERRUPTED);
    } else if (killed) {
        rp->dead_caller = true;
    } else {
        ipc_donate(s, t);
        if (s->wait == MNOS_WAIT_SENDING)
            s->wait = MNOS_WAIT_REPLY;
        s->slow = s->ipc.kind != MNOS_KIND_CALL || s->ipc.ext_addr != 0;
        reply_bind(rp, s);
    }
    spin_unlock(&ep->lock);
    if (killed || status < 0)
        sched_wake_result(s, ERR(PEER_GONE));
out:
    ipc_finish(t, status);
}

static struct thread *sender_for(struct endpoint *ep, const struct reply *rp)
{
    struct thread *s = senders_first(&ep->senders);

    while (s != NULL && rp == NULL && s->ipc.kind != MNOS_KIND_SEND)
        s = senders_next(s);
    return s;
}

static void wait_here(struct thread *t, struct endpoint *ep, struct reply *rp)
{
    t->ipc.ep = ep;
    t->ipc.reply = rp;
    t->slow = rp == NULL; /* no call can be delivered to it */
    if (rp != NULL)
        rp->receiver = t;
    list_push_back(&ep->receivers, &t->ipc.link);
}

/* What comes before all messages: bits, closed badges, cancelled calls.  Lock held; false: there is nothing of that. */
static inline bool receive_event(struct thread *t, struct endpoint *ep, struct badge **closed)
{
    struct list_node *n;
    u64 bits = t->bound != NULL ? notification_take(t->bound) : 0;

    if (bits != 0) {
        ipc_fill_bits(t, bits);
    } else if ((n = list_pop_front(&ep->closed)) != NULL) {
        *closed = container_of(n, struct badge, event_link);
        ipc_fill_kernel(t, MNOS_KIND_CLOSED, (*closed)->value);
    } else if ((n = list_pop_front(&ep->cancels)) != NULL) {
        struct thread *caller = container_of(n, struct thread, ipc.event_link);
        ipc_fill_kernel(t, MNOS_KIND_CANCEL, caller->ipc.badge_value);
        t->regs.r8 = caller->ipc.reply->handle;
    } else {
        return false;
    }
    return true;
}

/* 0: received (the registers are filled), or waiting. */
static status_t receive_start(struct thread *t, struct endpoint *ep, struct reply *rp)
{
    struct badge *closed = NULL;

    spin_lock(&ep->lock);
    /* First visible as a receiver here, then the look at the bits: whoever sets bits looks in the other order. */
    t->ipc.ep = ep;
    t->wait = MNOS_WAIT_RECEIVING;
    if (receive_event(t, ep, &closed)) {
        t->ipc.ep = NULL;
        spin_unlock(&ep->lock);
        if (closed != NULL) {
            spin_lock(&cap_lock);
            badge_free(closed);
            spin_unlock(&cap_lock);
        }
        ipc_finish(t, 0);
        return 0;
    }
    if (unlikely(rp != NULL && !reply_is_free(rp, ep))) {
        t->ipc.ep = NULL;
        spin_unlock(&ep->lock);
        return ERR(BUSY);
    }
    struct thread *s = sender_for(ep, rp);
    if (s != NULL) {
        t->ipc.ep = NULL;
        endpoint_dequeue(ep, s);
        spin_unlock(&ep->lock);
        struct transfer got = transfer_start(t, s, rp, ep, false, receive_done);
        if (!got.later)
            receive_done(t, s, got.bytes, got.stop);
        return 0;
    }
    bool held = cap_meta(&t->process->table, t->ipc.via_handle) != 0; /* else it was revoked at this moment */
    status_t status = unlikely(ep->dead) ? ERR(PEER_GONE) : unlikely(!held) ? ERR(BADCAP) : ipc_may_wait(t);
    if (status == 0) {
        ep->attention = ep->senders.root != NULL;
        wait_here(t, ep, rp);
        if (t->ipc.ext_addr != 0)
            timeout_arm(t, t->ipc.ext.deadline);
        sched_block(t, MNOS_WAIT_RECEIVING);
    } else {
        t->ipc.ep = NULL;
    }
    spin_unlock(&ep->lock);
    return status;
}

void ipc_receive_again(struct thread *r, struct endpoint *ep, struct reply *rp)
{
    spin_lock(&ep->lock);
    bool killed = (r->signals & THREAD_KILLED) != 0;
    bool dead = ep->dead;
    if (!killed && !dead) {
        /* Without its Reply it goes on waiting for what needs none. */
        wait_here(r, ep, rp != NULL && rp->receiver == r ? rp : NULL);
        /* It is the oldest: it was first in the queue. */
        list_remove(&r->ipc.link);
        list_push_front(&ep->receivers, &r->ipc.link);
    }
    spin_unlock(&ep->lock);
    if (killed || dead) {
        reply_let_go(rp, r);
        sched_wake_result(r, killed ? ERR(INTERRUPTED) : ERR(PEER_GONE));
    }
}

status_t ipc_receive(struct thread *t, u64 handle, u64 ext_addr, u64 reply_handle, bool ext_is_read)
{
    struct cap_view v, rv;
    struct reply *rp = NULL;

    TRY(cap_lookup(&t->process->table, handle, MNOS_TYPE_NONE, 0, &v));
    REFUSE_IF(v.type != MNOS_TYPE_ENDPOINT && v.type != MNOS_TYPE_NOTIFICATION, BADTYPE);
    REFUSE_IF((v.rights & MNOS_RIGHT_RECV) == 0, NO_RIGHTS);
    if (reply_handle != MNOS_NONE)
        TRY(cap_lookup(&t->process->table, reply_handle, MNOS_TYPE_REPLY, MNOS_RIGHT_WRITE, &rv));
    if (!ext_is_read)
        TRY(transfer_read_any(t, ext_addr, false));
    if (v.type == MNOS_TYPE_ENDPOINT && reply_handle != MNOS_NONE) {
        rp = container_of(rv.object, struct reply, object);
        TRY(reply_prepare(rp, container_of(v.object, struct endpoint, object), reply_handle));
    }
    /* What was donated ends here. */
    if (t->prio != t->base_prio) {
        t->prio = t->base_prio;
        this_core()->resched |= RESCHED_PICK;
    }
    t->account = t->process->pid;
    t->ipc.via_handle = handle;
    if (v.type == MNOS_TYPE_NOTIFICATION) {
        TRY(notification_wait(t, container_of(v.object, struct notification, object), v.node));
        if (t->state == MNOS_STATE_RUNNING)
            ipc_finish(t, 0);
        return 0;
    }
    t->ipc.via = v.node;
    endpoint_serve(container_of(v.object, struct endpoint, object), t);
    return receive_start(t, container_of(v.object, struct endpoint, object), rp);
}
