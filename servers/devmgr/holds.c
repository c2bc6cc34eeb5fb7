/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of clients that a device writes to, kept from other uses until the device has stopped. */
#include <mnos/calls.h>

#include "devmgr.h"

static void drop(struct hold *hold)
{
    mnos_cap_delete(hold->memory);
    if (hold->notification != MNOS_NONE)
        mnos_cap_delete(hold->notification);
    *hold = (struct hold){.memory = MNOS_NONE, .notification = MNOS_NONE};
}

int64_t hold_add(struct device *d, mnos_handle_t memory, mnos_handle_t notification)
{
    struct mnos_cap_info info;
    int64_t status = mnos_cap_inspect(notification, &info, sizeof info);

    if (status < 0)
        return status;
    if ((info.rights & MNOS_RIGHT_SEND) == 0)
        return -MNOS_E_NO_RIGHTS;
    for (unsigned i = 0; i < HOLDS_MAX; i++)
        if (d->hold[i].memory == MNOS_NONE) {
            d->hold[i] = (struct hold){.memory = memory, .notification = notification};
            return i;
        }
    return -MNOS_E_NO_SLOTS;
}

int64_t hold_release(struct device *d, uint64_t number)
{
    if (number >= HOLDS_MAX || d->hold[number].memory == MNOS_NONE || d->hold[number].stale)
        return -MNOS_E_NOT_FOUND;
    drop(&d->hold[number]);
    return 0;
}

void holds_orphan(struct device *d)
{
    for (unsigned i = 0; i < HOLDS_MAX; i++) {
        struct hold *hold = &d->hold[i];
        if (hold->memory == MNOS_NONE || hold->stale)
            continue;
        (void)mnos_ipc_notify(hold->notification, DEVMGR_GONE);
        mnos_cap_delete(hold->notification);
        hold->notification = MNOS_NONE;
        hold->stale = true;
    }
}

void holds_drop(struct device *d)
{
    for (unsigned i = 0; i < HOLDS_MAX; i++)
        if (d->hold[i].memory != MNOS_NONE && d->hold[i].stale)
            drop(&d->hold[i]);
}
