/* SPDX-License-Identifier: BSD-2-Clause */
/* The two ways to configuration space.  ECAM is device registers: each access is one load or store of its width. */
#include <pci.h>

#define ENABLE 0x80000000u

static uint32_t all_ones(unsigned width)
{
    return width == 4 ? UINT32_MAX : (1u << 8 * width) - 1;
}

static bool reaches(const struct pci_access *access, uint32_t offset, unsigned width)
{
    return (width == 1 || width == 2 || width == 4) && offset % width == 0 && offset < access->size;
}

uint32_t pci_read(const struct pci_access *access, uint16_t bdf, uint32_t offset, unsigned width)
{
    if (!reaches(access, offset, width))
        return all_ones(4);
    return access->read(access->context, bdf, offset, width) & all_ones(width);
}

void pci_write(const struct pci_access *access, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    if (reaches(access, offset, width))
        access->write(access->context, bdf, offset, width, value & all_ones(width));
}

static uint16_t port_select(const struct pci_ports *ports, uint16_t bdf, uint32_t offset)
{
    ports->out(ports->context, PCI_PORT_ADDRESS, 4, ENABLE | (uint32_t)bdf << 8 | (offset & 0xfcu));
    return (uint16_t)(PCI_PORT_DATA + (offset & 3u));
}

static uint32_t ports_read(void *context, uint16_t bdf, uint32_t offset, unsigned width)
{
    struct pci_ports *ports = context;
    uint16_t port = port_select(ports, bdf, offset);

    return ports->in(ports->context, port, width);
}

static void ports_write(void *context, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    struct pci_ports *ports = context;
    uint16_t port = port_select(ports, bdf, offset);

    ports->out(ports->context, port, width, value);
}

struct pci_access pci_access_ports(struct pci_ports *ports)
{
    return (struct pci_access){ports_read, ports_write, ports, PCI_SPACE_PORTS};
}

static volatile uint8_t *ecam_place(const struct pci_ecam *ecam, uint16_t bdf, uint32_t offset)
{
    if (PCI_BUS(bdf) < ecam->first || PCI_BUS(bdf) > ecam->last)
        return NULL;
    return ecam->window + ((uint64_t)(bdf - PCI_BDF(ecam->first, 0, 0)) << 12 | offset);
}

static uint32_t ecam_read(void *context, uint16_t bdf, uint32_t offset, unsigned width)
{
    volatile uint8_t *place = ecam_place(context, bdf, offset);

    if (!place)
        return UINT32_MAX;
    if (width == 1)
        return *place;
    return width == 2 ? *(volatile uint16_t *)place : *(volatile uint32_t *)place;
}

static void ecam_write(void *context, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    volatile uint8_t *place = ecam_place(context, bdf, offset);

    if (!place)
        return;
    if (width == 1)
        *place = (uint8_t)value;
    else if (width == 2)
        *(volatile uint16_t *)place = (uint16_t)value;
    else
        *(volatile uint32_t *)place = value;
}

struct pci_access pci_access_ecam(struct pci_ecam *ecam)
{
    return (struct pci_access){ecam_read, ecam_write, ecam, PCI_SPACE_EXTENDED};
}
