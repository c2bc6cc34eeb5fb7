/* SPDX-License-Identifier: BSD-2-Clause */
/* What the general paths of sending, receiving and answering share; short, and inline for their sake. */
#pragma once

#include <arch/fastpath.h>
#include <arch/switch.h>
#include <cap_lookup.h>
#include <ipc.h>
#include <mm/ucopy.h>
#include <sched.h>

/* Node and object of a capability in the table of the current thread, and where to ask whether it is still there. */
static ALWAYS_INLINE status_t ipc_find(struct thread *t, u64 handle, u8 type, u8 rights, struct object **object,
                                       struct cap_node **node, const u32 **where)
{
    struct cap_view v;
    status_t s;

    /* It may be made anew between the two: then it is looked up again. */
    do {
        *node = cap_find_slot(&t->process->table, handle, CAP_WANT(type, rights), object, where);
        if (likely(*node != NULL))
            return 0;
        s = cap_lookup(&t->process->table, handle, type, rights, &v);
    } while (s >= 0);
    return s;
}

static inline void ipc_copy_words(struct regs *to, const struct regs *from)
{
    to->words = from->words;
}

/* The endpoint whose lock guards the Reply, locked; NULL: never used. */
static ALWAYS_INLINE struct endpoint *reply_lock(struct reply *rp)
{
    for (;;) {
        struct endpoint *ep = __atomic_load_n(&rp->ep, __ATOMIC_ACQUIRE);
        if (unlikely(ep == NULL))
            return NULL;
        spin_lock(&ep->lock);
        if (likely(ep == rp->ep))
            return ep;
        spin_unlock(&ep->lock);
    }
}

/*
 * May the Reply be bound by who uses it at `ep`?  Since it was prepared it may have been closed, or used by another thread of
 * the process.  Lock of `ep` held.
 */
static ALWAYS_INLINE bool reply_is_free(const struct reply *rp, const struct endpoint *ep)
{
    return ((u64)rp->caller | (u64)rp->receiver | rp->gone) == 0 && rp->ep == ep;
}

/* Lock of rp->ep held. */
static ALWAYS_INLINE struct thread *reply_unbind(struct reply *rp)
{
    struct thread *caller = rp->caller;

    rp->caller = NULL;
    rp->receiver = NULL;
    caller->ipc.reply = NULL;
    caller->slow = false;
    if (unlikely(caller->cancelled) && list_linked(&caller->ipc.event_link))
        list_remove(&caller->ipc.event_link);
    return caller;
}

/* 0: the caller is ours to answer; -NOT_FOUND, -PEER_GONE. */
static ALWAYS_INLINE status_t reply_take(struct reply *rp, struct thread **caller)
{
    struct endpoint *ep = reply_lock(rp);

    REFUSE_IF(ep == NULL, NOT_FOUND);
    *caller = rp->caller;
    if (likely(*caller != NULL)) {
        (void)reply_unbind(rp);
        spin_unlock(&ep->lock);
        return 0;
    }
    bool dead = rp->dead_caller;
    rp->dead_caller = false;
    spin_unlock(&ep->lock);
    return dead ? ERR(PEER_GONE) : ERR(NOT_FOUND);
}

/* The server works on the caller's time and at least at its priority; a ring lends neither. */
static inline void ipc_donate(const struct thread *caller, struct thread *server)
{
    if (unlikely((caller->signals & THREAD_RING) != 0))
        return;
    if (caller->prio > server->prio)
        server->prio = caller->prio;
    server->account = caller->account;
}

/* A waiting receiver leaves its queue and belongs to who took it; its Reply stays its own.  Lock held. */
static ALWAYS_INLINE void ipc_take_receiver(struct thread *r)
{
    struct list_node *next = r->ipc.link.next, *prev = r->ipc.link.prev;

    /* Its own links are set anew when it waits again. */
    next->prev = prev;
    prev->next = next;
    r->ipc.reply = NULL;
    r->ipc.ep = NULL;
    r->slow = false;
}

