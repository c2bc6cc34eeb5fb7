/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver that reaches past its device: it is refused, or dies of it; nobody else notices. */
#include "../nosy/nosy.h"
#include "dev.h"

static mnos_handle_t nosy;
static uint64_t device;

/* The answer's word 0; UINT64_MAX: the driver died of it. */
static uint64_t try(enum nosy what, uint64_t word)
{
    struct mnos_msg msg = {.label = what, .word = {word}};
    int64_t status = mnos_ipc_call(nosy, &msg, NULL);

    return status == -MNOS_E_PEER_GONE ? UINT64_MAX : status < 0 || msg.label != 0 ? UINT64_MAX - 1 : msg.word[0];
}

static void dies_of(enum nosy what, const char *name)
{
    struct device_record before, after = {0};
    uint64_t deadline = clock_ns() + 5 * MNOS_S;

    must(devmgr_list(devmgr, device, &before), "the device");
    bool died = try(what, 0) == UINT64_MAX;
    while (clock_ns() < deadline &&
           (devmgr_list(devmgr, device, &after) < 0 || after.starts == before.starts || after.state != DEVICE_STATE_RUNNING))
        sleep_ns(MNOS_MS);
    tap_ok(died && after.starts == before.starts + 1, "%s: the driver dies, and is started again", name);
}

void nosy_tests(void)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "edu0", &r);

    if (!tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r), "the nosy driver runs"))
        return;
    device = (uint64_t)index;
    nosy = must(devmgr_service(devmgr, device), "its service");
    tap_ok(try(NOSY_COUNT, MNOS_TYPE_INTERRUPT) == 1 && try(NOSY_COUNT, MNOS_TYPE_MEMORY) == 1 &&
               try(NOSY_COUNT, MNOS_TYPE_IOPORT) == 0,
           "it has one interrupt, the Memory of its registers, and no port");
    tap_ok(try(NOSY_COUNT, MNOS_TYPE_PROCESS) == 0 && try(NOSY_COUNT, MNOS_TYPE_THREAD) == 0 &&
               try(NOSY_COUNT, MNOS_TYPE_SYSTEM) == 0,
           "and no process, thread or view of the system");
    tap_eq((int64_t)try(NOSY_BIND, 0), 0, "no interrupt but its own can be bound");
    tap_eq((int64_t)try(NOSY_MAP_BEHIND, 0), MNOS_E_RANGE, "what is behind its registers cannot be mapped");
    tap_eq((int64_t)try(NOSY_MAP_LONG, 0), MNOS_E_RANGE, "nor together with them");
    tap_eq((int64_t)try(NOSY_DERIVE_BEHIND, 0), MNOS_E_RANGE, "nor derived from them");
    dies_of(NOSY_NEXT_PAGE, "a read of the page behind its registers");
    dies_of(NOSY_KEYBOARD, "a read of the keyboard's port");
    dies_of(NOSY_CONFIG, "a read of configuration space");
    tap_diag("spinning");
    (void)try(NOSY_SPIN, 0);
    mnos_cap_delete(nosy);
}
