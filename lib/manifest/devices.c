/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges of lines, ports and device memory that are given out one by one.  Who holds all of them (count 0) is a manager
 * that parts them itself, and is not compared.
 */
#include <range_more.h>

#include "manifest.h"

#define RANGES_MAX 256u

struct device_range {
    const struct manifest_service *service;
    const struct manifest_cap *cap;
};

static bool device(const struct manifest_cap *cap)
{
    return (cap->source == MANIFEST_IRQ || cap->source == MANIFEST_PORTS || cap->source == MANIFEST_MMIO) &&
           cap->count != 0 && range_within(cap->first, cap->count, manifest_sources[cap->source].limit);
}

static void range_compare(struct check *c, const struct device_range *a, const struct device_range *b)
{
    if (a->cap->source == b->cap->source && range_overlaps(a->cap->first, a->cap->count, b->cap->first, b->cap->count))
        breach(c, MANIFEST_SHARED_DEVICE, b->cap->line, "services '%s' and '%s' are both given %s from %#llx on",
               a->service->name, b->service->name, manifest_sources[b->cap->source].name,
               (unsigned long long)(a->cap->first > b->cap->first ? a->cap->first : b->cap->first));
}

void devices_check(struct check *c)
{
    struct device_range ranges[RANGES_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->m->count; i++) {
        const struct manifest_service *s = &c->m->services[i];
        for (uint32_t j = 0; j < s->cap_count; j++) {
            if (!device(&s->caps[j]))
                continue;
            if (count == RANGES_MAX) {
                breach(c, MANIFEST_SOURCE_RANGE, s->caps[j].line, "with service '%s' there are more than %u ranges",
                       s->name, RANGES_MAX);
                return;
            }
            ranges[count] = (struct device_range){s, &s->caps[j]};
            for (uint32_t k = 0; k < count; k++)
                range_compare(c, &ranges[k], &ranges[count]);
            count++;
        }
    }
}
