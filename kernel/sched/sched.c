/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocking, waking, and the way back to user space. */
#include <arch/clock.h>
#include <arch/smp.h>
#include <arch/switch.h>
#include <obj.h>
#include <sched.h>
#include <syscalls.h>

#include "runqueue.h"

/* ---- choosing a core ------------------------------------------------------------------------------------------ */

static bool core_allowed(const struct thread *t, u32 index)
{
    return (t->affinity >> index & 1) != 0;
}

/* The last core if the thread would run there now, else an idle one, else the last one. */
static struct core *core_for(const struct thread *t)
{
    struct core *last = cores[t->core];

    if (likely(core_count == 1 || t->on_cpu))
        return last;
    bool last_ok = core_allowed(t, last->index);
    if (last_ok && (last->current == last->idle_thread || last->current->prio < t->prio))
        return last;
    struct core *any = last_ok ? last : NULL;
    for (u32 i = 0; i < core_count; i++) {
        struct core *c = cores[i];
        if (!c->online || !core_allowed(t, i))
            continue;
        if (c->current == c->idle_thread && c->rq.ready == 0)
            return c;
        if (any == NULL)
            any = c;
    }
    return any != NULL ? any : last;
}

u64 sched_cores_mask(void)
{
    return core_count >= 64 ? UINT64_MAX : (1ull << core_count) - 1;
}

/* ---- block and wake ------------------------------------------------------------------------------------------- */

static void slice_start(struct core *c, u64 now)
{
    c->slice_end = now + MNOS_QUANTUM_NS;
    timer_need(c, c->slice_end);
}

static void enqueue(struct thread *t, bool front)
{
    struct core *here = this_core();
    struct core *c = core_for(t);

    /* First the state, then (the lock is a fence) the look at the priority: who changes that does it the other way round. */
    t->wait = MNOS_WAIT_NOTHING;
    t->state = MNOS_STATE_READY;
    spin_lock(&c->rq.lock);
    t->core = c->index;
    __atomic_thread_fence(__ATOMIC_RELEASE);    /* no instruction: see sched_set_prio */
    rq_insert(&c->rq, t, front);
    u32 running = c->rq.running, prio = t->prio + 1u;
    spin_unlock(&c->rq.lock);
    if (prio > running) {
        if (c == here)
            c->resched |= RESCHED_PICK;
        else
            ipi_resched(c);
    } else if (prio == running && c->slice_end == 0) {
        /* The running thread has an equal now: its quantum starts. */
        if (c == here)
            slice_start(c, clock_now());
        else
            ipi_resched(c);
    }
}

void sched_wake(struct thread *t)
{
    t->wait_seq++;
    if (unlikely(t->timeout_armed))
        timeout_disarm(t);
    enqueue(t, false);
}

void sched_yield(void)
{
    struct core *c = this_core();

    c->slice_end = 1;               /* used up: sched_pick puts it behind its equals */
    c->resched |= RESCHED_PICK;
}

void sched_set_prio(struct thread *t, u8 prio)
{
    for (;;) {
        struct core *c = cores[t->core];
        spin_lock(&c->rq.lock);
        t->prio = prio;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        bool waits = t->state == MNOS_STATE_READY, queued = waits && list_linked(&t->run_link);
        READ_ORDER();               /* who puts it into another core's queue tells the core first: else it might be that one's */
        bool here = queued && t->core == c->index;
        if (here && t->queue_prio != prio) {
            (void)rq_remove(&c->rq, t);
            rq_insert(&c->rq, t, false);
        }
        spin_unlock(&c->rq.lock);
        if (waits && !here)
            continue;               /* it is about to be in a queue, or in another one */
        ipi_resched(c);
        return;
    }
}

void sched_poke(struct thread *t)
{
    struct core *c = cores[t->core];

    if (c == this_core())
        c->resched |= RESCHED_WORK;
    else if (t->on_cpu || t->state == MNOS_STATE_RUNNING)
        ipi_resched(c);
}

