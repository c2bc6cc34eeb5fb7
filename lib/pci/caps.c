/* SPDX-License-Identifier: BSD-2-Clause */
/* The capability list, and what is done through it.  An MSI-X table is device registers: each word is stored once. */
#include "caps.h"

#define LIST_START     0x40u
#define LIST_CARDBUS   0x14u
#define HEADER_CARDBUS 2u

#define MSI_CONTROL   2u
#define MSI_ENABLE    0x0001u
#define MSI_MULTIPLE  0x0070u
#define MSI_WIDE      0x0080u
#define MSI_MASKS     0x0100u
#define MSIX_VECTORS  0x07ffu
#define MSIX_MASK_ALL 0x4000u
#define MSIX_ENABLE   0x8000u
#define MSIX_BAR      0x7u
#define EXPRESS_CAPS  4u
#define EXPRESS_FLR   0x10000000u
#define EXPRESS_CTRL  8u
#define EXPRESS_RESET 0x8000u

static void msi_read(const struct pci_access *access, struct pci_function *f, uint8_t at)
{
    uint32_t control = pci_read(access, f->bdf, at + MSI_CONTROL, 2);
    unsigned power = control >> 1 & 7u;

    f->msi = (struct pci_msi){.offset = at,
                              .wide = (control & MSI_WIDE) != 0,
                              .maskable = (control & MSI_MASKS) != 0,
                              .vectors = (uint8_t)(1u << (power > 5 ? 5 : power))};
}

static void msix_read(const struct pci_access *access, struct pci_function *f, uint8_t at)
{
    uint32_t table = pci_read(access, f->bdf, at + 4u, 4), pending = pci_read(access, f->bdf, at + 8u, 4);

    f->msix = (struct pci_msix){
        .offset = at,
        .vectors = (uint16_t)((pci_read(access, f->bdf, at + MSI_CONTROL, 2) & MSIX_VECTORS) + 1),
        .table_bar = (uint8_t)(table & MSIX_BAR),
        .table_offset = table & ~MSIX_BAR,
        .pending_bar = (uint8_t)(pending & MSIX_BAR),
        .pending_offset = pending & ~MSIX_BAR,
    };
}

void pci_capabilities_read(const struct pci_access *access, struct pci_function *f)
{
    uint64_t seen = 0; /* a bit for each place where one may stand */

    if ((pci_read(access, f->bdf, PCI_STATUS, 2) & PCI_STATUS_LIST) == 0)
        return;
    uint8_t at =
        (uint8_t)pci_read(access, f->bdf, f->header == HEADER_CARDBUS ? LIST_CARDBUS : PCI_CAPABILITIES, 1) & 0xfcu;
    while (at != 0) {
        if (at < LIST_START || (seen >> at / 4 & 1) != 0) {
            f->list_broken = true;
            return;
        }
        seen |= 1ull << at / 4;
        uint32_t head = pci_read(access, f->bdf, at, 2);
        uint8_t id = (uint8_t)head;
        if (id == 0xff) {
            f->list_broken = true; /* nobody answers there */
            return;
        }
        f->capability[f->capability_count++] = (struct pci_capability){.id = id, .offset = at};
        /* A record that would reach over the end of the area is not read. */
        if (id == PCI_CAP_MSI && f->msi.offset == 0 && at <= 0x100u - 24u)
            msi_read(access, f, at);
        else if (id == PCI_CAP_MSIX && f->msix.offset == 0 && at <= 0x100u - 12u)
            msix_read(access, f, at);
        at = (uint8_t)(head >> 8) & 0xfcu;
    }
}

unsigned pci_capability_find(const struct pci_function *f, uint8_t id, unsigned after)
{
    unsigned i = 0;

    if (after != 0) {
        while (i < f->capability_count && f->capability[i].offset != after)
            i++;
        i++;
    }
    for (; i < f->capability_count; i++)
        if (f->capability[i].id == id)
            return f->capability[i].offset;
    return 0;
}

void pci_msi_enable(const struct pci_access *access, const struct pci_function *f, uint64_t address, uint32_t data)
{
    uint32_t at = f->msi.offset;
    uint32_t control = pci_read(access, f->bdf, at + MSI_CONTROL, 2) & ~(MSI_ENABLE | MSI_MULTIPLE);

    pci_write(access, f->bdf, at + 4, 4, (uint32_t)address);
    if (f->msi.wide)
        pci_write(access, f->bdf, at + 8, 4, (uint32_t)(address >> 32));
    pci_write(access, f->bdf, at + (f->msi.wide ? 12 : 8), 2, data);
    if (f->msi.maskable)
        pci_write(access, f->bdf, at + (f->msi.wide ? 16 : 12), 4, 0);
    pci_write(access, f->bdf, at + MSI_CONTROL, 2, control | MSI_ENABLE);
    pci_command(access, f->bdf, PCI_COMMAND_NO_INTX, 0);
}

void pci_msix_enable(const struct pci_access *access, const struct pci_function *f, bool on)
{
    uint32_t at = f->msix.offset + MSI_CONTROL;
    uint32_t control = pci_read(access, f->bdf, at, 2) & ~(uint32_t)(MSIX_ENABLE | MSIX_MASK_ALL);

    pci_write(access, f->bdf, at, 2, control | (on ? MSIX_ENABLE : 0));
    if (on)
        pci_command(access, f->bdf, PCI_COMMAND_NO_INTX, 0);
}

void pci_msix_entry(volatile uint32_t *table, unsigned entry, uint64_t address, uint32_t data, bool masked)
{
    volatile uint32_t *word = table + 4 * entry;

    word[3] = 1; /* masked while it changes */
    word[0] = (uint32_t)address;
    word[1] = (uint32_t)(address >> 32);
    word[2] = data;
    word[3] = masked;
}

void pci_msi_disable(const struct pci_access *access, const struct pci_function *f)
{
    if (f->msi.offset != 0)
        pci_write(access, f->bdf, f->msi.offset + MSI_CONTROL, 2,
                  pci_read(access, f->bdf, f->msi.offset + MSI_CONTROL, 2) & ~MSI_ENABLE);
    if (f->msix.offset != 0)
        pci_msix_enable(access, f, false);
}

bool pci_reset(const struct pci_access *access, const struct pci_function *f)
{
    unsigned at = pci_capability_find(f, PCI_CAP_EXPRESS, 0);

    if (at == 0 || at > 0x100u - 12u || (pci_read(access, f->bdf, at + EXPRESS_CAPS, 4) & EXPRESS_FLR) == 0)
        return false;
    uint32_t control = pci_read(access, f->bdf, at + EXPRESS_CTRL, 2);
    pci_write(access, f->bdf, at + EXPRESS_CTRL, 2, control | EXPRESS_RESET);
    return true;
}
