/* SPDX-License-Identifier: BSD-2-Clause */
/* Several cores: each has its own tables and queue; threads move and run side by side. */
#include "sched.h"

static void records(void)
{
    unsigned cores = machine_cores();
    struct tally own = {0}, online = {0};

    for (unsigned i = 0; i < cores; i++) {
        struct mnos_info_core a = core_info(i);
        tally_check(&online, a.idt_ok && a.tss_ok && a.index == i, "core online", i);
        for (unsigned k = 0; k < i; k++) {
            struct mnos_info_core b = core_info(k);
            tally_check(&own, a.gdt != b.gdt && a.apic_id != b.apic_id, "its own GDT and APIC", i);
        }
        tap_diag("core %u: APIC %lu, GDT at ...%lx", i, a.apic_id, a.gdt);
    }
    tally_done(&online, cores >= 4 ? "all cores have reported [M196]" : "the core has reported");
    if (cores > 1)
        tally_done(&own, "each core has a GDT, a TSS and an APIC of its own [M197]");
}

/* ---- moving ---- */

#define MOVES 1000u
static _Thread_local uint64_t tls_mark;

static void migrate(void *arg)
{
    struct tally *tally = arg;
    uint64_t seed = (uint64_t)arg;
    const uint64_t keep = 0xfeedfacecafebeef;
    uint64_t back;

    tls_mark = keep;
    for (unsigned i = 0; i < MOVES; i++) {
        unsigned core = (unsigned)(random_next(&seed) % machine_cores());
        __asm__ volatile("movq %0, %%xmm7" : : "r"(keep + i) : "xmm7");
        register uint64_t rdi __asm__("rdi") = MNOS_SELF;
        register uint64_t rsi __asm__("rsi") = MNOS_THREADCTL_AFFINITY;
        register uint64_t rdx __asm__("rdx") = 1ull << core;
        int64_t status;
        __asm__ volatile("syscall\n\tmovq %%xmm7, %1"
                         : "=a"(status), "=r"(back)
                         : "0"((uint64_t)MNOS_SYS_thread_control), "r"(rdi), "r"(rsi), "r"(rdx)
                         : "rcx", "r11", "memory");
        tally_check(tally, status == 0 && core_here() == core, "on the core asked for", core);
        tally_check(tally, back == keep + i && tls_mark == keep, "with its vector and thread state", i);
    }
}

static void migration(void)
{
    static struct tally tally[4];
    struct mnos_thread *thread[4];
    struct tally all = {0};

    for (unsigned i = 0; i < 4; i++)
        thread[i] = thread_start(migrate, &tally[i], NULL, NULL);
    for (unsigned i = 0; i < 4; i++) {
        thread_join(thread[i]);
        all.checks += tally[i].checks;
        all.failed += tally[i].failed;
    }
    tally_done(&all, "four threads that are sent from core to core are always where they were sent [M199]");
}

/* ---- queues ---- */

static bool queues_hold(unsigned cores)
{
    bool hold = true;

    /* One of them runs, except here, where we do. */
    for (unsigned core = 0; core < cores && core < 3; core++)
        hold &= core_info(core).ready == (core == 0 ? core + 1 : core);
    return hold;
}

static void queues(void)
{
    unsigned cores = machine_cores(), placed = 0;
    struct tally tally = {0};

    for (unsigned core = 0; core < cores && core < 3; core++)
        for (unsigned k = 0; k <= core && placed < SPINNERS; k++)
            spin_start(placed++, 40, 1ull << core);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    sleep_ns(50 * MNOS_MS);
    /* A core that the host keeps waiting has yet to take in what was sent to it. */
    for (unsigned n = 0; n < 200 && !queues_hold(cores); n++)
        sleep_ns(10 * MNOS_MS);
    tally_check(&tally, queues_hold(cores), "threads in the cores' own queues",
                core_info(0).ready << 16 | core_info(1).ready << 8 | core_info(cores > 2 ? 2 : 0).ready);
    tally_done(&tally, "each core's queue holds the threads that belong to it [M194]");
    for (unsigned i = 0; i < placed; i++)
        tally_check(&tally, (spinner[i].cores_seen & (spinner[i].cores_seen - 1)) == 0, "one core only",
                    spinner[i].cores_seen);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
    spin_stop();
    tally_done(&tally, "and threads with an affinity never ran elsewhere");
}

