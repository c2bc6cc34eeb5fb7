/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/package.h>

#include "devices.h"
#include "test.h"

static mnos_handle_t endpoint;

mnos_handle_t devices_look(void)
{
    return mint(endpoint, MNOS_RIGHT_SEND, 0);
}

mnos_handle_t devices_start(void)
{
    struct ustar_member image;
    struct spawn_child manager;
    const uint32_t rw = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, grant = MNOS_RIGHT_GRANT, revoke = MNOS_RIGHT_REVOKE;

    endpoint = new_endpoint();
    const struct spawn_cap caps[] = {
        {.name = "pool", .handle = MNOS_BOOT_POOL, .rights = MNOS_RIGHT_WRITE},
        {.name = "log", .handle = MNOS_BOOT_LOG, .rights = MNOS_RIGHT_SEND | grant},
        {.name = "irq", .handle = MNOS_BOOT_IRQ, .rights = MNOS_RIGHT_RECV | grant | revoke},
        {.name = "ioport", .handle = MNOS_BOOT_IOPORT, .rights = rw | grant | revoke},
        {.name = "mmio", .handle = MNOS_BOOT_MMIO, .rights = rw | grant | revoke},
        {.name = "package", .handle = MNOS_BOOT_PACKAGE, .rights = MNOS_RIGHT_READ},
        {.name = "time", .handle = MNOS_BOOT_TIME, .rights = MNOS_RIGHT_READ},
        {.name = "endpoint", .handle = endpoint, .rights = MNOS_RIGHT_SEND | MNOS_RIGHT_RECV | grant},
        {.name = "acpi", .handle = MNOS_BOOT_ACPI, .rights = MNOS_RIGHT_READ},
    };
    unsigned count = sizeof caps / sizeof caps[0];

    if (mnos_cap("acpi") == MNOS_NONE)
        count--;
    if (package_find("sbin/devmgr", &image) != USTAR_OK)
        must(-MNOS_E_NOT_FOUND, "sbin/devmgr");
    struct spawn spawn = {.image = image.data,
                          .image_size = image.size,
                          .name = "devmgr",
                          .pool = MNOS_BOOT_POOL,
                          .fault = MNOS_NONE,
                          .caps = caps,
                          .cap_count = count,
                          .args = "devmgr",
                          .args_len = sizeof "devmgr",
                          .priority = 150};
    must(-(int64_t)mnos_spawn(&spawn, &manager), "devmgr");
    return mint(endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, DEVMGR_BADGE_CONTROL);
}

int64_t devmgr_service(mnos_handle_t devmgr, uint64_t index)
{
    mnos_handle_t service;
    int64_t status = devmgr_open(devmgr, index, &service);

    return status < 0 ? status : (int64_t)service;
}

bool device_reaches(mnos_handle_t devmgr, uint64_t index, enum device_state state, struct device_record *out)
{
    uint64_t deadline = clock_ns() + MNOS_S;

    while (devmgr_list(devmgr, index, out) == 0) {
        if (out->state == (uint32_t)state)
            return true;
        if (clock_ns() >= deadline)
            return false;
        sleep_ns(MNOS_MS);
    }
    return false;
}