/* The timer is armed for the next event only when that comes before what it is armed for. */
u64 timer_need(struct core *c, u64 deadline)
{
    if (deadline < c->timer_deadline) {
        c->timer_deadline = deadline;
        clock_arm(deadline);
    }
    return 0;
}

/* ---- quantum, accounts ---------------------------------------------------------------------------------------- */

/* `t` makes room for a more important thread: one that comes often must not keep its equals from their turn. */
static inline void slice_keep(const struct core *c, struct thread *t, u64 now)
{
    if (c->slice_end > now)
        t->slice_left = (u32)(c->slice_end - now);
}

/* `next` runs: what it has of its quantum counts if there are `equals`.  That nobody's runs was set with the queue locked: who
 * becomes an equal later, from another core, sees it, and interrupts. */
static inline void slice_resume(struct core *c, struct thread *next, bool equals, u64 now)
{
    if (equals) {
        c->slice_end = now + (next->slice_left != 0 ? next->slice_left : MNOS_QUANTUM_NS);
        if (c->slice_end < c->timer_deadline)
            (void)cold_call(timer_need, c, (void *)c->slice_end, NULL);
    }
    next->slice_left = 0;
}

/* Charges the time since the last look to who pays for it. */
static inline void account(struct core *c, u64 now)
{
    struct thread *t = c->current;
    struct process *p = t->process;
    u64 delta = now - c->account_start;

    c->account_start = now;
    t->cpu_ns += delta;
    if (likely(p != NULL && p->pid == c->account && p->budget.period == 0))
        __atomic_fetch_add(&p->cpu_ns, delta, __ATOMIC_RELAXED);
    else
        (void)cold_call(budget_charge, t, (void *)c->account, (void *)delta);
}

void sched_account(const struct thread *t)
{
    struct core *c = this_core();

    if (c->account == t->account)
        return;
    account(c, clock_now());
    c->account = t->account;
}

/* ---- choosing a thread ---------------------------------------------------------------------------------------- */

/* An idle core takes work from the core that has most of it waiting. */
static struct thread *steal(struct core *c)
{
    struct core *from = NULL;

    for (u32 i = 0; i < core_count; i++)
        if (cores[i] != c && cores[i]->online && cores[i]->rq.ready > (from != NULL ? from->rq.ready : 0))
            from = cores[i];
    if (from == NULL)
        return NULL;
    struct thread *found = NULL;
    spin_lock(&from->rq.lock);
    for (int p = rq_top(&from->rq); p >= 0 && found == NULL; p--) {
        struct list_node *n = list_first(&from->rq.queue[p]);
        if (n == NULL)
            continue;
        struct thread *t = container_of(n, struct thread, run_link);
        if (!t->on_cpu && core_allowed(t, c->index)) {
            (void)rq_remove(&from->rq, t);
            t->state = MNOS_STATE_RUNNING;
            t->core = c->index;
            found = t;
        }
    }
    spin_unlock(&from->rq.lock);
    return found;
}

/*
 * Whoever signals a thread sets the signal first and looks at the state then; a thread that blocks does it the other way
 * round, and this is its second look.
 */
u64 sched_signalled(struct thread *t)
{
    if (t->state == MNOS_STATE_BLOCKED && (t->signals & (THREAD_KILLED | THREAD_UPCALL)) != 0)
        sched_cancel(t, t->wait_seq, ERR(INTERRUPTED));
    return 0;
}

