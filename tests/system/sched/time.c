/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines, and cores that have nothing to do. */
#include "sched.h"

#define SLEEPERS 32

static struct sleeper {
    uint64_t deadline, woke;
    int64_t status;
    unsigned order;
} sleeper[SLEEPERS];
static unsigned woken;
static uint32_t never;

static void sleep_once(void *arg)
{
    struct sleeper *s = arg;

    s->status = mnos_thread_block(&never, 0, s->deadline, MNOS_WAIT_PRIVATE);
    s->woke = clock_ns();
    s->order = __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
}

static void many_deadlines(void)
{
    struct mnos_thread *thread[SLEEPERS];
    struct tally tally = {0};
    uint64_t seed = 0x5eed, base = clock_ns() + 100 * MNOS_MS, worst = 0;

    for (unsigned i = 0; i < SLEEPERS; i++) {
        sleeper[i].deadline = base + random_next(&seed) % (100 * MNOS_MS);
        thread[i] = thread_start(sleep_once, &sleeper[i], NULL, NULL);
    }
    for (unsigned i = 0; i < SLEEPERS; i++)
        thread_join(thread[i]);
    for (unsigned i = 0; i < SLEEPERS; i++) {
        uint64_t late = sleeper[i].woke - sleeper[i].deadline;
        tally_check(&tally, sleeper[i].status == -MNOS_E_TIMED_OUT, "TIMED_OUT", i);
        tally_check(&tally, sleeper[i].woke >= sleeper[i].deadline, "not before its deadline", i);
        tally_check(&tally, late < (exact() ? MNOS_MS : 5 * MNOS_S), "soon after its deadline", late);
        worst = late > worst ? late : worst;
        for (unsigned k = 0; k < SLEEPERS && exact(); k++)
            tally_check(&tally,
                        (sleeper[i].deadline < sleeper[k].deadline) == (sleeper[i].order < sleeper[k].order) || i == k,
                        "in the order of the deadlines", i);
    }
    tally_done(&tally, "32 deadlines end their waits, none early, in their order");
    tap_diag("at most %lu ns late", worst);
}

/* A second in which the others have nothing to do. */
static struct tally idle_second(unsigned here)
{
    static uint64_t before[64];
    unsigned cores = machine_cores();
    struct tally tally = {0};

    /* What was armed for waits that ended early comes first: joins look again after a second. */
    sleep_ns(1200 * MNOS_MS);
    for (unsigned i = 0; i < cores; i++)
        before[i] = core_info(i).timer_irqs;
    sleep_ns(MNOS_S);
    for (unsigned i = 0; i < cores; i++) {
        uint64_t taken = core_info(i).timer_irqs - before[i];
        /* This core's timer has to wake us. */
        tally_check(&tally, i == here ? taken <= 2 : taken == 0, "timer interrupts of an idle core", taken);
        tap_diag("core %u: %lu timer interrupts in 1 s", i, taken);
    }
    return tally;
}

static void idle_cores(void)
{
    unsigned here = core_here(), cores = machine_cores();
    struct tally tally = {.failed = 1};

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1ull << here, 0);
    /* On a busy host, what was armed before may come late. */
    for (unsigned i = 0; i < (exact() ? 1 : 3) && tally.failed > 0; i++)
        tally = idle_second(here);
    tally_done(&tally, cores > 1 ? "an idle core takes no timer interrupt in 1 s [M005]"
                                 : "an idle core takes the one timer interrupt that somebody waits for");
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
}

static void one_shot(void)
{
    unsigned core = core_here();

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1ull << core, 0);
    struct mnos_info_core before = core_info(core);
    for (unsigned i = 0; i < 100; i++)
        sleep_ns(200000);
    struct mnos_info_core after = core_info(core);
    uint64_t arms = after.timer_arms - before.timer_arms, fires = after.timer_irqs - before.timer_irqs;
    /* A deadline that has passed before it is armed needs no timer. */
    tap_ok(arms >= (exact() ? 100 : 1) && fires >= (exact() ? 100 : 1) && fires <= arms,
           "the timer fires at most once for each arming [M184]");
    tap_diag("%lu armings, %lu interrupts", arms, fires);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
}

void time_tests(void)
{
    idle_cores();
    one_shot();
    many_deadlines();
}
