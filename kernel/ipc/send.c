/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending: calls, one-way messages, and the messages that the kernel sends for a thread that faulted. */
#include <arch/clock.h>
#include <debug/log.h>
#include <syscalls.h>

#include "rendezvous.h"

void ipc_finish(struct thread *t, status_t status)
{
    t->regs.rax = (u64)status;
    this_core()->resched |= RESCHED_NO_RESULT;
    sched_account(t);
}

static void clear_words(struct regs *r)
{
    r->r8 = r->r9 = r->rbx = r->rbp = r->r12 = r->r13 = r->r14 = r->r15 = 0;
}

void ipc_fill_kernel(struct thread *receiver, enum mnos_kind kind, u64 badge)
{
    thread_settle(receiver);
    ipc_fill_results(receiver, badge, 0, (u64)kind << 56);
    clear_words(&receiver->regs);
}

void ipc_fill(struct thread *receiver, struct thread *sender, u64 info)
{
    struct regs *r = &receiver->regs;
    const struct regs *s = &sender->regs;

    thread_settle(receiver);
    ipc_fill_results(receiver, sender->ipc.badge_value, sender->ipc.label, (u64)sender->ipc.kind << 56 | info);
    if (sender->ipc.kind == MNOS_KIND_FAULT) {
        r->r8 = sender->fault.cause;
        r->r9 = sender->fault.address;
        r->rbx = sender->fault.code;
        r->rbp = s->rip;
        r->r12 = s->rsp;
        r->r13 = s->rflags;
        r->r14 = sender->tid;
        r->r15 = sender->process->pid;
    } else if (sender->ipc.kind == MNOS_KIND_PAGE) {
        clear_words(r);
        r->r8 = sender->fault.address;
        r->r9 = sender->fault.code;
    } else {
        ipc_copy_words(r, s);
    }
}

void ipc_fill_answer(struct thread *to, const struct thread *from, u64 badge, u64 label, u64 info)
{
    thread_settle(to);
    ipc_fill_results(to, badge, label, info);
    ipc_copy_words(&to->regs, &from->regs);
    to->regs.rax = 0;
}

/* The words stay the receiver's own: a notification has none. */
void ipc_fill_bits(struct thread *receiver, u64 bits)
{
    struct regs *r = &receiver->regs;

    r->rax = r->rdi = r->rsi = 0;
    r->rdx = (u64)MNOS_KIND_NOTIFICATION << 56;
    r->r10 = bits;
}

status_t ipc_may_wait(const struct thread *t)
{
    REFUSE_IF((t->signals & (THREAD_UPCALL | THREAD_KILLED)) != 0, INTERRUPTED);
    if (t->ipc.ext_addr == 0)
        return 0;
    REFUSE_IF((t->ipc.ext.flags & MNOS_EXT_NONBLOCK) != 0, WOULD_BLOCK);
    REFUSE_IF(t->ipc.ext.deadline != MNOS_FOREVER && t->ipc.ext.deadline <= clock_now(), TIMED_OUT);
    return 0;
}

/* Is there somebody who can take a message of this kind now?  Lock held. */
static inline struct thread *receiver_for(struct endpoint *ep, u8 kind)
{
    LIST_FOR_EACH(n, &ep->receivers) {
        struct thread *r = container_of(n, struct thread, ipc.link);
        if (kind == MNOS_KIND_SEND || r->ipc.reply != NULL)
            return r;
    }
    return NULL;
}

static void enqueue(struct thread *t, struct endpoint *ep, enum mnos_wait why)
{
    endpoint_enqueue(ep, t);
    if (t->ipc.ext_addr != 0)
        timeout_arm(t, t->ipc.ext.deadline);
    sched_block(t, why);
}

