/* SPDX-License-Identifier: BSD-2-Clause */
/* Places for BARs, in the windows of a bridge (PCI-to-PCI Bridge Architecture 1.2, section 3.2.5). */
#include <pci.h>

#define MEMORY_BASE         0x20u
#define PREFETCHABLE_BASE   0x24u
#define PREFETCHABLE_UPPER  0x28u
#define PREFETCHABLE_UPPER2 0x2cu
#define WINDOW_64           0x1u
#define GRAIN               0x100000ull
#define GIB_4               0x100000000ull

void pci_windows_read(const struct pci_access *access, uint16_t bridge, struct pci_windows *out)
{
    uint32_t memory = pci_read(access, bridge, MEMORY_BASE, 4),
             prefetchable = pci_read(access, bridge, PREFETCHABLE_BASE, 4);
    uint64_t base = (prefetchable & 0xfff0u) << 16, limit = prefetchable & 0xfff00000u;

    *out = (struct pci_windows){
        .memory = {(memory & 0xfff0u) << 16, (uint64_t)(memory & 0xfff00000u) + GRAIN},
    };
    if ((prefetchable & 0xfu) == WINDOW_64) {
        base |= (uint64_t)pci_read(access, bridge, PREFETCHABLE_UPPER, 4) << 32;
        limit |= (uint64_t)pci_read(access, bridge, PREFETCHABLE_UPPER2, 4) << 32;
    }
    out->prefetchable = (struct pci_window){base, limit > UINT64_MAX - GRAIN ? limit : limit + GRAIN};
    /* A base above its limit closes a window; so does a bridge that has none, and reads as 0. */
    if (out->memory.next >= out->memory.end || out->memory.next == 0)
        out->memory = (struct pci_window){0, 0};
    if (out->prefetchable.next >= out->prefetchable.end || out->prefetchable.next == 0)
        out->prefetchable = (struct pci_window){0, 0};
}

/* 0: no place. */
static uint64_t take(struct pci_window *window, uint64_t size, uint64_t below)
{
    uint64_t at = (window->next + size - 1) & ~(size - 1);

    if (at < window->next || at >= window->end || size > window->end - at || at + size > below)
        return 0;
    window->next = at + size;
    return at;
}

static uint64_t place(const struct pci_bar *bar, struct pci_windows *windows)
{
    uint64_t below = bar->kind == PCI_BAR_MEM64 ? UINT64_MAX : GIB_4, at = 0;

    if (bar->prefetchable)
        at = take(&windows->prefetchable, bar->size, below);
    return at != 0 ? at : take(&windows->memory, bar->size, below);
}

bool pci_assign(const struct pci_access *access, struct pci_function *f, struct pci_windows *windows)
{
    bool all = true;

    pci_command(access, f->bdf, 0, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    for (unsigned i = 0; i < PCI_BARS; i++) {
        struct pci_bar *bar = &f->bar[i];
        if (bar->kind == PCI_BAR_NONE || bar->base != 0)
            continue;
        bar->base = bar->kind == PCI_BAR_IO || bar->odd ? 0 : place(bar, windows);
        all &= bar->base != 0;
        pci_write(access, f->bdf, PCI_BAR + 4 * i, 4, (uint32_t)bar->base);
        if (bar->kind == PCI_BAR_MEM64)
            pci_write(access, f->bdf, PCI_BAR + 4 * i + 4, 4, (uint32_t)(bar->base >> 32));
    }
    return all;
}
