/* SPDX-License-Identifier: BSD-2-Clause */
/* One lock, all cores: nothing is lost, nobody is passed over for long. */
#include <arch/clock.h>
#include <arch/smp.h>
#include <debug/log.h>

#include "../../arch/x86_64/arch.h"
#include "selftest.h"

#define ROUNDS    500u  /* acquisitions by each core */
#define PER_ROUND 2000u /* increments in one */
#define LIMIT_NS  60000000000ull

static struct spinlock lock = SPINLOCK(RANK_LOG);
static u64 counter;           /* under lock */
static u64 served, overtaken; /* under lock: acquisitions; those that more than all others came before */
static u32 arrived, finished; /* atomic */
static bool done[CORES_MAX];  /* by their own cores */

static void count_up(struct core *c)
{
    if (done[c->index])
        return;
    done[c->index] = true;
    __atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != core_count)
        cpu_relax();
    for (u32 i = 0; i < ROUNDS; i++) {
        u64 before = __atomic_load_n(&served, __ATOMIC_RELAXED);
        spin_lock(&lock);
        /* Who has a ticket waits for at most one turn of each other core; a core may be stopped before it draws one. */
        overtaken += served - before >= core_count;
        served++;
        for (u32 n = 0; n < PER_ROUND; n++)
            *(volatile u64 *)&counter += 1; /* a load and a store each time */
        spin_unlock(&lock);
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_ACQ_REL);
}

void selftest_locks(void)
{
    bool off = (flags_read() & FLAGS_IF) == 0;
    u64 limit = clock_now() + LIMIT_NS;

    smp_waiting_work = count_up;
    for (u32 i = 1; i < core_count; i++)
        ipi_resched(cores[i]);
    count_up(this_core());
    while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) != core_count && clock_now() < limit)
        cpu_relax();
    smp_waiting_work = NULL;
    log_line("# %u cores, %lu increments, %lu of %lu turns came late", core_count, counter, overtaken, served);
    selftest_ok(counter == (u64)core_count * ROUNDS * PER_ROUND && off == ((flags_read() & FLAGS_IF) == 0) &&
                    overtaken * 20 <= served,
                core_count == 4
                    ? "4,000,000 increments by 4 cores under one lock are exact, and nobody is passed over [M158]"
                    : "increments by all cores under one lock are exact");
}
