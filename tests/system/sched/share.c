/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets how much of a core. */
#include "sched.h"

/* Most and least of the first n counters, as the difference in per mille of the most. */
static uint64_t spread(unsigned n)
{
    uint64_t low = UINT64_MAX, high = 0;

    for (unsigned i = 0; i < n; i++) {
        uint64_t count = spin_count(i);
        low = count < low ? count : low;
        high = count > high ? count : high;
    }
    return high == 0 ? 1000 : (high - low) * 1000 / high;
}

static uint64_t share_once(unsigned n, uint64_t ns, uint64_t tick)
{
    for (unsigned i = 0; i < n; i++)
        spin_start(i, SPIN_PRIORITY, 1);
    if (tick != 0)
        mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    for (uint64_t end = clock_ns() + ns; clock_ns() < end;)
        sleep_ns(tick != 0 ? tick : ns);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
    uint64_t permille = spread(n);
    spin_stop();
    return permille;
}

/* `tick`: how often a more important thread comes in between; 0: none does. */
static void equal_spinners(unsigned n, uint64_t ns, uint64_t tick, const char *name)
{
    /* Where the host takes the core away at random, a fair share is only roughly fair, and not each time. */
    uint64_t limit = exact() ? 50 : 300, permille = limit;

    for (unsigned i = 0; i < (exact() ? 1 : 5) && permille >= limit; i++)
        permille = share_once(n, ns, tick);
    tap_ok(permille < limit, "%s", name);
    tap_diag("%u spinners differ by %lu per mille", n, permille);
}

/* ---- the quantum ---- */

#define RUNS 64
static struct trace {
    uint64_t run[RUNS], gap[RUNS];
    unsigned runs;
} trace[2];
static uint32_t trace_stop;

static void trace_thread(void *arg)
{
    struct trace *t = arg;
    uint64_t start = clock_ns(), last = start;

    while (!__atomic_load_n(&trace_stop, __ATOMIC_RELAXED)) {
        uint64_t now = clock_ns();
        if (now - last > MNOS_MS) {
            if (t->runs < RUNS) {
                t->run[t->runs] = last - start;
                t->gap[t->runs++] = now - last;
            }
            start = now;
        }
        last = now;
    }
}

static void quantum(void)
{
    const struct mnos_thread_options options = {.priority = SPIN_PRIORITY, .affinity = 1};
    struct mnos_thread *a = thread_start(trace_thread, &trace[0], &options, NULL);
    struct mnos_thread *b = thread_start(trace_thread, &trace[1], &options, NULL);
    struct tally tally = {0};

    sleep_ns(400 * MNOS_MS);
    for (unsigned i = 0; i < 100 && !exact() && (trace[0].runs < 5 || trace[1].runs < 5); i++)
        sleep_ns(100 * MNOS_MS);
    __atomic_store_n(&trace_stop, 1, __ATOMIC_SEQ_CST);
    thread_join(a);
    thread_join(b);
    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 1; i + 1 < trace[k].runs; i++) {
            uint64_t run = trace[k].run[i], gap = trace[k].gap[i];
            bool near = run > 9 * MNOS_MS && run < 11 * MNOS_MS && gap > 9 * MNOS_MS && gap < 11 * MNOS_MS;
            tally_check(&tally, near || !exact(), "run and gap of about 10 ms", run);
        }
    tally_check(&tally, trace[0].runs >= 5 && trace[1].runs >= 5, "runs recorded", trace[0].runs);
    tally_done(&tally, exact() ? "a thread with an equal beside it runs for 10 ms at a time, +- 1 ms [M193]"
                               : "two equal threads take turns");
    tap_diag("%u and %u turns", trace[0].runs, trace[1].runs);
}

/* ---- priorities ---- */

bool spinner_advances(unsigned i)
{
    uint64_t before = spin_count(i);

    for (unsigned n = 0; n < 1000 && spin_count(i) == before; n++)
        sleep_ns(10 * MNOS_MS);
    return spin_count(i) != before;
}

