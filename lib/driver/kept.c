/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that wait in the driver, each with the Reply that will answer it. */
#include <driver/driver.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

bool kept_add(struct device *device, struct kept *kept, uint64_t word)
{
    mnos_handle_t next;

    if (kept->count == KEPT_MAX)
        return false;
    if (device->spares > 0) {
        next = device->spare[--device->spares];
    } else {
        int64_t made = mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);
        if (made < 0)
            return false;
        next = (mnos_handle_t)made;
    }
    kept->call[kept->count++] = (struct kept_call){.reply = device->reply, .word = word};
    device->reply = next;
    return true;
}

int64_t kept_answer(struct device *device, struct kept *kept, unsigned index, struct mnos_msg *msg,
                    struct mnos_ipc_ext *ext)
{
    mnos_handle_t reply = kept->call[index].reply;

    kept->count--;
    for (unsigned i = index; i < kept->count; i++)
        kept->call[i] = kept->call[i + 1];
    int64_t status = mnos_ipc_reply(MNOS_NONE, msg, ext, reply);
    if (device->spares < KEPT_MAX)
        device->spare[device->spares++] = reply;
    else
        mnos_cap_delete(reply);
    return status;
}

void kept_cancel(struct device *device, struct kept *kept, mnos_handle_t reply)
{
    for (unsigned i = 0; i < kept->count; i++)
        if (kept->call[i].reply == reply) {
            uint64_t done = kept->call[i].done;
            struct mnos_msg msg = {.label = done > 0 ? 0 : MNOS_E_INTERRUPTED, .word = {done}};
            (void)kept_answer(device, kept, i, &msg, NULL);
            return;
        }
}
