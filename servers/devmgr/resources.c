/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver gets of its device, derived from what the device manager holds: BARs as parts of device memory or ranges
 * of ports, messages or lines, DMA memory, an endpoint.  The pages of an MSI-X table are left out of its BAR: whoever
 * writes there chooses which interrupt another driver hears.
 */
#include <libmnos/errors.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>

#include "devmgr.h"

#define PAGE_MASK (MNOS_PAGE_SIZE - 1)

static int64_t keep(int64_t handle, mnos_handle_t *out)
{
    *out = handle < 0 ? MNOS_NONE : (mnos_handle_t)handle;
    return handle < 0 ? handle : 0;
}

/* Bytes of a BAR that its driver may have. */
static uint64_t bar_usable(const struct pci_function *f, unsigned index)
{
    const struct pci_bar *bar = &f->bar[index];
    uint64_t size = bar->size;

    if (f->msix.offset != 0 && f->msix.table_bar == index) {
        uint64_t table = (bar->base + f->msix.table_offset) & ~PAGE_MASK;
        size = table <= bar->base ? 0 : table - bar->base < size ? table - bar->base : size;
    }
    return size;
}

static int64_t bar_derive(struct device *d, unsigned index)
{
    const struct pci_bar *bar = &d->pci.bar[index];
    struct device_bar *info = &d->bar_info[index];

    *info = (struct device_bar){.kind = DEVICE_BAR_KIND_NONE};
    if (bar->kind == PCI_BAR_NONE || bar->base == 0)
        return 0;
    if (bar->kind == PCI_BAR_IO) {
        *info = (struct device_bar){.kind = DEVICE_BAR_KIND_IO, .base = bar->base, .size = bar->size};
        return keep(mnos_cap_create(MNOS_CREATE_IOPORT, mnos_cap("ioport"), bar->base, bar->size, 0), &d->bar[index]);
    }
    uint64_t size = bar_usable(&d->pci, index), offset = bar->base & PAGE_MASK;
    if (size == 0)
        return 0;
    *info = (struct device_bar){.kind = bar->kind, .offset = (uint32_t)offset, .base = bar->base, .size = size};
    return keep(mnos_cap_create(MNOS_CREATE_MEMORY_RANGE, mnos_cap("mmio"), bar->base - offset,
                                (offset + size + PAGE_MASK) & ~PAGE_MASK,
                                MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE),
                &d->bar[index]);
}

/* Is another device's driver bound to this line? */
static bool line_taken(uint8_t line)
{
    for (unsigned i = 0; i < devmgr.count; i++) {
        const struct device *other = &devmgr.device[i];
        if (other->prepared && !other->messages && other->irqs > 0 && other->line[0] == line)
            return true;
    }
    return false;
}

static int64_t irqs_derive(struct device *d)
{
    const struct pci_function *f = &d->pci;
    mnos_handle_t all = mnos_cap("irq");
    unsigned wanted = d->kind == DEVICE_KIND_PCI ? d->match->vectors : d->irqs;

    if (wanted > DEVICE_IRQS)
        wanted = DEVICE_IRQS;
    if (d->kind == DEVICE_KIND_PCI) {
        d->msix = f->msix.offset != 0 && f->msix.table_bar < PCI_BARS &&
                  f->bar[f->msix.table_bar].kind >= PCI_BAR_MEM32 && f->bar[f->msix.table_bar].base != 0 &&
                  f->bar[f->msix.table_bar].size >= f->msix.table_offset + 16ull * f->msix.vectors;
        d->messages = d->msix || f->msi.offset != 0;
        unsigned most = d->msix ? f->msix.vectors : 1;
        wanted = wanted < most ? wanted : most;
        if (!d->messages && wanted > 0 && (f->irq_pin == 0 || f->irq_line >= 16 || line_taken(f->irq_line))) {
            printf("devmgr: %s has no messages, and its line %u is none of its own\n", d->name, f->irq_line);
            return -MNOS_E_BUSY;
        }
    }
    for (d->irqs = 0; d->irqs < wanted; d->irqs++) {
        int64_t irq = d->messages ? mnos_cap_create(MNOS_CREATE_MSI, all, 0, 0, 0)
                                  : mnos_cap_create(MNOS_CREATE_INTERRUPT, all, d->line[d->irqs], 1, 0);
        int64_t status = keep(irq, &d->irq[d->irqs]);
        if (status < 0)
            return status;
    }
    return 0;
}

