/* SPDX-License-Identifier: BSD-2-Clause */
#include "match.h"

#include <str.h>

static bool is_for(const struct match *m, const struct pci_function *f, bool by_class)
{
    if (m->kind != DEVICE_KIND_PCI || m->by_class != by_class)
        return false;
    return by_class ? m->code == (uint16_t)(f->class << 8 | f->subclass)
                    : m->vendor == f->vendor && m->device == f->device;
}

const struct match *match_pci(const struct match *table, unsigned count, const struct pci_function *function)
{
    for (unsigned by_class = 0; by_class < 2; by_class++)
        for (unsigned i = 0; i < count; i++)
            if (is_for(&table[i], function, by_class != 0))
                return &table[i];
    return NULL;
}

const struct match *match_platform(const struct match *table, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (table[i].kind == DEVICE_KIND_PLATFORM && strcmp(table[i].platform, name) == 0)
            return &table[i];
    return NULL;
}
