/* SPDX-License-Identifier: BSD-2-Clause */
#include <driver/driver.h>
#include <idl/driver.h>
#include <str.h>

const char *device_state_name(uint32_t state)
{
    static const char *const names[DEVICE_STATE_COUNT] = {"free",       "stopped", "starting", "running",
                                                          "restarting", "failed",  "other",    "removed"};

    return state < DEVICE_STATE_COUNT ? names[state] : "?";
}

int64_t devmgr_find(mnos_handle_t devmgr, const char *name, struct device_record *out)
{
    int64_t status;

    for (uint64_t i = 0; (status = devmgr_list(devmgr, i, out)) == 0; i++)
        if (strcmp(out->name, name) == 0 || strcmp(out->service, name) == 0)
            return (int64_t)i;
    return status;
}

int64_t device_stats(mnos_handle_t service, struct driver_stats *out)
{
    return driver_stats(service, &out->interrupts, &out->doorbells, &out->messages, &out->requests, &out->bytes,
                        &out->errors, &out->start);
}
