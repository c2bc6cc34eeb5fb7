/* SPDX-License-Identifier: BSD-2-Clause */
#include "services.h"

void judge_policies(void)
{
    struct init_status s;

    tap_ok(service_plays("never", INIT_STATE_FAILED, &s) && s.restarts == 0 && s.pid == 0 &&
               (s.exit & MNOS_EXIT_FAULT) != 0,
           "never: a crash leaves it where it is [M303]");
    tap_ok(service_plays("on_failure_good", INIT_STATE_STOPPED, &s) && s.restarts == 0 && s.ended && s.exit == 0,
           "on-failure: exit status 0 is no failure [M304]");
    tap_ok(
        service_plays("on_failure_bad", INIT_STATE_FAILED, &s) && s.restarts == 3,
        "on-failure: a crash is, and three restarts are the limit: a driver's null pointer harms only it [M104 M304]");
    uint64_t began = clock_ns();
    tap_ok(service_plays("always", INIT_STATE_FAILED, &s) && s.restarts == 4 && s.exit == 0,
           "always: exit status 0 is started again too [M305]");
    uint64_t took = clock_ns() - began;
    tap_ok(took >= (20 + 40 + 80 + 80) * MNOS_MS, "always: with a growing back-off, %lu ms in all [M305]",
           took / MNOS_MS);
}

/* Others are as they were. */
static bool all_well(void)
{
    uint64_t badge, pid;
    mnos_handle_t net = MNOS_NONE;
    int64_t status = names_lookup(mnos_cap("init"), "serial_driver", &net);

    return (status == 0 || status == -MNOS_E_BUSY) && service("first").state == INIT_STATE_RUNNING &&
           service("vfs_service").state == INIT_STATE_RUNNING && service("holder_a").state == INIT_STATE_RUNNING &&
           (status == -MNOS_E_BUSY || server_answers(net, &badge, &pid));
}

static uint64_t init_caps(void)
{
    struct mnos_info_process p = {0};

    (void)mnos_system_info(mnos_cap("system"), MNOS_INFO_PROCESS, 1, &p, sizeof p);
    return p.caps;
}

void judge_mischief(void)
{
    struct init_status s;

    tap_ok(service_plays("intruder", INIT_STATE_FAILED, &s) && s.exit == INTRUDED,
           "a service can neither take another's name nor reach what its entry does not list");
    uint64_t before = init_caps();
    tap_ok(service_plays("flooder", INIT_STATE_FAILED, &s) && s.exit == INTRUDED, "nor fill the directory");
    tap_ok(init_caps() < before + 8, "nor init's table, by capabilities that it sends or does not take");
    tap_ok(all_well(), "others are as they were");
    tap_ok(service_plays("hanger", INIT_STATE_FAILED, &s) && s.restarts == 1 &&
               strcmp(s.why, "it was not ready within 100 ms") == 0,
           "one that hangs in its start is ended, and tried again: %s", s.why);
    tap_ok(service_plays("reacher", INIT_STATE_FAILED, &s) && s.exit == (MNOS_EXIT_FAULT | MNOS_FAULT_PROTECTION) &&
               all_well(),
           "ports that are held can be read, and the one behind them faults their holder alone");
    tap_ok(service_plays("binder", INIT_STATE_FAILED, &s) && s.exit == INTRUDED,
           "an interrupt is bound by who holds it");
    tap_ok(service_plays("binder_without", INIT_STATE_FAILED, &s) && s.exit == MNOS_E_BADCAP,
           "without the capability binding fails [M102]");
    tap_ok(service_plays("leaker", INIT_STATE_FAILED, &s) && s.exit == INTRUDED,
           "one that leaks comes to the end of its own budget");
    tap_status(init_start(init_cap(), "exiter"), MNOS_OK, "one that ends at once, for ever");
    for (unsigned i = 0; i < 500 && service("exiter").restarts < 10; i++)
        sleep_ns(5 * MNOS_MS);
    tap_ok(service("exiter").restarts >= 10 && all_well(), "is started again and again, and harms nobody");
    tap_status(init_stop(init_cap(), "exiter"), MNOS_OK, "until it is stopped");
    tap_ok(service_reaches("exiter", INIT_STATE_STOPPED, &s), "which it is");
}