/* The peer of a call becomes the caller's server: bound, given the caller's time and at least its priority. */
static ALWAYS_INLINE void hand_over(struct thread *t, struct thread *r, struct reply *rp, bool call)
{
    ipc_donate(t, r);
    t->run_state = RUN_STATE(MNOS_STATE_BLOCKED, call ? MNOS_WAIT_REPLY : MNOS_WAIT_FAULT);
    t->slow = !call || t->ipc.ext_addr != 0;
    rp->caller = t; /* from now on rp->receiver means nothing */
    t->ipc.reply = rp;
    /* Of a received call the deadline is a request to cancel. */
    if (call && t->ipc.ext_addr != 0 && t->ipc.ext.deadline != MNOS_FOREVER)
        timeout_arm(t, t->ipc.ext.deadline);
}

static status_t send_again(struct thread *t, struct endpoint *ep);

/* Bytes are over (or there were none): the rest of a rendezvous with a waiting receiver, done by the sender.  0: the result
 * is in the registers, or will be. */
static ALWAYS_INLINE status_t send_finish(struct thread *t, struct thread *r, struct reply *rp, struct endpoint *ep,
                                          u8 kind, u64 bytes, u32 stop, bool preempted)
{
    if (unlikely(stop == UCOPY_LOCAL_FAULT)) {
        /* Our buffer is bad: the receiver waits on as if nothing had been. */
        ipc_receive_again(r, ep, rp);
        return ERR(FAULT);
    }
    if (unlikely(stop == UCOPY_REMOTE_FAULT)) {
        reply_let_go(rp, r);
        sched_wake_result(r, ERR(FAULT));
        return preempted ? ERR(INTERRUPTED) : send_again(t, ep);
    }
    u64 info = transfer_info(t, r, bytes, stop);
    if (kind == MNOS_KIND_SEND) {
        reply_let_go(rp, r);
        ipc_fill(r, t, info);
        sched_wake_result(r, 0);
        ipc_finish(t, 0);
        return 0;
    }
    spin_lock(&ep->lock);
    bool gone = rp->gone || (t->signals & THREAD_KILLED) != 0;
    if (likely(!gone))
        hand_over(t, r, rp, true);
    spin_unlock(&ep->lock);
    if (unlikely(gone)) {
        reply_let_go(rp, r);
        ipc_fill(r, t, info);
        sched_wake_result(r, ERR(INTERRUPTED));
        return ERR(PEER_GONE);
    }
    ipc_hand(t, r, true, t->ipc.badge_value, t->ipc.label, info);
    return 0;
}

/* ... after a long copy. */
static void send_done(struct thread *t, struct thread *r, u64 bytes, u32 stop)
{
    if (t->ipc.preempted)
        transfer_release(t);
    status_t s = send_finish(t, r, t->ipc.pending, t->ipc.pending_ep, t->ipc.kind, bytes, stop, t->ipc.preempted);
    if (s < 0)
        ipc_finish(t, s);
}

/* Finds a receiver or waits for one.  where: the slot of the capability used. */
static ALWAYS_INLINE status_t send_start(struct thread *t, struct endpoint *ep, const u32 *where, u8 kind)
{
    spin_lock(&ep->lock);
    if (unlikely(ep->dead || !cap_unchanged(where, t->ipc.via_handle))) {
        spin_unlock(&ep->lock);
        return ep->dead ? ERR(PEER_GONE) : ERR(BADCAP);
    }
    struct thread *r = receiver_for(ep, kind);
    if (likely(r != NULL)) {
        struct reply *rp = r->ipc.reply;
        ipc_take_receiver(r);
        spin_unlock(&ep->lock);
        struct transfer got = transfer_start(t, r, rp, ep, true, send_done);
        return got.later ? 0 : send_finish(t, r, rp, ep, kind, got.bytes, got.stop, false);
    }
    status_t s = ipc_may_wait(t);
    if (s == 0)
        enqueue(t, ep, MNOS_WAIT_SENDING);
    spin_unlock(&ep->lock);
    if (s == 0)
        ipc_lend(t);
    return s;
}

static __attribute__((noinline)) status_t send_again(struct thread *t, struct endpoint *ep)
{
    return send_start(t, ep, (const u32 *)(const void *)&cap_slot_of(&t->process->table, t->ipc.via_handle)->meta,
                      t->ipc.kind);
}

