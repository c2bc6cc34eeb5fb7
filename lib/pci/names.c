/* SPDX-License-Identifier: BSD-2-Clause */
/* Names out of the table that tools/mkpcinames makes.  The table is checked once, as a whole. */
#include <pci.h>

#define HEADER 24u
#define ENTRY  8u

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

bool pci_names_open(struct pci_names *names, const void *bytes, size_t size)
{
    static const char magic[8] = "MNPCIID1";
    const uint8_t *table = bytes;

    if (size < HEADER)
        return false;
    for (unsigned i = 0; i < sizeof magic; i++)
        if (table[i] != (uint8_t)magic[i])
            return false;
    *names = (struct pci_names){table, word(table + 8), word(table + 12), word(table + 16), word(table + 20)};
    uint64_t entries = (uint64_t)names->classes + names->vendors + names->devices;
    if (HEADER + ENTRY * entries + names->text != size || names->text == 0 || table[size - 1] != 0)
        return false;
    for (uint64_t i = 0; i < entries; i++)
        if (word(table + HEADER + ENTRY * i + 4) >= names->text)
            return false;
    return true;
}

static const char *find(const struct pci_names *names, uint64_t first, uint32_t count, uint32_t key)
{
    const uint8_t *entries = names->table + HEADER + ENTRY * first;
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2, at = word(entries + (uint64_t)ENTRY * middle);
        if (at == key) {
            uint64_t all = (uint64_t)names->classes + names->vendors + names->devices;
            return (const char *)names->table + HEADER + ENTRY * all + word(entries + (uint64_t)ENTRY * middle + 4);
        }
        if (at < key)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *pci_names_class(const struct pci_names *names, uint8_t class, uint8_t subclass)
{
    if (!names)
        return NULL;
    const char *name = find(names, 0, names->classes, (uint32_t) class << 8 | subclass);
    return name ? name : find(names, 0, names->classes, 0x10000u | class);
}

const char *pci_names_vendor(const struct pci_names *names, uint16_t vendor)
{
    return names ? find(names, names->classes, names->vendors, vendor) : NULL;
}

const char *pci_names_device(const struct pci_names *names, uint16_t vendor, uint16_t device)
{
    return names
               ? find(names, (uint64_t)names->classes + names->vendors, names->devices, (uint32_t)vendor << 16 | device)
               : NULL;
}