/* Makes the best ready thread the current one.  The current one goes back into its queue if it could still run. */
static void sched_pick(struct core *c)
{
    struct thread *prev = c->current;
    u64 now = clock_now();

    spin_lock(&c->rq.lock);
    if (prev->state == MNOS_STATE_RUNNING && prev != c->idle_thread) {
        bool used_up = c->slice_end != 0 && now >= c->slice_end;
        int top = rq_top(&c->rq);
        if (top < (int)prev->prio || (top == (int)prev->prio && !used_up)) {
            if (used_up)
                c->slice_end = 0;
            if (core_allowed(prev, c->index)) {
                c->rq.running = prev->prio + 1u;
                spin_unlock(&c->rq.lock);
                if (top == (int)prev->prio && c->slice_end == 0)
                    slice_start(c, now);
                return;
            }
        }
        prev->state = MNOS_STATE_READY;
        slice_keep(c, prev, now);
        if (likely(core_allowed(prev, c->index)))
            rq_insert(&c->rq, prev, !used_up);
    }
    int top = rq_top(&c->rq);
    struct thread *next = NULL;
    bool equals = false;
    c->rq.running = (u32)(top + 1);
    if (top >= 0) {
        next = rq_first(&c->rq, top);
        next->state = MNOS_STATE_RUNNING;
        equals = rq_remove(&c->rq, next);
    }
    c->slice_end = 0;
    spin_unlock(&c->rq.lock);
    if (next == NULL && core_count > 1) {
        next = steal(c);
        if (next != NULL)
            c->rq.running = next->prio + 1u;    /* upwards, from idle */
    }
    if (next == NULL)
        next = c->idle_thread;

    account(c, now);
    c->account = next->account;
    slice_resume(c, next, equals, now);
    if (next == prev)
        return;
    c->stat.switches++;
    next->on_cpu = true;
    next->core = c->index;
    arch_switch(c, prev, next);
    __atomic_store_n(&prev->on_cpu, false, __ATOMIC_RELEASE);
    if (prev->state == MNOS_STATE_READY && !list_linked(&prev->run_link) && !core_allowed(prev, c->index))
        enqueue(prev, false);       /* its affinity excludes this core: it goes to another one */
    if (unlikely(prev->signals != 0))
        sched_signalled(prev);
}

u64 sched_donate(struct core *c, const struct thread *caller, struct thread *server)
{
    if (server->prio < caller->prio)
        server->prio = caller->prio;
    else
        c->rq.running = server->prio + 1u;
    return 0;
}

u64 sched_may_switch_down(struct core *c, const struct thread *to)
{
    /* Somebody in between may be ready, or be made ready by another core right now.  An equal of `to` lets it go on within
     * a quantum; where that was used up by who is more important, they take turns through the queue. */
    spin_lock(&c->rq.lock);
    int top = rq_top(&c->rq);
    bool ok = top < (int)to->prio || (top == (int)to->prio && c->slice_end != 0);
    if (ok)
        c->rq.running = to->prio + 1u;
    spin_unlock(&c->rq.lock);
    return ok;
}

void sched_run_next(struct thread *from, struct thread *to)
{
    struct core *c = this_core();

    if (to->on_cpu || to->signals != 0 || !core_allowed(to, c->index) || !sched_may_switch(c, to)) {
        sched_wake(to);
        return;
    }
    to->wait_seq++;
    if (to->timeout_armed)
        timeout_disarm(to);
    if (rq_top(&c->rq) <= (int)to->prio)
        c->resched &= ~(u32)RESCHED_PICK;
    to->run_state = RUN_STATE(MNOS_STATE_RUNNING, MNOS_WAIT_NOTHING);
    to->on_cpu = true;
    to->core = c->index;
    if (from->process == to->process)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    arch_switch(c, from, to);       /* a CR3 load where they differ: as good as the fence */
    __atomic_store_n(&from->on_cpu, false, __ATOMIC_RELEASE);
    if (unlikely(from->signals != 0))
        sched_signalled(from);
}

