/* SPDX-License-Identifier: BSD-2-Clause */
#include <fmt.h>
#include <mnos/object.h>
#include <str.h>

#include "parts.h"

struct compare {
    struct authority *a;
    const struct manifest *m;
    authority_report_fn *report;
    void *context;
    unsigned differences;
};

static void differ(struct compare *c, const struct authority_process *p, const char *what)
{
    char text[256];

    fmt_snprint(text, sizeof text, "%s (%lu) %s", p->name, (unsigned long)p->pid, what);
    c->report(c->context, text);
    c->differences++;
}

static void cap_differ(struct compare *c, const struct authority_cap *cap, const char *what)
{
    static const char letters[] = "RWXSVGK";
    const struct authority_cap *root = &c->a->caps[cap->root];
    char text[200], rights[8] = "-------";

    for (unsigned i = 0; i < 7; i++)
        if (cap->info.rights >> i & 1)
            rights[i] = letters[i];
    fmt_snprint(text, sizeof text, "slot %lu: %s: type %u, rights %s, object %lu, badge or start %lu, from %s (%lu)",
                (unsigned long)cap->info.slot, what, (unsigned)cap->info.type, rights, (unsigned long)cap->info.object,
                (unsigned long)cap->info.badge, holder_of(c->a, root)->name, (unsigned long)root->info.pid);
    differ(c, holder_of(c->a, cap), text);
}

/* Each process is of the domain of the service above it. */
static void domains_find(struct compare *c)
{
    for (uint32_t i = 0; i < c->a->process_count; i++) {
        struct authority_process *p = &c->a->processes[i];
        uint32_t parent = parent_of(c->a, p);
        p->domain = MANIFEST_NOBODY;
        if (p->pid == INIT_PID)
            continue;
        if (p->parent == INIT_PID)
            p->domain = manifest_find_service(c->m, p->name);
        else if (parent < i) /* who was started later has the higher pid */
            p->domain = c->a->processes[parent].domain;
        if (p->domain == MANIFEST_NOBODY)
            differ(c, p, "is of no service");
    }
}

/* ---- One capability ---- */

static bool lists_service(const struct manifest_service *s, uint32_t provider)
{
    for (uint32_t i = 0; i < s->cap_count; i++)
        if (s->caps[i].source == MANIFEST_SERVICE && s->caps[i].provider == provider)
            return true;
    return false;
}

/* What one of them makes may come to the other with messages. */
static bool connected(const struct manifest *m, uint32_t a, uint32_t b)
{
    return a != MANIFEST_NOBODY && b != MANIFEST_NOBODY &&
           (a == b || lists_service(&m->services[a], b) || lists_service(&m->services[b], a));
}

static bool exchanged_type(uint32_t type)
{
    return type == MNOS_TYPE_MEMORY || type == MNOS_TYPE_NOTIFICATION || type == MNOS_TYPE_ENDPOINT;
}

/* Has `of` all that `cap` has? */
static bool weaker(const struct authority_cap *cap, const struct authority_cap *of)
{
    bool window = cap->info.type == MNOS_TYPE_INTERRUPT || cap->info.type == MNOS_TYPE_IOPORT ||
                  cap->info.type == MNOS_TYPE_MEMORY;
    bool within = cap->info.badge >= of->info.badge && cap->info.size <= of->info.size &&
                  cap->info.badge - of->info.badge <= of->info.size - cap->info.size;

    return cap->info.type == of->info.type && cap->info.object == of->info.object &&
           (cap->info.rights & ~of->info.rights) == 0 &&
           (window ? within : cap->info.badge == of->info.badge || of->info.badge == 0);
}

static bool held_by(const struct authority *a, const struct authority_cap *cap, const struct authority_process *p,
                    bool listed)
{
    for (uint32_t i = p->first; i < p->first + p->count; i++)
        if (&a->caps[i] != cap && (!listed || a->caps[i].listed) && weaker(cap, &a->caps[i]))
            return true;
    return false;
}

static bool chain_holds(const struct authority *a, const struct authority_cap *cap, uint64_t pid)
{
    while (cap->origin != MANIFEST_NOBODY) {
        cap = &a->caps[cap->origin];
        if (cap->info.pid == pid)
            return true;
    }
    return false;
}

/* A process below a service: its parent gave it what the parent has. */
static bool inherited(const struct authority *a, const struct authority_cap *cap)
{
    const struct authority_process *p = holder_of(a, cap);
    uint32_t parent = parent_of(a, p);

    return p->parent != INIT_PID && parent != MANIFEST_NOBODY &&
           (chain_holds(a, cap, p->parent) || held_by(a, cap, &a->processes[parent], false));
}

static bool cap_allowed(const struct compare *c, const struct authority_cap *cap)
{
    const struct authority_process *p = holder_of(c->a, cap);
    const struct authority_process *maker = holder_of(c->a, &c->a->caps[cap->root]);

    if (cap->listed || maker == p || held_by(c->a, cap, p, true) || inherited(c->a, cap))
        return true;
    return exchanged_type(cap->info.type) && maker->pid != INIT_PID && connected(c->m, p->domain, maker->domain);
}

/* A badge says who calls: nobody else's domain may have it.  Who receives there is no caller. */
static bool badge_shared(const struct compare *c, const struct authority_cap *cap)
{
    if (cap->info.type != MNOS_TYPE_ENDPOINT || cap->info.badge == 0)
        return false;
    for (uint32_t i = 0; i < c->a->cap_count; i++) {
        const struct authority_cap *other = &c->a->caps[i];
        if (other->info.type == MNOS_TYPE_ENDPOINT && other->info.object == cap->info.object &&
            other->info.badge == cap->info.badge && other->info.pid != INIT_PID &&
            holder_of(c->a, other)->domain != holder_of(c->a, cap)->domain &&
            holder_of(c->a, other)->domain != holder_of(c->a, &c->a->caps[other->root])->domain)
            return true;
    }
    return false;
}

/* ---- One process ---- */

/* Each entry stands for at most one capability: a service may let go of what it was given. */
static void entries_find(struct compare *c, const struct authority_process *p)
{
    const struct manifest_service *s = &c->m->services[p->domain];

    for (uint32_t number = 0; number < entry_count(s); number++) {
        uint32_t i = p->first, end = p->first + p->count;
        while (i < end && (c->a->caps[i].listed || !entry_stands(c->a, c->m, &c->a->caps[i], number)))
            i++;
        if (i < end)
            c->a->caps[i].listed = true;
    }
}

static void process_compare(struct compare *c, const struct authority_process *p)
{
    if (p->parent == INIT_PID)
        entries_find(c, p);
    for (uint32_t i = p->first; i < p->first + p->count; i++) {
        const struct authority_cap *cap = &c->a->caps[i];
        if (!cap_allowed(c, cap))
            cap_differ(c, cap, "nothing lets it have this");
        else if (badge_shared(c, cap))
            cap_differ(c, cap, "another service has this badge too");
    }
}

unsigned authority_compare(struct authority *a, const struct manifest *m, authority_report_fn *report, void *context)
{
    struct compare c = {.a = a, .m = m, .report = report, .context = context};

    domains_find(&c);
    for (uint32_t i = 0; i < a->process_count; i++)
        if (a->processes[i].domain != MANIFEST_NOBODY)
            process_compare(&c, &a->processes[i]);
    return c.differences;
}
