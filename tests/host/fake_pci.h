/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions with configuration space of their own: bytes, and for each bit whether it can be written.  Reached through an
 * accessor, through the two ports, or through a window of memory.
 */
#ifndef FAKE_PCI_H
#define FAKE_PCI_H

#include <pci.h>

#define FAKE_FUNCTIONS 64

struct fake_function {
    uint16_t bdf;
    uint8_t space[256], writable[256];
    unsigned decoding_writes; /* writes to a BAR while the function decodes */
};

struct fake_pci {
    struct fake_function function[FAKE_FUNCTIONS];
    unsigned count;
    uint32_t address; /* what was written to port 0xcf8 */
    unsigned long accesses;
};

struct fake_function *fake_add(struct fake_pci *pci, uint16_t bdf, uint16_t vendor, uint16_t device);
void fake_set(struct fake_function *f, unsigned offset, unsigned width, uint32_t value);
uint32_t fake_get(const struct fake_function *f, unsigned offset, unsigned width);
/* A BAR of this size (a power of two): `value` with its flags, and which bits can be written. */
void fake_bar(struct fake_function *f, unsigned index, uint64_t value, uint64_t size, bool wide);
struct pci_access fake_access(struct fake_pci *pci);
struct pci_ports fake_ports(struct fake_pci *pci);

#endif