static int64_t platform_ports(struct device *d)
{
    int64_t status = 0;

    for (unsigned i = 0; i < DEVICE_BARS && status == 0; i++)
        if (d->bar_info[i].kind == DEVICE_BAR_KIND_IO)
            status = keep(
                mnos_cap_create(MNOS_CREATE_IOPORT, mnos_cap("ioport"), d->bar_info[i].base, d->bar_info[i].size, 0),
                &d->bar[i]);
    return status;
}

int64_t device_prepare(struct device *d)
{
    int64_t status = 0;

    if (d->prepared)
        return 0;
    if (d->kind == DEVICE_KIND_PLATFORM)
        status = platform_ports(d);
    for (unsigned i = 0; i < DEVICE_BARS && status == 0 && d->kind == DEVICE_KIND_PCI; i++)
        status = bar_derive(d, i);
    if (status == 0)
        status = irqs_derive(d);
    if (status == 0)
        status = keep(mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0), &d->endpoint);
    if (status == 0)
        status = keep(mnos_cap_create(MNOS_CREATE_MINT, d->endpoint, MNOS_RIGHT_SEND, DEVMGR_ALIVE, 0), &d->alive);
    if (status == 0 && d->match->dma != 0 && d->dma == MNOS_NONE)
        status = keep(mnos_mem_alloc(mnos_pool(), d->match->dma, MNOS_MEM_CONTIG, 0), &d->dma);
    if (status < 0) {
        device_forget(d);
        return status;
    }
    d->prepared = true;
    return 0;
}

/* The entries that the driver hears are set, all others masked. */
static bool msix_program(const struct device *d)
{
    const struct pci_msix *msix = &d->pci.msix;
    uint64_t at = d->pci.bar[msix->table_bar].base + msix->table_offset, offset = at & PAGE_MASK;
    uint64_t bytes = offset + 16ull * msix->vectors;
    uint8_t *window =
        map_memory(mnos_cap("mmio"), at - offset, bytes, MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_NOCACHE, NULL);

    if (!window)
        return false;
    /* volatile: device registers */
    volatile uint32_t *table = (volatile uint32_t *)(void *)(window + offset);
    for (unsigned i = 0; i < msix->vectors; i++) {
        struct mnos_cap_info info = {0};
        if (i < d->irqs)
            (void)mnos_cap_inspect(d->irq[i], &info, sizeof info);
        pci_msix_entry(table, i, info.used, (uint32_t)info.extra, i >= d->irqs);
    }
    unmap_memory(window, bytes);
    return true;
}

void device_enable(struct device *d)
{
    struct mnos_cap_info info = {0};

    if (d->kind != DEVICE_KIND_PCI)
        return;
    pci_command(&devmgr.access, d->pci.bdf, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 0);
    if (d->msix && !msix_program(d))
        printf("devmgr: the MSI-X table of %s cannot be mapped\n", d->name);
    if (d->msix)
        pci_msix_enable(&devmgr.access, &d->pci, true);
    else if (d->messages && d->irqs > 0 && mnos_cap_inspect(d->irq[0], &info, sizeof info) >= 0)
        pci_msi_enable(&devmgr.access, &d->pci, info.used, (uint32_t)info.extra);
    else
        pci_command(&devmgr.access, d->pci.bdf, 0, PCI_COMMAND_NO_INTX);
}

void device_disable(struct device *d)
{
    if (d->kind != DEVICE_KIND_PCI || d->state == DEVICE_STATE_REMOVED)
        return;
    pci_command(&devmgr.access, d->pci.bdf, PCI_COMMAND_NO_INTX, PCI_COMMAND_MASTER);
    pci_msi_disable(&devmgr.access, &d->pci);
}

static void drop(mnos_handle_t *cap)
{
    if (*cap != MNOS_NONE)
        mnos_cap_delete(*cap);
    *cap = MNOS_NONE;
}

void device_forget(struct device *d)
{
    for (unsigned i = 0; i < DEVICE_BARS; i++)
        drop(&d->bar[i]);
    for (unsigned i = 0; i < DEVICE_IRQS; i++)
        drop(&d->irq[i]);
    /* Whoever waits for the service, or has it, learns that it is gone. */
    if (d->endpoint != MNOS_NONE)
        (void)mnos_cap_revoke(d->endpoint);
    drop(&d->alive);
    drop(&d->endpoint);
    if (d->state == DEVICE_STATE_REMOVED)
        drop(&d->dma);
    if (d->kind == DEVICE_KIND_PCI)
        d->irqs = 0;
    d->prepared = false;
}