bool sched_cancel(struct thread *t, u32 seq, status_t why)
{
    u8 budget = MNOS_WAIT_BUDGET;

    switch (t->wait) {
    case MNOS_WAIT_SENDING:
    case MNOS_WAIT_RECEIVING:
        return ipc_cancel(t, seq, why);
    case MNOS_WAIT_NOTIFY:
        return notification_cancel(t, seq, why);
    case MNOS_WAIT_FAULT:
        return ipc_cancel(t, seq, why) || ((t->signals & THREAD_KILLED) != 0 && reply_detach(t));
    case MNOS_WAIT_REPLY:
        if ((t->signals & THREAD_KILLED) != 0)
            return reply_detach(t);
        reply_cancel(t, seq);
        return false;
    case MNOS_WAIT_WORD:
        return word_cancel(t, seq, why);
    case MNOS_WAIT_BUDGET:          /* no lock guards it: of several who end it one does.  It may be a later one: no harm */
        if (t->wait_seq != seq ||
            !__atomic_compare_exchange_n(&t->wait, &budget, MNOS_WAIT_NOTHING, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return false;
        sched_wake(t);
        return true;
    default:
        return false;
    }
}

/*
 * The switch of a user thread that blocked or went into the queue to one that is in no queue and matches core->fast_word, at the
 * end of a kernel entry: there is nothing else to do, and the kernel is left at once.
 */
static ALWAYS_INLINE void switch_and_leave(struct core *c, struct thread *from, struct thread *to, u64 now)
{
    account(c, now);
    c->account = to->account;
    c->stat.switches++;
    to->run_state = RUN_STATE(MNOS_STATE_RUNNING, MNOS_WAIT_NOTHING);
    to->on_cpu = true;
    switch_user(c, from, from->process, to);
    switch_gs(from, to);
    from->on_cpu = false;
    if (unlikely(from->signals != 0))
        (void)cold_call(sched_signalled, from, NULL, NULL);
    if (likely(c->resched == 0))
        cpu_resume();
    c->resched |= RESCHED_NO_RESULT;
}

status_t sys_thread_yield(void)
{
    struct core *c = this_core();
    struct thread *t = c->current;
    struct list *equals = &c->rq.queue[t->prio];

    spin_lock(&c->rq.lock);
    struct thread *next = container_of(equals->head.next, struct thread, run_link);
    if (unlikely(list_empty(equals) || c->resched != 0 || next->fast_word != c->fast_word || next->cont != NULL)) {
        spin_unlock(&c->rq.lock);
        sched_yield();
        return 0;
    }
    /* One comes, one goes: bitmap and count stay as they are. */
    list_remove(&next->run_link);
    list_push_back(equals, &t->run_link);
    t->queue_prio = t->prio;
    t->state = MNOS_STATE_READY;
    spin_unlock(&c->rq.lock);
    u64 now = clock_now();
    slice_start(c, now);
    t->regs.rax = 0;
    switch_and_leave(c, t, next, now);
    return 0;
}

void sched_give_way(struct thread *to, bool interrupt)
{
    struct core *c = this_core();
    struct thread *t = c->current;

    if (unlikely(to->fast_word != c->fast_word || to->prio <= t->prio || c->resched != 0)) {
        sched_wake(to);
        return;
    }
    to->wait_seq++;
    u64 now = clock_now();
    slice_keep(c, t, now);
    spin_lock(&c->rq.lock);
    t->state = MNOS_STATE_READY;
    c->rq.running = to->prio + 1u;
    rq_insert(&c->rq, t, true);
    c->slice_end = 0;               /* nobody ready is as important as `to` */
    spin_unlock(&c->rq.lock);
    if (!interrupt)
        t->regs.rax = 0;
    switch_and_leave(c, t, to, now);
}

/* ---- leaving the kernel --------------------------------------------------------------------------------------- */

void sched_leave(u64 result)
{
    struct core *c = this_core();
    struct thread *t = c->current;

    /* A user thread has blocked: mostly all there is to do is that another one goes on in user mode. */
    if (likely(c->resched == (RESCHED_PICK | RESCHED_NO_RESULT) && t->state == MNOS_STATE_BLOCKED && t->process != NULL)) {
        spin_lock(&c->rq.lock);
        int top = rq_top(&c->rq);
        struct thread *next = rq_first(&c->rq, top >= 0 ? top : 0);
        if (likely(top >= 0 && next->fast_word == c->fast_word && next->cont == NULL && budgets_in_use == 0)) {
            bool equals = rq_remove(&c->rq, next);
            c->rq.running = (u32)(top + 1);
            c->slice_end = 0;
            spin_unlock(&c->rq.lock);
            u64 now = clock_now();
            slice_resume(c, next, equals, now);
            c->resched = 0;
            switch_and_leave(c, t, next, now);      /* back only when there is something to look at after all */
        } else {
            spin_unlock(&c->rq.lock);
        }
    }
    if ((c->resched & RESCHED_NO_RESULT) == 0)
        t->regs.rax = result;
    do {
        u32 why = c->resched;
        c->resched = 0;
        if ((why & RESCHED_PICK) != 0)
            sched_pick(c);
        t = c->current;
        if (t->cont != NULL) {
            void (*cont)(struct thread *) = t->cont;
            t->cont = NULL;
            cont(t);
        } else if (unlikely(t->signals != 0)) {
            thread_signals(t);
        } else if (unlikely(budgets_in_use != 0)) {
            budget_check(c, t);
        }
    } while (c->resched != 0 || c->current->cont != NULL);
}

bool preempt_point(void)
{
    struct core *c = this_core();

    cpu_irq_window();
    return (c->resched & RESCHED_PICK) != 0;
}

void sched_ipi(void)
{
    this_core()->resched |= RESCHED_PICK | RESCHED_WORK;
}

void sched_timer(void)
{
    struct core *c = this_core();
    u64 now = clock_now();

    c->timer_deadline = UINT64_MAX;
    timeout_expire(c, now);
    if (c->slice_end != 0 && now >= c->slice_end)
        c->resched |= RESCHED_PICK;
    if (budgets_in_use != 0)
        c->resched |= RESCHED_WORK;
    u64 next = timeout_next(c);
    if (c->slice_end > now && c->slice_end < next)
        next = c->slice_end;
    if (next != UINT64_MAX)
        timer_need(c, next);
}

/* ---- starting ------------------------------------------------------------------------------------------------- */

static void idle_loop(struct thread *t)
{
    struct core *c = this_core();
    u64 start = clock_now();

    t->cont = idle_loop;
    c->idle = true;
    while (c->resched == 0)
        cpu_idle();
    /* Visible before anything is looked at: see smp_quiesce_start.  Mostly the interrupt's entry has done it. */
    if (c->idle)
        (void)__atomic_exchange_n(&c->idle, false, __ATOMIC_SEQ_CST);
    c->stat.idle_ns += clock_now() - start;
}

void sched_init(struct core *c)
{
    rq_init(&c->rq);
    spin_init(&c->timeout_lock, RANK_TIMEOUT);
    c->timer_deadline = UINT64_MAX;
    /* Without these two the switch is not as short as the fast path's; no thread ever matches then. */
    c->fast_word = cpu.fsgsbase && cpu.xsave ? (u64)c->index << 32 : UINT64_MAX;
    c->idle_thread = thread_create_kernel(idle_loop, 0);
    c->idle_thread->affinity = 1ull << c->index;
    c->idle_thread->core = c->index;
    c->idle_thread->state = MNOS_STATE_RUNNING;
    c->idle_thread->on_cpu = true;
    c->current = c->idle_thread;
    c->idle = true;                 /* until it starts it has nothing of the kernel in hand */
}

void sched_start(struct core *c)
{
    c->account_start = clock_now();
    c->resched = RESCHED_PICK | RESCHED_NO_RESULT;
    c->online = true;
    (void)__atomic_exchange_n(&c->idle, false, __ATOMIC_SEQ_CST); /* visible before anything is looked at, as above */
    cpu_leave_kernel();             /* sched_leave(), then the first thread's registers */
}
