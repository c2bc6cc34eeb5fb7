/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast paths of ipc_call and ipc_reply: register words only, the other side waiting on this core, no scheduler.
 *
 * Each costs one lock, one CR3 load, and no MSR write.  They change nothing before all conditions hold, and do not return:
 * ipc_slow goes on with the general path, which decides everything anew; ipc_fast_leave leaves as the receiver, with the
 * words still in the sender's saved registers, so that they are copied nowhere.
 */
#include <arch/fastpath.h>
#include <arch/switch.h>
#include <cap_lookup.h>
#include <ipc.h>
#include <mnos/syscall.h>
#include <sched.h>

/*
 * `to` waited on this core with nothing to be looked at: it runs now, `from` does not.  The states of both were set under the
 * endpoint's lock, on_cpu among them: whoever signals `to` and finds that its wait is over interrupts this core then.
 */
static ALWAYS_INLINE void run_now(struct core *c, struct thread *from, struct process *p, struct thread *to)
{
    switch_user(c, from, p, to);
    /* ipc_fast_leave clears from->on_cpu when it has the words. */
    if (unlikely(from->signals != 0))
        (void)cold_call(sched_signalled, from, NULL, NULL);
}

void ipc_fast_call(u64 handle, u64 label)
{
    struct core *c = this_core();
    struct thread *t = c->current;
    struct process *p = t->process;
    struct object *object;
    const u32 *where;

    struct cap_node *node =
        cap_find_slot(&p->table, handle, CAP_WANT(MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND), &object, &where);
    if (unlikely(node == NULL))
        goto slow;
    struct endpoint *ep = container_of(object, struct endpoint, object);
    u64 badge = node->badge_value;

    spin_lock(&ep->lock);
    struct list_node *first = ep->receivers.head.next;
    struct thread *r = container_of(first, struct thread, ipc.link);
    struct reply *rp = r->ipc.reply; /* one that waits without a Reply is marked slow */
    if (unlikely(first == &ep->receivers.head || r->fast_word != c->fast_word || !cap_unchanged(where, handle))) {
        spin_unlock(&ep->lock);
        goto slow;
    }
    /* Out of the list; its own links are set anew when it waits again. */
    struct list_node *second = first->next;
    ep->receivers.head.next = second;
    second->prev = &ep->receivers.head;
    rp->caller = t; /* from now on rp->receiver means nothing */
    r->run_state = RUN_STATE(MNOS_STATE_RUNNING, MNOS_WAIT_NOTHING);
    r->on_cpu = true;
    t->ipc.reply = rp;
    t->ipc.badge_value = badge;
    t->ipc.ext_addr = 0;
    t->run_state = RUN_STATE(MNOS_STATE_BLOCKED, MNOS_WAIT_REPLY);
    spin_unlock(&ep->lock);

    r->account = t->account;
    if (unlikely(r->prio != t->prio))
        (void)cold_call(sched_donate, c, t, r);
    run_now(c, t, p, r);
    ipc_fast_leave(&t->regs, r, badge, label);
    return;
slow:
    ipc_slow(MNOS_SYS_ipc_call, handle, label, 0, 0);
}

/* The caller of `rp` runs on, `t` waits for the next message.  Lock of `ep` held; it goes. */
static ALWAYS_INLINE void answer(struct core *c, struct thread *t, struct process *p, struct endpoint *ep,
                                 struct cap_node *via, struct reply *rp, struct thread *caller)
{
    rp->caller = NULL;
    rp->receiver = t;
    caller->run_state = RUN_STATE(MNOS_STATE_RUNNING, MNOS_WAIT_NOTHING);
    caller->on_cpu = true;
    t->ipc.ep = ep;
    t->ipc.reply = rp;
    t->ipc.via = via;
    t->ipc.ext_addr = 0;
    t->prio = t->base_prio;
    t->account = p->pid;
    t->run_state = RUN_STATE(MNOS_STATE_BLOCKED, MNOS_WAIT_RECEIVING);
    list_push_back(&ep->receivers, &t->ipc.link);
    spin_unlock(&ep->lock);
    run_now(c, t, p, caller);
}

/* The caller did not call: if it faulted, it goes on with all its own registers.  Lock of `ep` held; it goes. */
static __attribute__((noinline)) void answer_other(u64 from, u64 label, u64 reply_handle, struct endpoint *ep,
                                                   struct cap_node *via, struct thread *caller)
{
    struct core *c = this_core();
    struct thread *t = c->current;

    if (likely(caller->fast_word == (c->fast_word | FAST_WORD_SLOW) && caller->wait == MNOS_WAIT_FAULT &&
               label != MNOS_FAULT_DESTROY && sched_may_switch(c, caller))) {
        caller->slow = false;
        answer(c, t, t->process, ep, via, caller->ipc.reply, caller);
        switch_gs(t, caller);
        t->on_cpu = false;
        cpu_resume();
    }
    spin_unlock(&ep->lock);
    ipc_slow(MNOS_SYS_ipc_reply, from, label, 0, reply_handle);
}

void ipc_fast_reply(u64 from, u64 label, u64 reply_handle)
{
    struct core *c = this_core();
    struct thread *t = c->current;
    struct process *p = t->process;
    struct object *object, *reply_object;
    const u32 *where;

    struct cap_node *node =
        cap_find_slot(&p->table, from, CAP_WANT(MNOS_TYPE_ENDPOINT, MNOS_RIGHT_RECV), &object, &where);
    if (unlikely(node == NULL ||
                 cap_find(&p->table, reply_handle, CAP_WANT(MNOS_TYPE_REPLY, MNOS_RIGHT_WRITE), &reply_object) == NULL))
        goto slow;
    struct endpoint *ep = container_of(object, struct endpoint, object);
    struct reply *rp = container_of(reply_object, struct reply, object);

    spin_lock(&ep->lock);
    struct thread *caller = rp->caller;
    /* Anything to receive at once, or bits that may come that way, is not for here. */
    if (unlikely(!cap_unchanged(where, from) || rp->ep != ep || caller == NULL || ep->attention || t->bound != NULL ||
                 t->signals != 0))
        goto locked;
    if (unlikely(caller->fast_word != c->fast_word)) {
        answer_other(from, label, reply_handle, ep, node, caller);
        return;
    }
    if (unlikely(caller->prio != t->prio) && cold_call(sched_may_switch_down, c, caller, NULL) == 0)
        goto locked;
    answer(c, t, p, ep, node, rp, caller);
    ipc_fast_leave(&t->regs, caller, 0, label);
    return;
locked:
    spin_unlock(&ep->lock);
slow:
    ipc_slow(MNOS_SYS_ipc_reply, from, label, 0, reply_handle);
}
