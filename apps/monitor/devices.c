/* SPDX-License-Identifier: BSD-2-Clause */
/* The device manager's list. */
#include <driver/devmgr.h>
#include <libmnos/errors.h>
#include <libmnos/names.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <pci.h>

#include "monitor.h"

static void bars_show(const struct device_record *r)
{
    static const char *const kinds[] = {"", "ports", "memory", "memory (64 bits)"};

    for (unsigned i = 0; i < DEVICE_BARS; i++)
        if (r->bar[i].kind != DEVICE_BAR_KIND_NONE)
            printf("         bar %u: %s%s at 0x%lx, %lu bytes\n", i, kinds[r->bar[i].kind],
                   r->bar[i].prefetchable ? ", prefetchable," : "", r->bar[i].base, r->bar[i].size);
}

static void details_show(const struct device_record *r)
{
    bars_show(r);
    if (r->kind == DEVICE_KIND_PLATFORM) {
        printf("         irq %u\n", r->irq_line);
        return;
    }
    if (r->irq_pin != 0)
        printf("         irq %u, pin %c\n", r->irq_line, 'A' + r->irq_pin - 1);
    if (r->header == PCI_HEADER_BRIDGE)
        printf("         bridge to buses %u to %u\n", r->secondary, r->subordinate);
    if (r->msi_vectors > 0 || r->msix_vectors > 0)
        printf("         MSI %u, MSI-X %u\n", r->msi_vectors, r->msix_vectors);
    for (unsigned i = 0; i < r->capabilities; i++)
        printf("         capability 0x%02x at 0x%02x\n", r->capability[i].id, r->capability[i].offset);
    if (r->list_broken)
        printf("         its capability list is broken\n");
}

static void device_show(const struct device_record *r)
{
    if (r->kind == DEVICE_KIND_PLATFORM)
        printf("%-8s platform device", r->name);
    else
        printf("%-8s %04x:%04x %02x%02x %s: %s %s", r->name, r->vendor, r->device, r->class, r->subclass,
               r->class_name[0] ? r->class_name : "?", r->vendor_name[0] ? r->vendor_name : "?",
               r->device_name[0] ? r->device_name : "?");
    if (r->driver[0])
        printf(" [%s, %s", r->driver, device_state_name(r->state));
    else
        printf(" [%s", r->state == DEVICE_STATE_OTHER ? "driven by a service" : "no driver");
    if (r->pid != 0)
        printf(", pid %lu, %s", r->pid, r->service);
    printf("]\n");
}

void show_devices(int argc, char **argv)
{
    struct device_record r;
    mnos_handle_t devmgr;
    int64_t status = names_lookup(mnos_cap("init"), DEVMGR_NAME, &devmgr);
    int64_t result;

    (void)argv;
    if (status != 0) {
        printf("devices: the device manager: %s\n", names_status_text(status));
        return;
    }
    for (uint64_t i = 0; (result = devmgr_list(devmgr, i, &r)) == 0; i++) {
        device_show(&r);
        if (argc > 1)
            details_show(&r);
    }
    if (result != -MNOS_E_NOT_FOUND)
        printf("devices: %s\n", mnos_error_text(result));
    mnos_cap_delete(devmgr);
}
