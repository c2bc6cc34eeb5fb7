/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/pci/ tests/host/fake_pci.c */
/*
 * Any configuration space: 256 bytes of registers and 256 of what can be written.  What is told of it is possible, and
 * it is left as it was.  Longer inputs are a table of names.
 */
#include <stdlib.h>
#include <string.h>

#include "../host/fake_pci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void space_read(const uint8_t *data)
{
    static struct fake_pci pci;
    struct pci_function out;

    memset(&pci, 0, sizeof pci);
    struct fake_function *f = fake_add(&pci, 0x1234, 1, 2);
    memcpy(f->space, data, 256);
    memcpy(f->writable, data + 256, 256);
    f->writable[PCI_STATUS] = f->writable[PCI_STATUS + 1] = 0;
    struct fake_function before = *f;
    struct pci_access access = fake_access(&pci);
    bool there = pci_function_read(&access, 0x1234, &out);
    demand(memcmp(before.space, f->space, 256) == 0);
    demand(pci.accesses < 400 && out.capability_count <= PCI_CAPABILITIES_MAX);
    for (unsigned i = 0; there && i < PCI_BARS; i++)
        demand(out.bar[i].kind == PCI_BAR_NONE || (out.bar[i].size & (out.bar[i].size - 1)) == 0);
    if (out.msi.offset != 0)
        pci_msi_enable(&access, &out, 0x1fee00000, 1);
    if (out.msix.offset != 0)
        pci_msix_enable(&access, &out, true);
    pci_msi_disable(&access, &out);
    (void)pci_reset(&access, &out);
}

static void names_read(const uint8_t *data, size_t size)
{
    struct pci_names names;
    size_t length = 0;

    if (!pci_names_open(&names, data, size))
        return;
    for (unsigned i = 0; i < 256; i++) {
        const char *text = pci_names_class(&names, data[i], data[i + 1]);
        length += text ? strlen(text) : 0;
        text = pci_names_vendor(&names, (uint16_t)(data[i] << 8 | data[i + 2]));
        length += text ? strlen(text) : 0;
        text = pci_names_device(&names, (uint16_t)(data[i] << 8 | data[i + 2]), data[i + 3]);
        length += text ? strlen(text) : 0;
    }
    demand(length < (size_t)-1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size + 1);

    if (exact == NULL)
        return 0;
    memcpy(exact, data, size);
    exact = realloc(exact, size + (size == 0));
    if (size == 512)
        space_read(exact);
    else if (size >= 260)
        names_read(exact, size);
    free(exact);
    return 0;
}
