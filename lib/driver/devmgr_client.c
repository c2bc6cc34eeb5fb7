/* SPDX-License-Identifier: BSD-2-Clause */
#include <driver/driver.h>
#include <idl/driver.h>
#include <libmnos/ipc.h>
#include <str.h>

const char *device_state_name(uint32_t state)
{
    static const char *const names[DEVICE_STATES] = {"free",       "stopped", "starting", "running",
                                                     "restarting", "failed",  "other",    "removed"};

    return state < DEVICE_STATES ? names[state] : "?";
}

static int64_t status_of(int64_t status, const struct mnos_msg *msg)
{
    return status < 0 ? status : msg->label != 0 ? -(int64_t)msg->label : 0;
}

int64_t devmgr_list(mnos_handle_t devmgr, uint64_t index, struct device_record *out)
{
    struct mnos_msg msg = {.label = DEVMGR_LIST, .word = {index}};
    struct mnos_call_data data = {.recv = out, .recv_len = sizeof *out, .send_cap = MNOS_NONE};

    return status_of(mnos_call_with(devmgr, &msg, &data), &msg);
}

int64_t devmgr_find(mnos_handle_t devmgr, const char *name, struct device_record *out)
{
    int64_t status;

    for (uint64_t i = 0; (status = devmgr_list(devmgr, i, out)) == 0; i++)
        if (strcmp(out->name, name) == 0 || strcmp(out->service, name) == 0)
            return (int64_t)i;
    return status;
}

int64_t devmgr_open(mnos_handle_t devmgr, uint64_t index)
{
    struct mnos_msg msg = {.label = DEVMGR_OPEN, .word = {index}};
    struct mnos_call_data data = {.send_cap = MNOS_NONE, .recv_caps = 1};
    int64_t status = status_of(mnos_call_with(devmgr, &msg, &data), &msg);

    if (status < 0)
        return status;
    return MNOS_INFO_CAPS(msg.info) == 1 ? (int64_t)data.recv_cap[0] : -MNOS_E_NO_SLOTS;
}

int64_t devmgr_control(mnos_handle_t devmgr, enum devmgr_label label, uint64_t index)
{
    struct mnos_msg msg = {.label = label, .word = {index}};
    int64_t status = status_of(mnos_ipc_call(devmgr, &msg, NULL), &msg);

    return status < 0 ? status : (int64_t)msg.word[0];
}

int64_t device_stats(mnos_handle_t service, struct driver_stats *out)
{
    return driver_stats(service, &out->interrupts, &out->doorbells, &out->messages, &out->requests, &out->bytes,
                        &out->errors, &out->start);
}