/* The bytes of a rendezvous; `later`: `done` ends it, now or in a continuation. */
static ALWAYS_INLINE struct transfer transfer_start(struct thread *t, struct thread *peer, struct reply *rp,
                                                    struct endpoint *ep, bool to_peer, transfer_done_fn *done)
{
    u64 total = to_peer ? transfer_total(t, peer) : transfer_total(peer, t);

    t->ipc.pending = rp;
    t->ipc.pending_ep = ep;
    t->ipc.preempted = false;
    return total == 0 ? (struct transfer){ 0 } : transfer_bytes(t, peer, total, to_peer, done);
}

/* After the bytes: moves the capabilities; info, but for the kind. */
static ALWAYS_INLINE u64 transfer_info(struct thread *from, struct thread *to, u64 bytes, u32 stop)
{
    const struct mnos_ipc_ext *x = &from->ipc.ext;
    u64 info = bytes;

    if (from->ipc.ext_addr == 0)
        return 0;
    if (x->send_len != 0) {
        if (unlikely(stop != UCOPY_DONE))
            info |= (u64)MNOS_INFO_PARTIAL << 40;
        else if (x->send_len > bytes)
            info |= (u64)MNOS_INFO_TRUNCATED << 40;
    }
    if (x->send_caps != 0)
        info |= cap_send(&from->process->table, x, &to->process->table, to->ipc.ext_addr != 0 ? &to->ipc.ext : NULL);
    return info;
}

/* The registers of a message or an answer, but for the words: `to` goes on after the full restore, and first writes its record. */
static inline void ipc_fill_results(struct thread *to, u64 badge, u64 label, u64 info)
{
    struct regs *r = &to->regs;

    r->rdi = badge;
    r->rsi = label;
    r->rdx = info;
    r->r10 = 0;
    if (MNOS_INFO_CAPS(info) != 0)
        to->cont = transfer_deliver;
}

/* `to`, which is in no queue, may run at once?  If not it runs soon. */
static inline bool ipc_may_run(struct core *c, const struct thread *to)
{
    return likely(to->fast_word == c->fast_word && (c->resched | budgets_in_use) == 0 && sched_may_switch(c, to));
}

/* It runs now, but for GS base; `t`, whose state is set, does not: it is on the processor until its words were read. */
static ALWAYS_INLINE void ipc_run(struct core *c, struct thread *t, struct thread *to)
{
    to->run_state = RUN_STATE(MNOS_STATE_RUNNING, MNOS_WAIT_NOTHING);
    to->on_cpu = true;
    switch_user(c, t, t->process, to);
    /* Who signalled either before it could see this has not interrupted us. */
    if (unlikely((t->signals | to->signals) != 0)) {
        (void)cold_call(sched_signalled, t, NULL, NULL);
        c->resched |= to->signals != 0 ? RESCHED_WORK : 0;
    }
}

/*
 * The current thread `t` has blocked, and that is all there was to do: `to` runs at once if it may.  words: it waited in a system
 * call, gets these results and t's words, which are then copied nowhere; else its registers are filled already.
 */
static ALWAYS_INLINE void ipc_hand(struct thread *t, struct thread *to, bool words, u64 badge, u64 label, u64 info)
{
    struct core *c = this_core();

    if (unlikely(!ipc_may_run(c, to))) {
        if (words)
            ipc_fill_answer(to, t, badge, label, info);
        c->resched |= RESCHED_PICK | RESCHED_NO_RESULT;
        sched_run_next(t, to);
        return;
    }
    ipc_run(c, t, to);
    if (words) {
        if (info >> 48 != 0)        /* the kind is 0 */
            info = transfer_handles(to, info);
        if (likely(c->resched == 0))
            ipc_info_leave(&t->regs, to, badge, label, info);
        ipc_fill_answer(to, t, badge, label, info);
        to->cont = NULL;
    }
    switch_gs(t, to);
    t->on_cpu = false;
    if (!words && likely(c->resched == 0))
        cpu_resume();
    c->resched |= RESCHED_NO_RESULT;
}
