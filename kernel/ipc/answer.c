/* SPDX-License-Identifier: BSD-2-Clause */
/* Answering a caller, and then receiving the next message. */
#include <obj.h>
#include <syscalls.h>

#include "rendezvous.h"

/* Bits that were set before the thread to which it is bound could be seen to receive: that comes first. */
static bool bits_came(struct notification *n)
{
    spin_lock(&n->lock);
    bool came = n->bits != 0;
    spin_unlock(&n->lock);
    return came;
}

/* Waits for the next message with a Reply that is free, if nothing stands against it; false: nothing has changed. */
static ALWAYS_INLINE bool wait_next(struct thread *t, struct endpoint *ep, struct cap_node *via, const u32 *where,
                                    struct reply *rp, u64 reply_handle)
{
    spin_lock(&ep->lock);
    t->ipc.ep = ep;
    t->wait = MNOS_WAIT_RECEIVING;
    if (unlikely(!cap_unchanged(where, t->ipc.next_from) || !reply_is_free(rp, ep) || (ep->attention | t->signals) != 0 ||
                 (t->ipc.ext_addr != 0 && (t->ipc.ext.flags != 0 || t->ipc.ext.deadline != MNOS_FOREVER)) ||
                 (t->bound != NULL && bits_came(t->bound)))) {
        t->ipc.ep = NULL;
        spin_unlock(&ep->lock);
        return false;
    }
    rp->handle = reply_handle;
    rp->dead_caller = false;
    rp->receiver = t;
    t->ipc.reply = rp;
    t->ipc.via = via;
    t->prio = t->base_prio;
    t->account = t->process->pid;
    t->run_state = RUN_STATE(MNOS_STATE_BLOCKED, MNOS_WAIT_RECEIVING);
    list_push_back(&ep->receivers, &t->ipc.link);
    spin_unlock(&ep->lock);
    return true;
}

/* The caller, whose registers are filled, runs; we receive if nothing hinders, or find out what does. */
static __attribute__((noinline)) void answer_receive(struct thread *t, struct thread *caller, u64 from,
                                                     u64 reply_handle)
{
    status_t s = from != MNOS_NONE ? ipc_receive(t, from, 0, reply_handle, true) : 0;

    if (s < 0 || from == MNOS_NONE)
        ipc_finish(t, s);
    if (t->state == MNOS_STATE_RUNNING)
        sched_wake(caller);
    else
        sched_run_next(t, caller);
}

/* Bytes are over (or there were none).  ep: NULL to receive from nobody, or if only the handles are to be trusted. */
static ALWAYS_INLINE void answer_finish(struct thread *t, struct thread *caller, struct reply *rp, struct endpoint *ep,
                                        struct cap_node *via, const u32 *where, u64 from, u64 reply_handle, u64 label,
                                        struct transfer got)
{
    if (unlikely(got.stop == UCOPY_LOCAL_FAULT || got.stop == UCOPY_REMOTE_FAULT)) {
        bool ours = got.stop == UCOPY_LOCAL_FAULT;
        if (ours)
            reply_give_back(rp, caller);
        else
            sched_wake_result(caller, ERR(FAULT));
        ipc_finish(t, ours ? ERR(FAULT) : ERR(PEER_GONE));
        return;
    }
    u64 info = transfer_info(t, caller, got.bytes, got.stop);
    if (likely(ep != NULL && wait_next(t, ep, via, where, rp, reply_handle))) {
        ipc_hand(t, caller, true, 0, label, info);
        return;
    }
    ipc_fill_answer(caller, t, 0, label, info);
    answer_receive(t, caller, from, reply_handle);
}

/* ... after a long copy: interrupts were let in, and what was looked up may be gone. */
static void answer_done(struct thread *t, struct thread *caller, u64 bytes, u32 stop)
{
    const struct cap_table *table = &t->process->table;
    struct transfer got = { .bytes = bytes, .stop = stop };
    struct object *next, *reply = NULL;
    const u32 *where = NULL;
    struct cap_node *via =
        cap_find_slot(table, t->ipc.next_from, CAP_WANT(MNOS_TYPE_ENDPOINT, MNOS_RIGHT_RECV), &next, &where);

    if (via == NULL || cap_find(table, t->ipc.next_reply, CAP_WANT(MNOS_TYPE_REPLY, MNOS_RIGHT_WRITE), &reply) == NULL ||
        reply != &t->ipc.pending->object)
        next = NULL;
    if (t->ipc.preempted)
        transfer_release(t);
    answer_finish(t, caller, t->ipc.pending, container_of(next, struct endpoint, object), via, where, t->ipc.next_from,
                  t->ipc.next_reply, t->ipc.label, got);
}

status_t sys_ipc_reply(u64 from, u64 label, u64 ext_addr, u64 reply_handle)
{
    struct thread *t = current_thread(), *caller;
    struct object *object, *next = NULL;
    struct cap_node *node;
    const u32 *where;

    this_core()->stat.ipc_slow++;
    TRY(ipc_find(t, reply_handle, MNOS_TYPE_REPLY, MNOS_RIGHT_WRITE, &object, &node, &where));
    struct reply *rp = container_of(object, struct reply, object);
    if (from != MNOS_NONE)
        TRY(ipc_find(t, from, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_RECV, &next, &node, &where));
    struct endpoint *ep = container_of(next, struct endpoint, object); /* the object comes first */
    TRY(transfer_read_ext(t, ext_addr));
    TRY(reply_take(rp, &caller));
    t->ipc.label = label;
    if (unlikely(caller->wait == MNOS_WAIT_FAULT)) {
        /* It runs its instruction again; ipc/fast.c has the usual case. */
        if (label == MNOS_FAULT_DESTROY)
            process_kill(caller->process, MNOS_EXIT_FAULT | caller->fault.cause);
        answer_receive(t, caller, from, reply_handle);
        return 0;
    }
    t->ipc.next_from = from;
    t->ipc.next_reply = reply_handle;
    struct transfer got = transfer_start(t, caller, rp, NULL, true, answer_done);
    if (!got.later)
        answer_finish(t, caller, rp, ep, node, where, from, reply_handle, label, got);
    return 0;
}
