/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside lib/pci: fills the capability list, MSI and MSI-X of a function whose header is known. */
#ifndef PCI_CAPS_H
#define PCI_CAPS_H

#include <pci.h>

void pci_capabilities_read(const struct pci_access *access, struct pci_function *function);

#endif
