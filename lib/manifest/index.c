/* SPDX-License-Identifier: BSD-2-Clause */
/* Names to numbers: open addressing over a power of two that is at most half full. */
#include <str.h>

#include "manifest.h"

#define FREE UINT32_MAX

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash(const char *name)
{
    uint32_t h = 2166136261u;

    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return h;
}

static uint32_t *slots_make(struct manifest *m, uint32_t entries, uint32_t *mask)
{
    uint32_t size = 4;

    while (size < 2 * entries)
        size *= 2;
    uint32_t *slots = arena_take(m, size * sizeof *slots);
    if (slots)
        memset(slots, 0xff, size * sizeof *slots);
    *mask = size - 1;
    return slots;
}

bool index_make(struct manifest *m)
{
    m->service_index = slots_make(m, m->count, &m->service_mask);
    m->provided_index = slots_make(m, m->provided_count, &m->provided_mask);
    return m->service_index && m->provided_index;
}

static uint32_t *service_slot(const struct manifest *m, const char *name)
{
    uint32_t at = hash(name) & m->service_mask;

    while (m->service_index[at] != FREE && strcmp(m->services[m->service_index[at]].name, name) != 0)
        at = (at + 1) & m->service_mask;
    return &m->service_index[at];
}

static uint32_t *provided_slot(const struct manifest *m, const char *name)
{
    uint32_t at = hash(name) & m->provided_mask;

    while (m->provided_index[at] != FREE && strcmp(m->provided[m->provided_index[at]].name, name) != 0)
        at = (at + 1) & m->provided_mask;
    return &m->provided_index[at];
}

uint32_t service_index_add(struct manifest *m, uint32_t number)
{
    uint32_t *slot = service_slot(m, m->services[number].name);
    uint32_t before = *slot;

    if (before == FREE)
        *slot = number;
    return before;
}

uint32_t provided_index_add(struct manifest *m, uint32_t number)
{
    uint32_t *slot = provided_slot(m, m->provided[number].name);
    uint32_t before = *slot;

    if (before == FREE)
        *slot = number;
    return before;
}

uint32_t manifest_find_service(const struct manifest *m, const char *name)
{
    return *service_slot(m, name);
}

uint32_t manifest_find_provided(const struct manifest *m, const char *name)
{
    return *provided_slot(m, name);
}
