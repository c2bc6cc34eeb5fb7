/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random system calls, made by children with a pool of their own; what the parent and a bystander see must not be touched.
 */
#include <libmnos/package.h>

#include "fuzz.h"

#define CHILD_POOL  (2ull << 20)
#define CHILD_CALLS 20000u

static struct stats *stats;
static mnos_handle_t stats_memory, canary;
static mnos_handle_t faults; /* where nobody receives: a thread that faults stands still, the rest goes on */
static struct tally bystander;

/* ---- the bystander: answers with a sum over memory that nobody else has ---- */

#define PATTERN_WORDS 8192u

static int canary_role(int argc, char **argv)
{
    static uint64_t pattern[PATTERN_WORDS];
    mnos_handle_t endpoint = mnos_cap("service"), reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);

    (void)argc, (void)argv;
    for (uint64_t i = 0; i < PATTERN_WORDS; i++)
        pattern[i] = i * 0x9e3779b97f4a7c15ull;
    while (m.status == 0 && m.label == 0) {
        uint64_t wrong = 0;
        for (uint64_t i = 0; i < PATTERN_WORDS; i++)
            wrong += pattern[i] != i * 0x9e3779b97f4a7c15ull;
        m = mnos_fast_reply(endpoint, reply, 0, wrong, m.word[0] + 1, 0, 0);
    }
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    return 7;
}

static void canary_ask(uint64_t n)
{
    struct mnos_fast m = mnos_fast_call(canary, 0, n, 0, 0, 0);

    tally_check(&bystander, m.status == 0 && m.word[0] == 0 && m.word[1] == n + 1, "the bystander's memory and answer",
                n);
}

/* ---- children ---- */

static struct spawn_child child_start(mnos_handle_t pool, mnos_handle_t irq, mnos_handle_t ports)
{
    const struct spawn_cap caps[] = {
        {.name = "pool",
         .handle = pool,
         .rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE},
        {.name = "system", .handle = MNOS_BOOT_SYSTEM, .rights = MNOS_RIGHT_READ | MNOS_RIGHT_GRANT},
        {.name = "irq", .handle = irq, .rights = MNOS_RIGHT_RECV | MNOS_RIGHT_GRANT},
        {.name = "ioport", .handle = ports, .rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT},
        {.name = "stats", .handle = stats_memory, .rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE},
    };
    struct ustar_member image;
    struct spawn_child child;

    must(package_find("sbin/init", &image) == USTAR_OK ? 0 : -MNOS_E_NOT_FOUND, "the image of this program");
    struct spawn spawn = {.image = image.data,
                          .image_size = image.size,
                          .name = "fuzz",
                          .pool = pool,
                          .slots = 64,
                          .fault = faults,
                          .caps = caps,
                          .cap_count = sizeof caps / sizeof caps[0],
                          .args = "child",
                          .args_len = 6,
                          .priority = 60};
    must(-(int64_t)mnos_spawn(&spawn, &child), "a fuzzing child");
    return child;
}

/* One child, until it has made its calls, died, or stands still. */
static void generation(uint64_t seed, mnos_handle_t irq, mnos_handle_t ports)
{
    mnos_handle_t pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), CHILD_POOL, 0, 0), "a pool");
    uint64_t start = __atomic_load_n(&stats->calls, __ATOMIC_RELAXED), last = start;
    unsigned still = 0;

    stats->seed = seed;
    struct spawn_child child = child_start(pool, irq, ports);
    while (still < 40 && last - start < CHILD_CALLS && inspect(child.process).state != MNOS_STATE_DEAD) {
        sleep_ns(2 * MNOS_MS);
        uint64_t now = __atomic_load_n(&stats->calls, __ATOMIC_RELAXED);
        still = now == last ? still + 1 : 0;
        last = now;
    }
    spawn_drop(&child);
    mnos_cap_revoke(pool);
    mnos_cap_delete(pool);
}

/* ---- what was reached ---- */

/*
 * What a child cannot come to: on one core nobody revokes what is being revoked, but by rare chance; a Reply moves and
 * keeps its rights; a release kernel has no debug_write; nobody fills ring pages with operations (tests/system/ring does).
 */
static bool out_of_reach(unsigned nr, unsigned error)
{
    return (nr == MNOS_SYS_cap_revoke && error == MNOS_E_BUSY && machine_cores() == 1) ||
           (nr == MNOS_SYS_ipc_copy && error == MNOS_E_NO_RIGHTS) || nr == MNOS_SYS_debug_write ||
           (nr == MNOS_SYS_ring_enter && error == MNOS_E_BUSY);
}

