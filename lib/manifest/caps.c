/* SPDX-License-Identifier: BSD-2-Clause */
/* A service's capabilities, each against its source. */
#include <mnos/object.h>
#include <range.h>
#include <str.h>

#include "manifest.h"

/* Names in the CapSet: those listed, and those of endpoints that init makes for what the service provides. */
static const char *capset_name(const struct manifest_service *s, uint32_t i)
{
    return i < s->cap_count ? s->caps[i].name : s->provides[i - s->cap_count].capability;
}

static uint32_t capset_line(const struct manifest_service *s, uint32_t i)
{
    return i < s->cap_count ? s->caps[i].line : s->provides[i - s->cap_count].line;
}

static void names_check(struct check *c, const struct manifest_service *s)
{
    uint32_t total = s->cap_count + s->provided_count;

    if (total > MANIFEST_CAPS_MAX) {
        breach(c, MANIFEST_TOO_MANY_CAPABILITIES, s->line, "service '%s' has %u capabilities; %u are possible", s->name,
               total, MANIFEST_CAPS_MAX);
        return;
    }
    for (uint32_t i = 0; i < total; i++) {
        const char *name = capset_name(s, i);
        if (i >= s->cap_count && name[0] == '\0')
            continue;
        if (!manifest_name_ok(name)) {
            breach(c, MANIFEST_CAPABILITY_NAME, capset_line(s, i), "service '%s' cannot have a capability named '%s'",
                   s->name, name);
            continue;
        }
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(capset_name(s, j), name) == 0) {
                breach(c, MANIFEST_DUPLICATE_CAPABILITY, capset_line(s, i), "service '%s' has two capabilities '%s'",
                       s->name, name);
                break;
            }
    }
}

static void range_check(struct check *c, const struct manifest_service *s, const struct manifest_cap *cap)
{
    const struct manifest_source_info *from = &manifest_sources[cap->source];
    bool sound = cap->first == 0 && cap->count == 0;

    if (from->limit != 0)
        sound = cap->count == 0 ? cap->first == 0 && from->whole_only
                                : range_within(cap->first, cap->count, from->limit) && cap->first % from->grain == 0 &&
                                      cap->count % from->grain == 0;
    if (!sound)
        breach(c, MANIFEST_SOURCE_RANGE, cap->line, "service '%s': '%s' cannot be %llu from %#llx on of '%s'", s->name,
               cap->name, (unsigned long long)cap->count, (unsigned long long)cap->first, from->name);
}

static void provider_check(struct check *c, const struct manifest_service *s, struct manifest_cap *cap)
{
    cap->provided = manifest_find_provided(c->m, cap->from);
    if (cap->provided == MANIFEST_NOBODY) {
        if (!cap->optional)
            breach(c, MANIFEST_NOBODY_PROVIDES, cap->line, "service '%s' uses '%s', which nobody provides", s->name,
                   cap->from);
        return;
    }
    const struct manifest_provided *p = &c->m->provided[cap->provided];
    const struct manifest_service *provider = &c->m->services[p->service];
    cap->provider = p->service;
    if (cap->interface != 0 && cap->interface != p->interface)
        breach(c, MANIFEST_WRONG_INTERFACE, cap->line,
               "service '%s' expects interface %#llx of '%s', which '%s' provides with %#llx", s->name,
               (unsigned long long)cap->interface, cap->from, provider->name, (unsigned long long)p->interface);
    if (cap->rights & ~p->rights)
        breach(c, MANIFEST_RIGHTS_EXCEEDED, cap->line,
               "service '%s' wants rights %#x to '%s', which '%s' provides with %#x", s->name, cap->rights, cap->from,
               provider->name, p->rights);
    if (!cap->late && provider->on_request)
        breach(c, MANIFEST_REQUEST_DEPENDENCY, cap->line,
               "service '%s' is given '%s' of '%s', which is only started on request", s->name, cap->from,
               provider->name);
}

static void cap_check(struct check *c, const struct manifest_service *s, struct manifest_cap *cap)
{
    if (cap->source >= MANIFEST_SOURCES) {
        breach(c, MANIFEST_UNKNOWN_SOURCE, cap->line, "service '%s': '%s' comes from source number %u", s->name,
               cap->name, cap->source);
        return;
    }
    const struct manifest_source_info *from = &manifest_sources[cap->source];
    if (cap->rights == 0)
        breach(c, MANIFEST_NO_RIGHTS, cap->line, "service '%s': '%s' has no right", s->name, cap->name);
    range_check(c, s, cap);
    if (cap->rights & ~from->rights)
        breach(c, MANIFEST_RIGHTS_EXCEEDED, cap->line, "service '%s': '%s' wants rights %#x; '%s' gives %#x", s->name,
               cap->name, cap->rights, from->name, from->rights);
    if (cap->late && (cap->rights & MNOS_RIGHT_GRANT) == 0)
        breach(c, MANIFEST_LATE_GRANT, cap->line, "service '%s': '%s' is looked up, and lacks the right grant", s->name,
               cap->name);
    if (cap->source == MANIFEST_SERVICE)
        provider_check(c, s, cap);
}

static void directory_check(struct check *c, const struct manifest_service *s)
{
    const char *why = s->readiness == MANIFEST_EXPLICIT ? "says when it is ready" : NULL;

    for (uint32_t i = 0; i < s->cap_count; i++) {
        unsigned source = s->caps[i].source;
        if (source == MANIFEST_DIRECTORY || source == MANIFEST_SPAWNER || source == MANIFEST_CONTROL)
            return;
        if (source == MANIFEST_SERVICE && s->caps[i].late)
            why = "looks names up";
    }
    for (uint32_t i = 0; i < s->provided_count; i++)
        if (s->provides[i].capability[0] == '\0')
            why = "registers a name";
    if (why)
        breach(c, MANIFEST_NO_DIRECTORY, s->line, "service '%s' %s, but has no capability to init", s->name, why);
}

void caps_check(struct check *c, struct manifest_service *s)
{
    names_check(c, s);
    for (uint32_t i = 0; i < s->cap_count; i++)
        cap_check(c, s, &s->caps[i]);
    directory_check(c, s);
}
