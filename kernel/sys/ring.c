/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring: operations that the caller does not wait for.
 *
 * What may wait (call, receive, answer) is done by a worker: a thread of the same process that runs no user code, with the
 * operation's registers for its own.  It goes through the very functions of the system calls, so that nothing is checked
 * twice or differently.  Idle workers are kept for the next operation.  The page is the program's to write at any
 * time: every field is read once, and what it decides is decided on the copy.
 */
#include <core/assert.h>
#include <mnos/ring.h>

#include "sys.h"

#define AT(p, field) UADDR((p)->ring.at + offsetof(struct mnos_ring, field))
#define AT_ENTRY(p, field, n, size) UADDR((p)->ring.at + offsetof(struct mnos_ring, field) + (n) % (size) * sizeof(((struct mnos_ring *)0)->field[0]))

_Static_assert(sizeof(struct mnos_ring) <= PAGE_SIZE, "one page");

/* Tells the program; a page that is gone is its own loss. */
static void complete(struct process *p, u64 user, status_t status)
{
    struct mnos_completion done = { .user = user, .status = status };

    spin_lock(&p->lock);
    u32 tail = p->ring.tail++;
    p->ring.busy--;
    bool wake = p->ring.waited && (int)(p->ring.tail - p->ring.wanted) >= 0;
    if (ucopy_out(AT_ENTRY(p, completion, tail, MNOS_RING_COMPLETIONS), &done, sizeof done) < 0 ||
        ucopy_write_u32(AT(p, cq_tail), p->ring.tail) < 0)
        wake = true;
    if (wake)
        p->ring.waited = false;
    spin_unlock(&p->lock);
    if (wake && word_wake(AT(p, cq_tail).value, UINT32_MAX, 0, 0, MNOS_WAIT_PRIVATE) < 0)
        return;
}

/* ---- workers ----------------------------------------------------------------------------------------------------- */

enum { WORKER_IDLE, WORKER_BEGINS, WORKER_RUNS };

/* The registers of words 7 to 0 follow one another. */
#define WORD(r, i) (r)->words.reg[MNOS_IPC_WORDS - 1 - (i)]

/* Begins the operation, whose handles are in the registers as in a system call.  It may wait, or go on in a continuation, or leave
 * the kernel for good in another thread's favour. */
static status_t worker_begin(struct thread *t)
{
    struct mnos_ring_message m;
    struct regs *r = &t->regs;

    REFUSE_IF((t->ring.arg & 7) != 0, UNALIGNED);
    TRY(ucopy_in(&m, UADDR(t->ring.arg), sizeof m));
    for (u32 i = 0; i < MNOS_IPC_WORDS; i++)
        WORD(r, i) = m.word[i];
    if (t->ring_op == MNOS_RING_CALL)
        return sys_ipc_call(r->rdi, m.label, r->rdx);
    if (t->ring_op == MNOS_RING_RECV)
        return sys_ipc_recv(r->rdi, 0, r->rdx, r->r10);
    return sys_ipc_reply(MNOS_NONE, m.label, r->rdx, r->r10);
}

static void worker_end(struct thread *t)
{
    const struct regs *r = &t->regs;
    struct mnos_ring_message m = { .label = r->rsi, .badge = r->rdi, .info = r->rdx, .bits = r->r10 };
    status_t s = (status_t)r->rax;

    for (u32 i = 0; i < MNOS_IPC_WORDS; i++)
        m.word[i] = WORD(r, i);
    if (s >= 0 && t->ring_op != MNOS_RING_REPLY)
        s = ucopy_out(UADDR(t->ring.arg), &m, sizeof m);
    complete(t->process, t->ring.user, s);
}

void ring_worker(struct thread *t)
{
    struct core *c = this_core();
    struct process *p = t->process;

    if (t->ring_phase == WORKER_BEGINS) {
        t->ring_phase = WORKER_RUNS;
        c->resched &= ~(u32)RESCHED_NO_RESULT;
        status_t s = worker_begin(t);
        if (t->state != MNOS_STATE_RUNNING || t->cont != NULL)
            return;
        if ((c->resched & RESCHED_NO_RESULT) == 0)
            t->regs.rax = (u64)s;
    }
    if (t->ring_phase == WORKER_RUNS)
        worker_end(t);
    t->ring_phase = WORKER_IDLE;
    spin_lock(&p->lock);
    if (!list_linked(&t->word_link))
        list_push_back(&p->ring.idle, &t->word_link);
    sched_block(t, MNOS_WAIT_BUDGET);
    spin_unlock(&p->lock);
}

void ring_worker_gone(struct thread *t)
{
    t->process->ring.workers--;
    if (list_linked(&t->word_link))
        list_remove(&t->word_link);
}

static struct thread *worker_new(struct process *p)
{
    const struct mnos_thread_args args = { .priority = current_thread()->base_prio };
    struct thread *t;

