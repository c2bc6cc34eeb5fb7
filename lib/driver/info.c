/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the device is: the device manager says so; or, for a driver that init starts itself because the system needs it
 * before there is a device manager, the capability set: "bar0" to "bar5" and "irq0" to "irq7", each looked at.
 */
#include <driver/driver.h>
#include <fmt.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "info.h"

mnos_handle_t info_cap(const char *kind, unsigned index)
{
    char name[8];

    fmt_snprint(name, sizeof name, "%s%u", kind, index);
    return mnos_cap(name);
}

static int64_t bar_look(mnos_handle_t cap, struct device_bar *bar)
{
    struct mnos_cap_info info;
    int64_t status = mnos_cap_inspect(cap, &info, sizeof info);

    if (status < 0)
        return status;
    if (info.type == MNOS_TYPE_IOPORT)
        *bar = (struct device_bar){.kind = DEVICE_BAR_KIND_IO, .base = info.id, .size = info.size};
    else if (info.type == MNOS_TYPE_MEMORY)
        *bar = (struct device_bar){.kind = DEVICE_BAR_KIND_MEM64, .size = info.size};
    else
        return -MNOS_E_BADTYPE;
    return 0;
}

static int64_t info_look(struct device *device)
{
    struct device_info *info = &device->info;
    int64_t status = 0;

    *info = (struct device_info){.kind = DEVICE_KIND_PLATFORM};
    fmt_snprint(info->name, sizeof info->name, "%s", device->driver->name);
    fmt_snprint(info->service, sizeof info->service, "%s", device->driver->name);
    for (unsigned i = 0; i < DEVICE_BARS && status == 0; i++)
        if (info_cap("bar", i) != MNOS_NONE)
            status = bar_look(info_cap("bar", i), &info->bar[i]);
    while (info->irqs < DEVICE_IRQS && info_cap("irq", info->irqs) != MNOS_NONE)
        info->irqs++;
    return status;
}

int64_t info_read(struct device *device)
{
    return device->devmgr == MNOS_NONE ? info_look(device) : host_info(device->devmgr, &device->info);
}
