/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What init costs: a service among others, told by its second word which numbers to print.
 *
 *   default    beside the default system: when all of its services were ready, and what memory they have when idle
 *   services   among 200 services: judging the manifest, a lookup, the start of a service up to its registration
 *   register   the service that is started; idle: one that is only there
 */
#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/names.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/calls.h>
#include <mnos/system.h>
#include <str.h>

#define ROUNDS   32u
#define PATIENCE (20 * MNOS_S)
#define STARTED  "started"

static uint64_t tsc_now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static uint64_t median(uint64_t *sample, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        for (unsigned j = i; j > 0 && sample[j] < sample[j - 1]; j--) {
            uint64_t t = sample[j];
            sample[j] = sample[j - 1];
            sample[j - 1] = t;
        }
    return sample[count / 2];
}

/* When the last of the services that start by themselves was ready; 0: one of them is not. */
static uint64_t all_ready(unsigned *services)
{
    struct init_status s;
    uint64_t last = 0;

    *services = 0;
    for (uint64_t i = 0; init_list(mnos_cap("init"), i, &s) >= 0; i++) {
        if (s.on_request || strcmp(s.name, "sysbench") == 0)
            continue;
        if (s.state != INIT_STATE_RUNNING)
            return 0;
        ++*services;
        last = s.ready_ns > last ? s.ready_ns : last;
    }
    return last;
}

/* The default system's serial line is its driver's: what the kernel would print there is not seen. */
static void bench_default(void)
{
    static mnos_handle_t console;
    struct mnos_info_ledger ledger;
    uint64_t ready, deadline = clock_ns() + PATIENCE;
    unsigned services;

    while ((ready = all_ready(&services)) == 0 && clock_ns() < deadline)
        sleep_ns(MNOS_MS);
    if (names_lookup(mnos_cap("init"), "serial_driver", &console) == 0)
        print_to(print_console, &console);
    printf("\n");
    if (!tap_ok(ready != 0 && services >= 2, "the %u services of the default system become ready", services))
        return;
    printf("bench system_ready %lu\n", ready);
    sleep_ns(MNOS_S);
    if (tap_ok(mnos_system_info(mnos_cap("system"), MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger) >= 0, "the ledger"))
        printf("bench idle_kib %lu\n", (ledger.frames_total - ledger.frames_free) * 4);
}

static void bench_lookup(void)
{
    mnos_handle_t init = mnos_cap("init");
    uint64_t sample[ROUNDS];
    unsigned good = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        mnos_handle_t found = MNOS_NONE;
        uint64_t began = tsc_now();
        good += names_lookup(init, "kept", &found) == 0;
        sample[i] = tsc_now() - began;
        mnos_cap_delete(found);
    }
    if (tap_eq(good, ROUNDS, "every lookup succeeds"))
        printf("bench lookup %lu\n", median(sample, ROUNDS));
}

static bool started(uint64_t *took)
{
    mnos_handle_t init = mnos_cap("init");
    struct init_status s = {0};

    if (init_start(init, STARTED) < 0)
        return false;
    for (unsigned i = 0; i < 1000 && (s.state != INIT_STATE_RUNNING || s.pid == 0); i++) {
        sleep_ns(MNOS_MS);
        if (init_find(init, STARTED, &s) < 0)
            return false;
    }
    *took = s.ready_ns - s.began_ns;
    bool good = s.state == INIT_STATE_RUNNING && init_stop(init, STARTED) >= 0;
    for (unsigned i = 0; i < 1000 && s.state != INIT_STATE_STOPPED; i++) {
        sleep_ns(MNOS_MS);
        (void)init_find(init, STARTED, &s);
    }
    return good && s.state == INIT_STATE_STOPPED;
}

static void bench_start(void)
{
    uint64_t sample[ROUNDS];
    unsigned good = 0;

    for (unsigned i = 0; i < ROUNDS; i++)
        good += started(&sample[i]);
    if (tap_eq(good, ROUNDS, "every start ends in a registration"))
        printf("bench service_start %lu\n", median(sample, ROUNDS));
}

static void bench_services(void)
{
    struct init_system facts = {0};

    if (tap_ok(init_system(mnos_cap("init"), &facts) >= 0 && facts.services == 200, "init judged 200 services"))
        printf("bench manifest_200 %lu\n", facts.judge_ns);
    bench_lookup();
    bench_start();
}

static int register_self(void)
{
    int64_t endpoint = mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0);

    return endpoint < 0 || names_register(mnos_cap("init"), STARTED, (mnos_handle_t)endpoint) != 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "register") == 0 && register_self() != 0)
        return 1;
    while (strcmp(what, "register") == 0 || strcmp(what, "idle") == 0)
        sleep_ns(1000 * MNOS_S);
    if (strcmp(what, "default") == 0)
        bench_default();
    else
        bench_services();
    int failed = tap_done();
    (void)(failed ? init_fail(mnos_cap("init")) : init_power_off(mnos_cap("init")));
    return failed;
}