/* ---- side by side ---- */

/* How many of the cores have hardly been idle for a while; *seen: where the spinners have been. */
static unsigned busy_cores(unsigned cores, uint64_t *seen)
{
    uint64_t idle[64];
    unsigned busy = 0;

    for (unsigned i = 0; i < cores; i++)
        idle[i] = core_info(i).idle_ns;
    sleep_ns(300 * MNOS_MS);
    for (unsigned i = 0; i < cores; i++) {
        *seen |= spinner[i].cores_seen;
        busy += core_info(i).idle_ns - idle[i] < 150 * MNOS_MS;
    }
    return busy;
}

static void all_cores(void)
{
    unsigned cores = machine_cores() < SPINNERS ? machine_cores() : SPINNERS, busy = 0;
    uint64_t seen = 0, all = cores == 64 ? UINT64_MAX : (1ull << cores) - 1;

    for (unsigned i = 0; i < cores; i++)
        spin_start(i, SPIN_PRIORITY, UINT64_MAX);
    sleep_ns(200 * MNOS_MS);
    for (unsigned n = 0; n < 10 && (busy < cores || seen != all); n++)
        busy = busy_cores(cores, &seen);
    spin_stop();
    tap_ok(seen == all && busy == cores, "as many busy threads as cores keep all of them busy [M198]");
    tap_diag("cores seen 0x%lx, busy %u of %u", seen, busy, cores);
}

struct load {
    uint64_t cores_seen;
};

static void compute(void *arg)
{
    struct load *load = arg;

    for (unsigned k = 0; k < 20; k++) {
        for (volatile unsigned i = 0; i < 2000000; i++)
            ;
        load->cores_seen |= 1ull << core_here();
    }
}

/* Time of two loads on two cores, per mille of one after the other. */
static uint64_t parallel_permille(uint64_t *seen)
{
    struct load load[2] = {{0}, {0}};
    struct mnos_thread *thread[2];
    uint64_t start = clock_ns();

    for (unsigned i = 0; i < 2; i++)
        thread_join(thread_start(compute, &load[i], NULL, NULL));
    uint64_t serial = clock_ns() - start;
    load[0].cores_seen = load[1].cores_seen = 0;
    start = clock_ns();
    for (unsigned i = 0; i < 2; i++)
        thread[i] = thread_start(compute, &load[i], NULL, NULL);
    for (unsigned i = 0; i < 2; i++)
        thread_join(thread[i]);
    *seen = load[0].cores_seen & load[1].cores_seen;
    return (clock_ns() - start) * 1000 / serial;
}

static void two_cores(void)
{
    uint64_t best = UINT64_MAX, shared = UINT64_MAX, seen;

    for (unsigned i = 0; i < 5 && best > 560; i++) {
        uint64_t permille = parallel_permille(&seen);
        best = permille < best ? permille : best;
        shared &= seen;
    }
    tap_ok(shared == 0, "two busy threads share no core while another one is free");
    tap_diag("two loads on two cores take %lu per mille of one after the other", best);
    if (best > 560)
        tap_skip("the host had no two cores free", "two loads on two cores take at most 0.56 of the time [M198]");
    else
        tap_ok(true, "two loads on two cores take at most 0.56 of the time of one after the other [M198]");
}

void core_tests(void)
{
    records();
    if (machine_cores() > 1) {
        migration();
        queues();
        all_cores();
        two_cores();
    }
}