    if (thread_new(p, &args, &t) < 0)
        return NULL;
    spin_lock(&p->lock);
    t->signals |= THREAD_RING;
    p->ring.workers++;
    spin_unlock(&p->lock);
    return t;
}

static status_t worker_start(struct process *p, const struct mnos_submission *s)
{
    spin_lock(&p->lock);
    struct list_node *n = list_pop_front(&p->ring.idle);
    spin_unlock(&p->lock);
    struct thread *t = n != NULL ? container_of(n, struct thread, word_link) : worker_new(p);

    REFUSE_IF(t == NULL, NO_MEMORY);
    t->prio = t->base_prio = current_thread()->base_prio;
    t->regs.rdi = s->handle;
    t->regs.rdx = s->ext;
    t->regs.r10 = s->reply;
    t->ring.user = s->user;
    t->ring.arg = s->arg;
    t->ring_op = (u8)s->op;
    t->ring_phase = WORKER_BEGINS;
    if (n == NULL)
        thread_start(t);
    else
        sched_cancel(t, t->wait_seq, 0);
    return 0;
}

/* ---- submissions ------------------------------------------------------------------------------------------------- */

/* The next one, if its completion has a place: 1; 0: none; or an error, and nothing has changed. */
static status_t take(struct process *p, struct mnos_submission *s)
{
    u32 seen[2];                    /* sq_tail, cq_head */

    TRY(ucopy_in(seen, AT(p, sq_tail), sizeof seen));
    u32 unread = p->ring.tail - seen[1];
    REFUSE_IF(seen[0] - p->ring.head > MNOS_RING_SUBMISSIONS || unread > MNOS_RING_COMPLETIONS, INVALID);
    if (seen[0] == p->ring.head || p->ring.busy >= MNOS_RING_SUBMISSIONS ||
        unread + p->ring.busy >= MNOS_RING_COMPLETIONS)
        return 0;
    TRY(ucopy_in(s, AT_ENTRY(p, submission, p->ring.head, MNOS_RING_SUBMISSIONS), sizeof *s));
    TRY(ucopy_write_u32(AT(p, sq_head), p->ring.head + 1));
    p->ring.head++;
    p->ring.busy++;
    return 1;
}

static void dispatch(struct process *p, const struct mnos_submission *s)
{
    struct notification *n;
    status_t status = 0;

    if ((s->reserved[0] | s->reserved[1]) != 0 || s->op >= MNOS_RING_OPS) {
        status = ERR(INVALID);
    } else if (s->op == MNOS_RING_NOTIFY) {
        status = sys_notification(s->handle, &n);
        if (status == 0)
            notification_signal(n, s->arg);
    } else if (s->op == MNOS_RING_DELETE) {
        status = cap_delete(&p->table, s->handle);
    } else if (s->op != MNOS_RING_NOP) {
        status = worker_start(p, s);
        if (status == 0)
            return;
    }
    complete(p, s->user, status);
}

/* The page that the operations in hand belong to cannot be left for another one. */
static status_t use(struct process *p, u64 at)
{
    u64 probe[2];

    if (at == p->ring.at && at != 0)
        return 0;
    TRY(ucopy_in(probe, UADDR(at), sizeof probe));
    REFUSE_IF((at & ~PAGE_MASK) != 0, UNALIGNED);
    REFUSE_IF(p->ring.busy != 0, BUSY);
    p->ring.at = at;
    p->ring.head = p->ring.tail = 0;
    return 0;
}

/* Waits until `want` completions are there that were not read. */
static status_t wait_for(struct process *p, u32 want, u64 deadline)
{
    u32 head;
    status_t s;

    TRY(ucopy_read_u32(AT(p, cq_head), &head));
    for (u32 n = 0; n < MNOS_RING_COMPLETIONS; n++) {
        spin_lock(&p->lock);
        u32 tail = p->ring.tail;
        p->ring.wanted = head + want;
        p->ring.waited = true;
        spin_unlock(&p->lock);
        if ((int)(tail - head) >= (int)want)
            return 0;
        s = word_block(current_thread(), AT(p, cq_tail).value, tail, deadline, MNOS_WAIT_PRIVATE);
        if (s != ERR(WOULD_BLOCK))  /* else one more meanwhile: look again */
            return s;
    }
    return 0;
}

status_t sys_ring_enter(u64 ring, u64 want, u64 deadline)
{
    struct process *p = current_thread()->process;
    struct mnos_submission s;
    status_t got = 1;

    REFUSE_IF(want > MNOS_RING_COMPLETIONS, RANGE);
    for (u32 n = 0; n < MNOS_RING_SUBMISSIONS && got > 0; n++) {
        spin_lock(&p->lock);
        got = n == 0 ? use(p, ring) : 0;
        if (got == 0)
            got = take(p, &s);
        spin_unlock(&p->lock);
        if (got > 0)
            dispatch(p, &s);
    }
    TRY(got);
    return want != 0 ? wait_for(p, (u32)want, deadline) : 0;
}
