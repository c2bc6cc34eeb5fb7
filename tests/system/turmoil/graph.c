/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's derivation tree says against the manifest: when a capability went where it should not, and after turmoil. */
#include "turmoil.h"

static bool giver_does(uint64_t label)
{
    struct mnos_msg msg = {.label = label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + PATIENCE;
    return mnos_ipc_call(mnos_cap("giver"), &msg, &ext) == 0 && msg.word[0] == 0;
}

static void both_renew(void)
{
    (void)init_restart(mnos_cap("init"), "taker");
    (void)init_restart(mnos_cap("init"), "giver");
}

void behind_back_judge(void)
{
    tap_ok(giver_does(TURMOIL_GIVE_OWN), "a client sends what it made to a service that it uses");
    tap_eq(turmoil_differences(false), 0, "which the manifest lets it do");
    tap_ok(giver_does(TURMOIL_GIVE_PORTS), "a service passes its ports on, behind init's back");
    tap_eq(turmoil_differences(false), 1, "which is seen [M085]");
    both_renew();
    tap_eq(turmoil_differences(true), 0, "and gone with who took them");
    tap_ok(giver_does(TURMOIL_GIVE_ALPHA),
           "a service passes on its way to another one, which the taker's entry does not list");
    tap_eq(turmoil_differences(false), 2, "which is seen, and that the two now share a badge");
    both_renew();
    tap_eq(turmoil_differences(true), 0, "and gone with them");
}

/* ---- Random starts, stops, restarts and kills ---- */

static const char *const services[] = {"alpha", "beta", "gamma", "giver", "taker", "idler"};
#define SERVICES (sizeof services / sizeof services[0])

/* The last process of each that was told to end: it may still be seen to run for a while. */
static uint64_t doomed[SERVICES];

static void random_do(unsigned *did)
{
    mnos_handle_t init = mnos_cap("init");
    unsigned number = (unsigned)(turmoil_random() % SERVICES);
    const char *name = services[number];
    unsigned what = (unsigned)(turmoil_random() % 5);

    did[what]++;
    if (what == 0)
        (void)init_start(init, name);
    else if (what == 1 && init_stop(init, name) >= 0)
        doomed[number] = turmoil_status(name).pid;
    else if (what == 2)
        (void)init_restart(init, name);
    else if (what == 3)
        (void)init_kill(init, doomed[number] = turmoil_status(name).pid);
    else if (what == 4)
        (void)init_run(init, "many", sizeof "many");
}

/* Started, if it has ended for good, be it now or in a moment. */
static bool runs_again(unsigned number)
{
    uint64_t deadline = clock_ns() + PATIENCE;
    struct init_status s;

    while ((s = turmoil_status(services[number])).state != INIT_STATE_RUNNING || s.pid == doomed[number]) {
        if (s.pid == 0 && (s.state == INIT_STATE_STOPPED || s.state == INIT_STATE_FAILED))
            (void)init_start(mnos_cap("init"), services[number]);
        if (clock_ns() > deadline)
            return false;
        sleep_ns(MNOS_MS);
    }
    return true;
}

static bool all_run(void)
{
    bool good = true;

    (void)init_stop(mnos_cap("init"), "many");
    for (unsigned i = 0; i < SERVICES; i++)
        good &= runs_again(i);
    return good && turmoil_reaches("many", INIT_STATE_STOPPED);
}

static uint64_t caps_of_init(void)
{
    struct mnos_info_process p = {0};

    (void)mnos_system_info(mnos_cap("system"), MNOS_INFO_PROCESS, 1, &p, sizeof p);
    return p.caps;
}

/* One that is restarted at this moment has none for a while. */
static uint64_t caps_of_init_again(uint64_t before)
{
    uint64_t deadline = clock_ns() + PATIENCE;

    while (caps_of_init() != before && clock_ns() < deadline)
        sleep_ns(MNOS_MS);
    return caps_of_init();
}

void cycles_judge(unsigned cycles)
{
    unsigned did[5] = {0}, looks = 0, empty = 0, ran = 0;

    (void)all_run();
    uint64_t before = caps_of_init();
    for (unsigned i = 1; i <= cycles; i++) {
        random_do(did);
        if (i % 10 != 0)
            continue;
        looks++;
        ran += all_run();
        empty += turmoil_differences(true) == 0;
    }
    printf("# cycles: %u starts, %u stops, %u restarts, %u kills, %u processes of one service\n", did[0], did[1],
           did[2], did[3], did[4]);
    tap_eq(ran, looks, "every service runs again after %u random starts, stops, restarts and kills", cycles);
    tap_eq(empty, looks, "nobody holds anything beyond the manifest's closure, %u times asked in between [M085 M106]",
           looks);
    tap_eq((int64_t)caps_of_init_again(before), (int64_t)before, "init holds as many capabilities as before");
}