static void coverage(bool full)
{
    struct tally reached = {0}, listed = {0}, codes = {0};
    uint64_t succeeded = 0, all = 0, code[MNOS_ERROR_COUNT] = {0};

    for (unsigned nr = 0; nr < MNOS_MODEL_CALLS; nr++) {
        const uint64_t *count = stats->count[nr];
        uint64_t sum = 0;
        for (unsigned e = 0; e < MNOS_ERROR_COUNT; e++) {
            sum += count[e];
            code[e] += count[e];
        }
        tap_diag("%s: %lu calls, %lu succeeded", mnos_model[nr].name, sum, count[0]);
        all += sum;
        succeeded += count[0];
        tally_check(&reached, sum > 0, mnos_model[nr].name, nr);
        /* Success of these two is not to be had everywhere. */
        if (nr != MNOS_SYS_ring_enter && nr != MNOS_SYS_debug_write)
            tally_check(&reached, count[0] > 0, mnos_model[nr].name, nr);
        for (unsigned e = 1; e < MNOS_ERROR_COUNT; e++)
            if ((mnos_model[nr].errors >> e & 1) != 0 && count[e] == 0 && !out_of_reach(nr, e)) {
                tap_diag("  not reached: %s of %s", mnos_error_name(e), mnos_model[nr].name);
                listed.failed++;
            }
    }
    for (unsigned e = 0; e < MNOS_ERROR_COUNT; e++) {
        tap_diag("%s: %lu", e == 0 ? "success" : mnos_error_name(e), code[e]);
        tally_check(&codes, code[e] > 0, mnos_error_name(e), e);
    }
    tally_done(&reached, "every system call is reached, and succeeds at times [M211]");
    tally_done(&codes, "every error is reached");
    tap_ok(listed.failed == 0 || !full, "every error that the table lists for a call is reached");
    /*
     * A child that is ended in the middle of a call has begun it and not told how it went; one that returns from an upcall
     * that is long over tells of an earlier call once more.
     */
    tap_ok(succeeded * 5 >= all && all <= stats->calls + stats->calls / 20 && all >= stats->calls - stats->calls / 20,
           "at least one call in five succeeds");
    tap_diag("%lu calls begun", stats->calls);
    tap_diag("%lu of %lu calls, %u errors of the table not reached", succeeded, all, listed.failed);
    tap_ok(stats->strange == 0, "no call returns what is neither a value nor an error of the table");
}

static void tests(void)
{
    const bool full = machine_option("full");
    const uint64_t target = full ? 2000000 : 100000;
    struct mnos_info_ledger before;
    mnos_handle_t endpoint, irq, ports;
    uint64_t n = 0, seed = 0x6d6e6f73;

    machine_warm();
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_PRIORITY, 200, 0);
    before = ledger_now();
    irq = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, 3, 1, 0), "a line");
    ports = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, 0x80, 1, 0), "a port");
    stats_memory = new_memory(STATS_BYTES);
    stats = map_memory(stats_memory, 0, STATS_BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    faults = new_endpoint();
    endpoint = new_endpoint();
    canary = mint(endpoint, MNOS_RIGHT_SEND, 1);
    const struct spawn_cap service = {.name = "service", .handle = endpoint, .rights = MNOS_RIGHT_RECV};
    struct spawn_child bystanding = test_spawn("canary", &service, 1);
    tap_diag("seed 0x%lx", seed);
    while (stats->calls < target) {
        generation(seed + n, irq, ports);
        canary_ask(n++);
    }
    tap_diag("%lu children", n);
    coverage(full);
    tally_done(&bystander, "a bystander has its memory and its answers throughout");
    mnos_fast_call(canary, 1, 0, 0, 0, 0);
    tap_ok(test_wait(&bystanding) == 7, "and ends as it wants");
    mnos_cap_delete(canary);
    mnos_cap_delete(faults);
    mnos_cap_delete(endpoint);
    mnos_cap_delete(irq);
    mnos_cap_delete(ports);
    unmap_memory(stats, STATS_BYTES);
    mnos_cap_delete(stats_memory);
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {{"child", fuzz_child}, {"canary", canary_role}};

    return test_main(argc, argv, roles, 2, tests);
}
