/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: per-core run queues of 256 priorities, round robin with a 10 ms quantum, tickless.
 * One function blocks a thread, one wakes it, one cancels its wait; everything that waits is built on them.
 */
#pragma once

#include <arch/core.h>
#include <process.h>

void sched_init(struct core *c);                       /* idle thread and run queue of a core, before it runs anything */
void sched_account(const struct thread *t);            /* the current thread: another one pays for its time from now on */
_Noreturn void sched_start(struct core *c);            /* this core begins to schedule */
void sched_leave(u64 result);                          /* entry.S: before going back to user space with resched set */
void sched_timer(void);                                /* timer interrupt */
void sched_ipi(void);                                  /* reschedule interrupt */

/* The current thread waits.  Call with what wakes it still locked, or before it can be found; returns to the system call,
 * which must return to entry.S at once.  Its registers then get the result from who wakes it. */
static inline void sched_block(struct thread *t, enum mnos_wait why)
{
    t->state = MNOS_STATE_BLOCKED;
    t->wait = (u8)why;
    this_core()->resched |= RESCHED_PICK | RESCHED_NO_RESULT;
}
/* A thread that was taken out of whatever it waited in may run.  Any core, under locks below RANK_TIMEOUT. */
void sched_wake(struct thread *t);
/* The same with a result for its system call. */
static inline void sched_wake_result(struct thread *t, status_t result)
{
    t->regs.rax = (u64)result;
    sched_wake(t);
}
void sched_run_next(struct thread *from, struct thread *to); /* `from` has blocked: `to` runs now if it may, else soon */
/* `to` was taken out of its wait: at the end of a kernel entry from user mode the current thread makes room for it at once if
 * it is more important, else it is woken as usual. */
void sched_give_way(struct thread *to, bool interrupt);
void sched_yield(void);                                /* the same soon */
bool sched_cancel(struct thread *t, u32 seq, status_t why); /* ends a wait, if it is still that one */
void sched_poke(struct thread *t);                     /* its signals changed: it looks at them soon */
void sched_set_prio(struct thread *t, u8 prio);        /* effective priority; moves it in its queue */

/* May `to` run next on this core, by priority?  If so, it is noted as what runs. */
u64 sched_may_switch_down(struct core *c, const struct thread *to);
static inline bool sched_may_switch(struct core *c, const struct thread *to)
{
    if (unlikely(to->prio + 1u < c->rq.running))
        return sched_may_switch_down(c, to) != 0;
    c->rq.running = to->prio + 1u;
    return true;
}
u64 sched_donate(struct core *c, const struct thread *caller, struct thread *server); /* the caller's time and priority */
/* Before the registers of a thread that was found waiting are written: the core that it left by the fast path may still be
 * about to read the words of its message there. */
static inline void thread_settle(const struct thread *t)
{
    while (unlikely(__atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE)) && t->core != this_core()->index)
        spin_wait();
}
u64 sched_signalled(struct thread *t);                /* a thread that blocked looks a second time whether it was signalled */
u64 sched_cores_mask(void);                             /* bit per core that runs threads */
u64 timer_need(struct core *c, u64 deadline);         /* the timer fires at that time or before */

/* sched/budget.c: CPU time a process may use in each period */
extern u32 budgets_in_use;                             /* processes that have one */
u64 budget_charge(struct thread *t, u64 pid, u64 ns);  /* t ran so long, on the account of pid (0: nobody's) */
void budget_check(struct core *c, struct thread *t);   /* used up: the current thread waits for the next period */
MUST_CHECK status_t budget_set(struct process *p, u64 amount, u64 period);

/* sched/word.c: thread_block, thread_wake */
void word_init(void);
void word_init_process(struct process *p);
MUST_CHECK status_t word_block(struct thread *t, u64 address, u32 expected, u64 deadline, u64 flags);
MUST_CHECK status_t word_wake(u64 address, u64 count, u64 requeue, u64 requeue_count, u64 flags);
MUST_CHECK status_t word_park(struct thread *t, u64 deadline);
void word_unpark(struct thread *t);
bool word_cancel(struct thread *t, u32 seq, status_t why);

void timeout_expire(struct core *c, u64 now);
void timeout_set(struct thread *t, u64 deadline);
static inline void timeout_arm(struct thread *t, u64 deadline) /* the current thread, about to block */
{
    if (deadline != MNOS_FOREVER)
        timeout_set(t, deadline);
}
void timeout_disarm(struct thread *t);
u64 timeout_next(struct core *c);                      /* earliest deadline on this core */

/* Opens a window for interrupts; no locks held.  True: something else should run; come back by a continuation. */
bool preempt_point(void);

#define PRIO_REAPER 254
