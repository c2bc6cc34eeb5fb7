/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU time: who pays, and budgets of `amount` ns in each `period`.
 *
 * Time is charged at every scheduling decision to the account of the thread that ran: its process, or by donation the process it
 * served.  Accounts are pids, because a server may go on for a caller whose process is long gone.  The timer is armed for the
 * end of what is left of a budget.
 */
#include <arch/clock.h>
#include <arch/smp.h>
#include <obj.h>

u32 budgets_in_use;

/* The process that an account names, kept by the list's lock (or by being t's own); NULL: it is gone. */
static struct process *payer_get(const struct thread *t, u64 pid)
{
    if (likely(t->process != NULL && t->process->pid == pid))
        return t->process;
    struct process *p = pid != 0 ? process_next(pid) : NULL;
    if (p == NULL || p->pid == pid)
        return p;
    object_put(&p->object);
    return NULL;
}

static void payer_put(const struct thread *t, struct process *p)
{
    if (p != NULL && p != t->process)
        object_put(&p->object);
}

u64 budget_charge(struct thread *t, u64 pid, u64 ns)
{
    struct process *p = payer_get(t, pid);

    if (p == NULL)
        return 0;
    __atomic_fetch_add(&p->cpu_ns, ns, __ATOMIC_RELAXED);
    if (p->budget.period != 0)
        __atomic_fetch_add(&p->budget.used, ns, __ATOMIC_RELAXED);
    payer_put(t, p);
    return 0;
}

/* ns left in this period, 0: none; *end is when the period ends. */
static u64 budget_left(struct process *p, u64 now, u64 *end)
{
    if (now - p->budget.start >= p->budget.period) {
        p->budget.start = now - (now - p->budget.start) % p->budget.period;
        p->budget.used = 0;
    }
    *end = p->budget.start + p->budget.period;
    u64 used = __atomic_load_n(&p->budget.used, __ATOMIC_RELAXED);
    return used < p->budget.amount ? p->budget.amount - used : 0;
}

void budget_check(struct core *c, struct thread *t)
{
    struct process *p = payer_get(t, t->account);

    if (p != NULL && p->budget.period != 0) {
        u64 now = clock_now(), end;
        u64 delta = now - c->account_start;
        c->account_start = now;
        t->cpu_ns += delta;
        budget_charge(t, t->account, delta);
        u64 left = budget_left(p, now, &end);
        if (left != 0) {
            timer_need(c, now + left);
        } else {
            /* When the period ends, the thread comes back through here. */
            timeout_arm(t, end);
            sched_block(t, MNOS_WAIT_BUDGET);
        }
    }
    payer_put(t, p);
}

status_t budget_set(struct process *p, u64 amount, u64 period)
{
    REFUSE_IF(period == 0 ? amount != 0 : amount == 0 || amount > period || period < 1000000 || period > 10000000000ull,
              RANGE);
    bool had = p->budget.period != 0, has = period != 0;
    p->budget.amount = amount;
    p->budget.used = 0;
    p->budget.start = clock_now();
    p->budget.period = period;
    if (had != has)
        __atomic_fetch_add(&budgets_in_use, has ? 1 : (u32)-1, __ATOMIC_RELAXED);
    /* Who runs now has the end of its time looked at. */
    for (u32 i = 0; i < core_count; i++)
        if (cores[i]->current->process == p)
            ipi_resched(cores[i]);
    return 0;
}