static bool only_runs(unsigned one, unsigned other)
{
    bool good = spinner_advances(one);
    uint64_t stood = spin_count(other);

    for (unsigned n = 0; n < 5; n++)
        good = good && spinner_advances(one);
    return good && spin_count(other) == stood;
}

static void priorities(void)
{
    spin_start(0, 40, 1);
    tap_ok(spinner_advances(0), "a thread of low priority runs while nobody else wants its core");
    spin_start(1, 60, 1);
    tap_ok(only_runs(1, 0), "and not at all while a more important one is ready");
    tap_status(mnos_thread_control(thread_handle(spinner[0].thread), MNOS_THREADCTL_PRIORITY, 70, 0), MNOS_OK,
               "a priority is raised");
    tap_ok(only_runs(0, 1), "at once in effect");
    tap_status(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_PRIORITY, 256, 0), MNOS_E_RANGE, "no priority beyond 255");
    spin_stop();
}

/* ---- donation ---- */

static mnos_handle_t service;
static uint64_t served;

static void serve(void *arg)
{
    mnos_handle_t reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(service, reply);

    (void)arg;
    while (m.status == 0 && m.label == 0) {
        __atomic_add_fetch(&served, 1, __ATOMIC_SEQ_CST);
        m = mnos_fast_reply(service, reply, 0, m.word[0] + 1, 0, 0, 0);
    }
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    mnos_cap_delete(reply);
}

static uint64_t calls_right;

static void call_often(void *arg)
{
    for (uint64_t i = 0; i < (uint64_t)arg; i++) {
        struct mnos_fast m = mnos_fast_call(service, 0, i, 0, 0, 0);
        if (m.status == 0 && m.word[0] == i + 1)
            __atomic_add_fetch(&calls_right, 1, __ATOMIC_SEQ_CST);
    }
}

static void donation(void)
{
    service = new_endpoint();
    struct mnos_thread *server =
        thread_start(serve, NULL, &(struct mnos_thread_options){.priority = 20, .affinity = 1}, NULL);
    becomes(thread_handle(server), MNOS_STATE_BLOCKED);
    spin_start(0, 60, 1);
    spinner_advances(0);
    struct mnos_thread *high =
        thread_start(call_often, (void *)100, &(struct mnos_thread_options){.priority = 80, .affinity = 1}, NULL);
    for (unsigned i = 0; i < 100 && __atomic_load_n(&calls_right, __ATOMIC_ACQUIRE) < 100; i++)
        sleep_ns(100 * MNOS_MS);
    tap_ok(calls_right == 100 && served == 100, "a server of low priority serves an important caller at its priority");
    thread_join(high);
    struct mnos_thread *low =
        thread_start(call_often, (void *)1, &(struct mnos_thread_options){.priority = 30, .affinity = 1}, NULL);
    bool spun = true;
    for (unsigned i = 0; i < 10; i++)
        spun = spun && spinner_advances(0);
    tap_ok(calls_right == 100 && spun, "an unimportant caller lends it nothing");
    spin_stop();
    thread_join(low);
    tap_ok(calls_right == 101, "and is served when the core is free");
    mnos_fast_call(service, 1, 0, 0, 0, 0);
    thread_join(server);
    mnos_cap_delete(service);
}

/* ---- budgets ---- */

static uint64_t cpu_of(mnos_handle_t process)
{
    struct mnos_info_process info = {0};
    process_info(inspect(process).id, &info);
    return info.cpu_ns;
}

/* Per mille of one core's time. */
static uint64_t use_of(mnos_handle_t process, uint64_t ns)
{
    uint64_t start = clock_ns(), used = cpu_of(process);

    sleep_ns(ns);
    used = cpu_of(process) - used;
    return used * 1000 / (clock_ns() - start);
}

