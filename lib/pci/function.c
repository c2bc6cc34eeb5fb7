/* SPDX-License-Identifier: BSD-2-Clause */
/* One function: its header and its base address registers. */
#include <pci.h>

#include "caps.h"

#define BAR_IO         0x1u
#define BAR_TYPE       0x6u
#define BAR_TYPE_64    0x4u
#define BAR_PREFETCH   0x8u
#define IO_FLAGS       0x3u
#define MEM_FLAGS      0xfu
#define HEADER_TYPE    0x7fu
#define HEADER_MANY    0x80u
#define HEADER_CARDBUS 2u

static unsigned bar_count(uint8_t header)
{
    return header == 0 ? PCI_BARS : header == PCI_HEADER_BRIDGE ? 2 : header == HEADER_CARDBUS ? 1 : 0;
}

/* What the register keeps of all ones; its value is put back. */
static uint32_t mask_read(const struct pci_access *access, uint16_t bdf, uint32_t offset, uint32_t value)
{
    pci_write(access, bdf, offset, 4, UINT32_MAX);
    uint32_t mask = pci_read(access, bdf, offset, 4);
    pci_write(access, bdf, offset, 4, value);
    return mask;
}

/* The lowest address bit that can be set is the size; all above it should be settable too, up to `top`. */
static void bar_size(struct pci_bar *bar, uint64_t mask, uint64_t top)
{
    bar->size = mask & (~mask + 1);
    if (mask != 0 && (mask | (bar->size - 1)) != top)
        bar->odd = true;
}

/* Returns how many registers it took. */
static unsigned bar_read(const struct pci_access *access, uint16_t bdf, unsigned index, unsigned count, bool sized,
                         struct pci_bar *bar)
{
    uint32_t offset = PCI_BAR + 4 * index;
    uint32_t low = pci_read(access, bdf, offset, 4);
    uint32_t mask = sized ? mask_read(access, bdf, offset, low) : 0;

    *bar = (struct pci_bar){0};
    if (sized ? mask == 0 : low == 0)
        return 1;
    if (low & BAR_IO) {
        bar->kind = PCI_BAR_IO;
        bar->base = low & ~IO_FLAGS & 0xffffu;
        /* Devices may leave out the upper half: ports have 16 bits here. */
        bar_size(bar, mask & ~IO_FLAGS & 0xffffu, 0xffffu);
        bar->odd |= (low >> 16) != 0;
        return 1;
    }
    bar->kind = PCI_BAR_MEM32;
    bar->prefetchable = (low & BAR_PREFETCH) != 0;
    bar->base = low & ~MEM_FLAGS;
    if ((low & BAR_TYPE) != BAR_TYPE_64) {
        bar_size(bar, mask & ~MEM_FLAGS, UINT32_MAX);
        bar->odd |= (low & BAR_TYPE) != 0;
        return 1;
    }
    if (index + 1 == count) {
        /* Its upper half would lie behind the last register. */
        bar_size(bar, mask & ~MEM_FLAGS, UINT32_MAX);
        bar->odd = true;
        return 1;
    }
    uint32_t high = pci_read(access, bdf, offset + 4, 4);
    uint32_t high_mask = sized ? mask_read(access, bdf, offset + 4, high) : 0;
    bar->kind = PCI_BAR_MEM64;
    bar->base |= (uint64_t)high << 32;
    bar_size(bar, (uint64_t)high_mask << 32 | (mask & ~MEM_FLAGS), UINT64_MAX);
    return 2;
}

static void bars_read(const struct pci_access *access, struct pci_function *f, bool sized)
{
    unsigned count = bar_count(f->header);
    uint16_t command = (uint16_t)pci_read(access, f->bdf, PCI_COMMAND, 2);
    const uint16_t decode = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;

    if (sized)
        pci_command(access, f->bdf, 0, decode);
    for (unsigned i = 0; i < count;)
        i += bar_read(access, f->bdf, i, count, sized, &f->bar[i]);
    if (sized)
        pci_command(access, f->bdf, command & decode, 0);
    for (unsigned i = 0; i < PCI_BARS; i++)
        if (f->bar[i].kind != PCI_BAR_NONE && sized && f->bar[i].size == 0)
            f->bar[i] = (struct pci_bar){0};
}

static bool function_read(const struct pci_access *access, uint16_t bdf, struct pci_function *f, bool sized)
{
    uint32_t id = pci_read(access, bdf, PCI_VENDOR, 4);

    *f = (struct pci_function){.bdf = bdf, .vendor = (uint16_t)id, .device = (uint16_t)(id >> 16)};

    if (f->vendor == PCI_VENDOR_NONE || id == 0 || id == 0xffff0000u)
        return false;
    uint32_t class = pci_read(access, bdf, PCI_REVISION, 4);
    f->revision = (uint8_t) class;
    f->interface = (uint8_t)(class >> 8);
    f->subclass = (uint8_t)(class >> 16);
    f->class = (uint8_t)(class >> 24);
    uint8_t header = (uint8_t)pci_read(access, bdf, PCI_HEADER, 1);
    f->header = header & HEADER_TYPE;
    f->multifunction = (header & HEADER_MANY) != 0;
    f->irq_line = (uint8_t)pci_read(access, bdf, PCI_INTERRUPT_LINE, 1);
    f->irq_pin = (uint8_t)pci_read(access, bdf, PCI_INTERRUPT_PIN, 1);
    if (f->header == 0) {
        f->subsystem_vendor = (uint16_t)pci_read(access, bdf, PCI_SUBSYSTEM_VENDOR, 2);
        f->subsystem = (uint16_t)pci_read(access, bdf, PCI_SUBSYSTEM, 2);
    } else if (f->header == PCI_HEADER_BRIDGE) {
        f->secondary = (uint8_t)pci_read(access, bdf, PCI_BUS_NUMBERS + 1, 1);
        f->subordinate = (uint8_t)pci_read(access, bdf, PCI_BUS_NUMBERS + 2, 1);
    }
    bars_read(access, f, sized);
    pci_capabilities_read(access, f);
    return true;
}

bool pci_function_read(const struct pci_access *access, uint16_t bdf, struct pci_function *out)
{
    return function_read(access, bdf, out, true);
}

bool pci_function_peek(const struct pci_access *access, uint16_t bdf, struct pci_function *out)
{
    return function_read(access, bdf, out, false);
}

void pci_command(const struct pci_access *access, uint16_t bdf, uint16_t set, uint16_t clear)
{
    uint16_t command = (uint16_t)pci_read(access, bdf, PCI_COMMAND, 2);

    pci_write(access, bdf, PCI_COMMAND, 2, (uint16_t)((command | set) & ~clear));
}
