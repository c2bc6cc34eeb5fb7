/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every place where a function can be: 256 buses of 32 devices.  Bridges are not followed; whoever numbered the buses (the
 * firmware) made each bus behind a bridge one of the 256.  A device whose function 0 is not there has no others, and one
 * whose header does not say so has only that.
 */
#include <pci.h>

static bool present(const struct pci_access *access, uint16_t bdf)
{
    uint32_t id = pci_read(access, bdf, PCI_VENDOR, 4);

    return (id & 0xffffu) != PCI_VENDOR_NONE && id != 0 && id != 0xffff0000u;
}

void pci_scan(const struct pci_access *access, unsigned first, unsigned last, pci_visit_fn *visit, void *context)
{
    for (unsigned bus = first; bus <= last && bus < PCI_BUSES; bus++)
        for (unsigned device = 0; device < 32; device++) {
            unsigned functions = 1;
            for (unsigned function = 0; function < functions; function++) {
                uint16_t bdf = PCI_BDF(bus, device, function);
                if (!present(access, bdf))
                    continue;
                if (function == 0 && (pci_read(access, bdf, PCI_HEADER, 1) & 0x80u) != 0)
                    functions = 8;
                if (!visit(context, bdf))
                    return;
            }
        }
}
