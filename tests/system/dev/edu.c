/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of the tutorial; a driver that gets a device that is not its own; where a driver's memory ends. */
#include <driver/driver.h>
#include <driver/edu.h>

#include "dev.h"

static struct driver_stats stats_of(mnos_handle_t service)
{
    struct driver_stats stats = {0};

    must(device_stats(service, &stats), "a control query");
    return stats;
}

void edu_tests(void)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "edu0", &r);
    uint32_t expected = 1;
    bool right = true;

    if (!tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_RUNNING, &r),
                "the teaching device is driven"))
        return;
    mnos_handle_t edu = must(devmgr_service(devmgr, (uint64_t)index), "its service");
    struct driver_stats before = stats_of(edu);
    for (uint32_t n = 1; n <= 200; n++) {
        struct mnos_msg msg = {.label = EDU_FACTORIAL, .word = {n}};
        expected *= n;
        right &= mnos_ipc_call(edu, &msg, NULL) == 0 && msg.label == 0 && msg.word[0] == expected;
    }
    struct driver_stats after = stats_of(edu);
    tap_ok(right, "200 factorials, each told by an interrupt, are right");
    tap_eq((int64_t)(after.interrupts - before.interrupts), 200,
           "the driver was called once for each interrupt [M312]");
    mnos_cap_delete(edu);
}

void wrong_tests(void)
{
    struct device_record r;
    int64_t index = devmgr_find(devmgr, "rng0", &r);

    tap_ok(index >= 0 && device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_FAILED, &r) && r.pid == 0 && r.starts == 1,
           "a driver whose init fails is reported, not started again, and leaves the device free [M311]");
    tap_status(devmgr_service(devmgr, (uint64_t)index), MNOS_E_NOT_FOUND, "its service is not there");
    tap_status(devmgr_start(devmgr, (uint64_t)index), MNOS_OK, "it may be tried again");
    tap_ok(device_reaches(devmgr, (uint64_t)index, DEVICE_STATE_FAILED, &r) && r.starts == 2, "with the same end");
}