static void budget(void)
{
    const struct tiny spin = {.program = TINY_SPIN, .priority = SPIN_PRIORITY, .affinity = 1};
    mnos_handle_t process = must(tiny_start(&spin, NULL), "a spinning process");

    tap_status(mnos_thread_control(process, MNOS_THREADCTL_BUDGET, 2 * MNOS_MS, 10 * MNOS_MS), MNOS_OK,
               "a process gets 2 ms in each 10");
    sleep_ns(20 * MNOS_MS);
    uint64_t permille = 0;
    bool kept = false;
    for (unsigned i = 0; i < (exact() ? 1 : 5) && !kept; i++) {
        permille = use_of(process, 500 * MNOS_MS);
        kept = permille < (exact() ? 220 : 700) && permille > (exact() ? 180 : 0);
    }
    tap_ok(kept, "and uses no more and no less");
    tap_diag("%lu per mille", permille);
    tap_status(mnos_thread_control(process, MNOS_THREADCTL_BUDGET, 0, 0), MNOS_OK, "the budget is lifted");
    sleep_ns(30 * MNOS_MS);
    permille = 0;
    for (unsigned i = 0; i < (exact() ? 1 : 20) && permille <= (exact() ? 950 : 100); i++)
        permille = use_of(process, 100 * MNOS_MS);
    tap_ok(permille > (exact() ? 950 : 100), "and it may have the whole core");
    tap_status(mnos_thread_control(process, MNOS_THREADCTL_BUDGET, 11, 10), MNOS_E_RANGE,
               "no budget beyond its period");
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
}

/* Work that a server does for a caller is charged to the caller. */
static void charged_to_caller(void)
{
    mnos_handle_t endpoint = new_endpoint(), reply = new_reply();
    const struct tiny caller = {.program = TINY_CALL, .caps = 1, .cap = {endpoint}, .stack = 0, .affinity = 1};
    struct mnos_fast m;

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    mnos_handle_t process = must(tiny_start(&caller, NULL), "a calling process");
    sleep_ns(20 * MNOS_MS); /* its call waits in the queue when we receive: no switch is between */
    m = mnos_fast_recv(endpoint, reply);
    uint64_t first = cpu_of(process), ends = clock_ns() + 20 * MNOS_MS;
    while (clock_ns() < ends)
        ;
    m = mnos_fast_reply(endpoint, reply, 0, 0, 0, 0, 0);
    first = cpu_of(process) - first;
    tap_ok(first > 16 * MNOS_MS, "so is its work for a call that had waited in the queue");
    uint64_t theirs = cpu_of(process), worked = 0;
    for (unsigned i = 0; i < 20 && m.status == 0; i++) {
        uint64_t until = clock_ns() + 2 * MNOS_MS;
        while (clock_ns() < until)
            ;
        worked += 2 * MNOS_MS;
        m = mnos_fast_reply(endpoint, reply, 0, 0, 0, 0, 0);
    }
    theirs = cpu_of(process) - theirs;
    tap_ok(theirs > worked * 8 / 10, "a server's work is charged to its caller");
    tap_diag("%lu of %lu ns", theirs, worked);
    mnos_proc_destroy(process, 0);
    mnos_cap_delete(process);
    mnos_cap_delete(reply);
    mnos_cap_delete(endpoint);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
}

void share_tests(void)
{
    quantum();
    equal_spinners(2, MNOS_S, 0,
                   exact() ? "two busy threads on one core share it within 5 % [M005]"
                           : "two busy threads share a core");
    equal_spinners(3, exact() ? 3 * MNOS_S : MNOS_S, 0,
                   exact() ? "three equal spinners differ by less than 5 % after 3 s [M120]" : "so do three");
    equal_spinners(2, MNOS_S, MNOS_MS,
                   "a more important thread that comes every millisecond does not keep one of them from its turn");
    priorities();
    donation();
    budget();
    charged_to_caller();
}
