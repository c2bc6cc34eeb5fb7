/* SPDX-License-Identifier: BSD-2-Clause */
/* What a manifest entry lists, recognized among the capabilities of the service. */
#include <mnos/memory.h>
#include <mnos/object.h>
#include <mnos/startup.h>

#include "parts.h"

#define ROLES 0xfull /* of a badge of init's own endpoint */

/* The boot capability that a source is a part of; MNOS_BOOT_CAPS: of none. */
static uint64_t boot_slot(unsigned source)
{
    static const uint8_t slots[MANIFEST_SOURCES] = {
        [MANIFEST_LOG] = MNOS_BOOT_LOG,
        [MANIFEST_IRQ] = MNOS_BOOT_IRQ,
        [MANIFEST_PORTS] = MNOS_BOOT_IOPORT,
        [MANIFEST_PACKAGE] = MNOS_BOOT_PACKAGE,
        [MANIFEST_FRAMEBUFFER] = MNOS_BOOT_FRAMEBUFFER,
        [MANIFEST_ACPI] = MNOS_BOOT_ACPI,
        [MANIFEST_SYSTEM] = MNOS_BOOT_SYSTEM,
        [MANIFEST_MMIO] = MNOS_BOOT_MMIO,
    };

    return source < MANIFEST_SOURCES && slots[source] != 0 ? slots[source] : MNOS_BOOT_CAPS;
}

static const struct authority_cap *boot_cap(const struct authority *a, uint64_t slot)
{
    const struct authority_process *init = &a->processes[0];

    for (uint32_t i = init->first; i < init->first + init->count; i++)
        if (a->caps[i].info.slot == slot)
            return &a->caps[i];
    return NULL;
}

/* init's own endpoint: the first that it made. */
static uint64_t init_endpoint(const struct authority *a)
{
    const struct authority_process *init = &a->processes[0];
    uint64_t least = UINT64_MAX;

    for (uint32_t i = init->first; i < init->first + init->count; i++) {
        const struct authority_cap *c = &a->caps[i];
        if (c->info.type == MNOS_TYPE_ENDPOINT && c->origin == MANIFEST_NOBODY &&
            (c->info.rights & MNOS_RIGHT_RECV) != 0 && c->info.object < least)
            least = c->info.object;
    }
    return least;
}

static bool from_init(const struct authority *a, const struct authority_cap *c, uint32_t type)
{
    return c->info.type == type && c->root != MANIFEST_NOBODY && holder_of(a, &a->caps[c->root])->pid == INIT_PID;
}

/* Exactly the part of the boot capability that the entry names. */
static bool boot_part(const struct authority *a, const struct authority_cap *c, const struct manifest_cap *e)
{
    const struct authority_cap *boot = boot_cap(a, boot_slot(e->source));

    if (!boot || &a->caps[c->root] != boot)
        return false;
    if (e->count == 0)
        return c->info.badge == boot->info.badge && c->info.size == boot->info.size;
    return c->info.badge == e->first && c->info.size == e->count;
}

/* Nobody but init has it too. */
static bool alone(const struct authority *a, const struct authority_cap *c)
{
    for (uint32_t i = 0; i < a->cap_count; i++)
        if (a->caps[i].info.type == c->info.type && a->caps[i].info.object == c->info.object &&
            holder_of(a, &a->caps[i])->domain != holder_of(a, c)->domain && a->caps[i].info.pid != INIT_PID)
            return false;
    return true;
}

/* Who receives there is this service; an endpoint of init's waits for one that does not run. */
static bool served_by(const struct authority *a, const struct authority_cap *c, uint32_t service)
{
    bool found = false;

    for (uint32_t i = 0; i < a->cap_count; i++) {
        const struct authority_cap *r = &a->caps[i];
        if (r->info.type != MNOS_TYPE_ENDPOINT || r->info.object != c->info.object || r->info.pid == INIT_PID ||
            (r->info.rights & MNOS_RIGHT_RECV) == 0)
            continue;
        if (holder_of(a, r)->domain == service)
            return true;
        found = true;
    }
    return !found && from_init(a, c, MNOS_TYPE_ENDPOINT) && c->info.object != init_endpoint(a);
}

/* No other service receives there. */
static bool alone_receiver(const struct authority *a, const struct authority_cap *c)
{
    for (uint32_t i = 0; i < a->cap_count; i++)
        if (a->caps[i].info.type == MNOS_TYPE_ENDPOINT && a->caps[i].info.object == c->info.object &&
            (a->caps[i].info.rights & MNOS_RIGHT_RECV) != 0 && a->caps[i].info.pid != INIT_PID &&
            holder_of(a, &a->caps[i])->domain != holder_of(a, c)->domain)
            return false;
    return true;
}

static bool role_is(const struct authority *a, const struct authority_cap *c, uint64_t role)
{
    return from_init(a, c, MNOS_TYPE_ENDPOINT) && c->info.object == init_endpoint(a) && (c->info.badge & ROLES) == role;
}

static bool source_stands(const struct authority *a, const struct authority_cap *c, const struct manifest_cap *e)
{
    switch ((enum manifest_source)e->source) {
    case MANIFEST_POOL:
        return from_init(a, c, MNOS_TYPE_POOL) && &a->caps[c->root] != boot_cap(a, MNOS_BOOT_POOL) && alone(a, c);
    case MANIFEST_DIRECTORY:
        return role_is(a, c, 1);
    case MANIFEST_SPAWNER:
        return role_is(a, c, 2);
    case MANIFEST_CONTROL:
        return role_is(a, c, 3);
    case MANIFEST_SERVICE:
        return c->info.type == MNOS_TYPE_ENDPOINT && e->provider != MANIFEST_NOBODY && served_by(a, c, e->provider);
    case MANIFEST_ENDPOINT: /* made for it alone, and then no longer init's */
        return c->info.type == MNOS_TYPE_ENDPOINT && c->origin == MANIFEST_NOBODY;
    case MANIFEST_NOTIFICATION:
        return c->info.type == MNOS_TYPE_NOTIFICATION && c->origin == MANIFEST_NOBODY;
    case MANIFEST_MEMORY:
        return c->info.type == MNOS_TYPE_MEMORY && c->origin == MANIFEST_NOBODY && c->info.size == e->count;
    case MANIFEST_EVENTS:
        return from_init(a, c, MNOS_TYPE_NOTIFICATION) && alone(a, c);
    default:
        return boot_part(a, c, e);
    }
}

bool entry_stands(const struct authority *a, const struct manifest *m, const struct authority_cap *c, uint32_t number)
{
    const struct manifest_service *s = &m->services[holder_of(a, c)->domain];

    if (number >= s->cap_count) {
        const struct manifest_provided *p = &s->provides[number - s->cap_count];
        return p->capability[0] != '\0' && c->info.rights == MNOS_RIGHT_RECV && from_init(a, c, MNOS_TYPE_ENDPOINT) &&
               c->info.object != init_endpoint(a) && alone_receiver(a, c);
    }
    const struct manifest_cap *e = &s->caps[number];
    return (c->info.rights & ~(e->rights | (e->late ? MNOS_RIGHT_GRANT : 0u))) == 0 && source_stands(a, c, e);
}
