/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of PCI Express ports: devices that come and go while the machine runs. */
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>

#include "devmgr.h"

#define SLOTS_MAX 16u
#define SETTLE    (100 * MNOS_MS) /* from power to the first access (PCIe 6.6.1) */

static struct slot {
    struct pci_function port;
    struct pci_windows windows; /* what is left of them for who is plugged in */
} slot[SLOTS_MAX];
static unsigned count;

/* The port's message 0 comes to the device manager itself. */
static int64_t listen(struct device *port)
{
    int64_t irq = mnos_cap_create(MNOS_CREATE_MSI, mnos_cap("irq"), 0, 0, 0);

    if (irq < 0)
        return irq;
    int64_t status = mnos_irq_bind((mnos_handle_t)irq, MNOS_IRQ_BIND, devmgr.deaths, DEVMGR_SLOTS);
    if (status < 0)
        return status;
    port->irq[0] = (mnos_handle_t)irq;
    port->irqs = 1;
    port->messages = true;
    port->msix = port->pci.msix.offset != 0;
    device_enable(port);
    pci_slot_listen(&devmgr.access, &port->pci);
    return 0;
}

void slots_open(void)
{
    for (unsigned i = 0; i < devmgr.count && count < SLOTS_MAX; i++) {
        struct device *d = &devmgr.device[i];
        if (d->kind != DEVICE_KIND_PCI || (d->pci.msi.offset == 0 && d->pci.msix.offset == 0) || d->pci.secondary == 0 ||
            !pci_slot_can(&devmgr.access, &d->pci))
            continue;
        int64_t status = listen(d);
        if (status < 0)
            printf("devmgr: the slot of %s does not tell what happens to it: %s\n", d->name, mnos_error_text(status));
        else
            slot[count++].port = d->pci;
    }
}

static bool behind(const struct slot *s, const struct device *d)
{
    return d->kind == DEVICE_KIND_PCI && d->state != DEVICE_STATE_REMOVED && PCI_BUS(d->pci.bdf) >= s->port.secondary &&
           PCI_BUS(d->pci.bdf) <= s->port.subordinate;
}

static bool occupied(const struct slot *s)
{
    for (unsigned i = 0; i < devmgr.count; i++)
        if (behind(s, &devmgr.device[i]))
            return true;
    return false;
}

static void plug(struct slot *s)
{
    pci_slot_power(&devmgr.access, &s->port, true);
    sleep_ns(SETTLE);
    pci_windows_read(&devmgr.access, s->port.bdf, &s->windows);
    (void)devices_scan();
}

static void unplug(struct slot *s)
{
    for (unsigned i = 0; i < devmgr.count; i++)
        if (behind(s, &devmgr.device[i])) {
            printf("devmgr: %s is taken out\n", devmgr.device[i].name);
            device_disable(&devmgr.device[i]);
            device_stop(&devmgr.device[i], DEVICE_STATE_REMOVED);
        }
    pci_slot_power(&devmgr.access, &s->port, false);
}

void slots_event(void)
{
    for (unsigned i = 0; i < count; i++) {
        struct pci_slot_event event = pci_slot_take(&devmgr.access, &slot[i].port);
        bool known = occupied(&slot[i]);
        if (event.present && !known && (event.changed || event.button))
            plug(&slot[i]);
        else if (known && (event.button || !event.present))
            unplug(&slot[i]);
    }
}

void slots_assign(struct pci_function *f)
{
    for (unsigned i = 0; i < count; i++)
        if (PCI_BUS(f->bdf) == slot[i].port.secondary && !pci_assign(&devmgr.access, f, &slot[i].windows))
            printf("devmgr: %02x:%02x.%u: a BAR has no place\n", PCI_BUS(f->bdf), PCI_DEVICE(f->bdf),
                   PCI_FUNCTION(f->bdf));
}