status_t ipc_log(u64 address, u64 length)
{
    char text[256];

    for (u64 done = 0, part; done < length; done += part) {
        part = min_u64(length - done, sizeof text);
        TRY(ucopy_in(text, UADDR(address + done), part));
        log_raw(text, part);
    }
    return 0;
}

static status_t log_message(struct thread *t)
{
    if (t->ipc.ext_addr != 0)
        TRY(ipc_log(t->ipc.ext.send_buf, min_u64(t->ipc.ext.send_len, LOG_MESSAGE_MAX)));
    ipc_fill_kernel(t, MNOS_KIND_CALL, 0);
    ipc_finish(t, 0);
    return 0;
}

static ALWAYS_INLINE status_t send_message(u64 ep_handle, u64 label, u64 ext_addr, u8 kind)
{
    struct thread *t = current_thread();
    struct object *object;
    struct cap_node *node;
    const u32 *where;

    TRY(ipc_find(t, ep_handle, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, &object, &node, &where));
    /* Volatile: read once; whoever revokes the capability clears it. */
    struct badge *badge = *(struct badge *volatile *)&node->badge;
    REFUSE_IF(badge == NULL, BADCAP); /* revoked at this moment */
    struct endpoint *ep = container_of(object, struct endpoint, object);
    t->ipc.kind = kind;
    t->ipc.label = label;
    t->ipc.badge = badge;
    t->ipc.badge_value = node->badge_value;
    t->ipc.via = node;
    t->ipc.via_handle = ep_handle;
    TRY(transfer_read_ext(t, ext_addr));
    if (unlikely(ep->kernel_log))
        return log_message(t);
    return send_start(t, ep, where, kind);
}

status_t sys_ipc_call(u64 endpoint, u64 label, u64 ext)
{
    this_core()->stat.ipc_slow++;
    return send_message(endpoint, label, ext, MNOS_KIND_CALL);
}

status_t sys_ipc_send(u64 endpoint, u64 label, u64 ext)
{
    return send_message(endpoint, label, ext, MNOS_KIND_SEND);
}

bool ipc_send_fault(struct thread *t, struct badge *badge, u8 kind)
{
    struct endpoint *ep = badge->ep;

    t->ipc.kind = kind;
    t->ipc.label = 0;
    t->ipc.ep = NULL;
    t->ipc.ext_addr = 0;
    t->ipc.badge = badge;
    t->ipc.badge_value = badge->value;
    t->ipc.via = NULL;
    spin_lock(&ep->lock);
    if (ep->dead) {
        spin_unlock(&ep->lock);
        return false;
    }
    struct thread *r = receiver_for(ep, kind);
    if (r == NULL) {
        enqueue(t, ep, MNOS_WAIT_FAULT);
        spin_unlock(&ep->lock);
        ipc_lend(t);
        return true;
    }
    struct reply *rp = r->ipc.reply;
    ipc_take_receiver(r);
    hand_over(t, r, rp, false);
    spin_unlock(&ep->lock);
    ipc_fill(r, t, 0);
    r->regs.rax = 0;
    ipc_hand(t, r, false, 0, 0, 0);
    return true;
}

bool ipc_cancel(struct thread *t, u32 seq, status_t why)
{
    struct endpoint *ep = t->ipc.ep;

    if (ep == NULL)
        return false;
    spin_lock(&ep->lock);
    /* A thread that waits because it faulted has nothing that could be interrupted, except by its end. */
    bool done = t->ipc.ep == ep && t->wait_seq == seq && t->state == MNOS_STATE_BLOCKED &&
                (t->wait != MNOS_WAIT_FAULT || (t->signals & THREAD_KILLED) != 0);
    if (done)
        endpoint_dequeue(ep, t);
    spin_unlock(&ep->lock);
    if (done && t->wait != MNOS_WAIT_FAULT)
        t->regs.rax = (u64)why;
    if (done)
        sched_wake(t);
    return done;
}
