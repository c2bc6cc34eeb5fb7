/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_pci.h"

#include <assert.h>
#include <string.h>

static struct fake_function *find(struct fake_pci *pci, uint16_t bdf)
{
    for (unsigned i = 0; i < pci->count; i++)
        if (pci->function[i].bdf == bdf)
            return &pci->function[i];
    return NULL;
}

struct fake_function *fake_add(struct fake_pci *pci, uint16_t bdf, uint16_t vendor, uint16_t device)
{
    assert(pci->count < FAKE_FUNCTIONS);
    struct fake_function *f = &pci->function[pci->count++];

    memset(f, 0, sizeof *f);
    f->bdf = bdf;
    fake_set(f, PCI_VENDOR, 2, vendor);
    fake_set(f, PCI_DEVICE_ID, 2, device);
    f->writable[PCI_COMMAND] = 0x07;
    f->writable[PCI_COMMAND + 1] = 0x04;
    f->writable[PCI_INTERRUPT_LINE] = 0xff;
    return f;
}

void fake_set(struct fake_function *f, unsigned offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++)
        f->space[offset + i] = (uint8_t)(value >> 8 * i);
}

uint32_t fake_get(const struct fake_function *f, unsigned offset, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)f->space[offset + i] << 8 * i;
    return value;
}

void fake_bar(struct fake_function *f, unsigned index, uint64_t value, uint64_t size, bool wide)
{
    uint64_t mask = ~(size - 1) & ((value & 1) ? ~3ull : ~15ull);

    for (unsigned i = 0; i < (wide ? 8u : 4u); i++) {
        f->space[PCI_BAR + 4 * index + i] = (uint8_t)(value >> 8 * i);
        f->writable[PCI_BAR + 4 * index + i] = (uint8_t)(mask >> 8 * i);
    }
}

static uint32_t fake_read(void *context, uint16_t bdf, uint32_t offset, unsigned width)
{
    struct fake_pci *pci = context;
    const struct fake_function *f = find(pci, bdf);

    pci->accesses++;
    assert(offset % width == 0 && offset + width <= 256);
    return f ? fake_get(f, offset, width) : UINT32_MAX;
}

static void fake_write(void *context, uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    struct fake_pci *pci = context;
    struct fake_function *f = find(pci, bdf);

    pci->accesses++;
    assert(offset % width == 0 && offset + width <= 256);
    if (!f)
        return;
    if (offset >= PCI_BAR && offset < PCI_BAR + 24 && (f->space[PCI_COMMAND] & 3) != 0)
        f->decoding_writes++;
    for (unsigned i = 0; i < width; i++) {
        uint8_t mask = f->writable[offset + i];
        f->space[offset + i] = (uint8_t)((f->space[offset + i] & ~mask) | ((value >> 8 * i) & mask));
    }
}

struct pci_access fake_access(struct fake_pci *pci)
{
    return (struct pci_access){fake_read, fake_write, pci, 256};
}

/* The host bridge: one 32-bit register selects, the other gives the window. */
static uint32_t port_in(void *context, uint16_t port, unsigned width)
{
    struct fake_pci *pci = context;

    if (port < PCI_PORT_DATA || (pci->address & 0x80000000u) == 0)
        return UINT32_MAX;
    return fake_read(pci, (uint16_t)(pci->address >> 8), (pci->address & 0xfc) + port - PCI_PORT_DATA, width);
}

static void port_out(void *context, uint16_t port, unsigned width, uint32_t value)
{
    struct fake_pci *pci = context;

    if (port == PCI_PORT_ADDRESS && width == 4)
        pci->address = value;
    else if (port >= PCI_PORT_DATA && (pci->address & 0x80000000u) != 0)
        fake_write(pci, (uint16_t)(pci->address >> 8), (pci->address & 0xfc) + port - PCI_PORT_DATA, width, value);
}

struct pci_ports fake_ports(struct fake_pci *pci)
{
    return (struct pci_ports){port_in, port_out, pci};
}
