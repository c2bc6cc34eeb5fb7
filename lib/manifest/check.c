/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that concern the manifest as a whole, and the order in which all of them are gone through. */
#include <fmt.h>
#include <str.h>

#include "manifest.h"

#define TEXT 320u

void breach(struct check *c, enum manifest_rule rule, uint32_t line, const char *format, ...)
{
    char text[TEXT];
    va_list args;

    va_start(args, format);
    fmt_vsnprint(text, sizeof text, format, args);
    va_end(args);
    c->breaches++;
    c->report(c->context, c->m, rule, line, text);
}

static void services_enter(struct check *c)
{
    struct manifest *m = c->m;
    bool any = false;

    for (uint32_t i = 0; i < m->count; i++) {
        const struct manifest_service *s = &m->services[i];
        any = any || !s->on_request;
        if (!manifest_name_ok(s->name) || strcmp(s->name, "init") == 0) {
            breach(c, MANIFEST_SERVICE_NAME, s->line, "'%s' cannot be a service's name", s->name);
            continue;
        }
        uint32_t before = service_index_add(m, i);
        if (before != MANIFEST_NOBODY)
            breach(c, MANIFEST_DUPLICATE_SERVICE, s->line, "service '%s' is there already, in line %u", s->name,
                   m->services[before].line);
    }
    if (!any)
        breach(c, MANIFEST_NO_SERVICES, 0, "nothing is started by itself");
}

static void provided_enter(struct check *c)
{
    struct manifest *m = c->m;

    for (uint32_t i = 0; i < m->provided_count; i++) {
        const struct manifest_provided *p = &m->provided[i];
        const char *service = m->services[p->service].name;
        if (!manifest_name_ok(p->name)) {
            breach(c, MANIFEST_PROVIDED_NAME, p->line, "service '%s' cannot provide the name '%s'", service, p->name);
            continue;
        }
        if (p->rights == 0)
            breach(c, MANIFEST_NO_RIGHTS, p->line, "service '%s' provides '%s' without any right", service, p->name);
        if (p->rights & ~manifest_sources[MANIFEST_SERVICE].rights)
            breach(c, MANIFEST_RIGHTS_EXCEEDED, p->line, "service '%s' provides '%s' with more than send and grant",
                   service, p->name);
        uint32_t before = provided_index_add(m, i);
        if (before != MANIFEST_NOBODY)
            breach(c, MANIFEST_DUPLICATE_PROVIDED, p->line, "'%s' is provided by '%s' and by '%s'", p->name,
                   m->services[m->provided[before].service].name, service);
    }
}

static void dependencies_check(struct check *c, struct manifest_service *s)
{
    for (uint32_t i = 0; i < s->depend_count; i++) {
        s->depends[i] = manifest_find_service(c->m, s->depends_on[i]);
        if (s->depends[i] == MANIFEST_NOBODY)
            breach(c, MANIFEST_UNKNOWN_DEPENDENCY, s->line, "service '%s' depends on '%s', which there is not", s->name,
                   s->depends_on[i]);
        else if (c->m->services[s->depends[i]].on_request)
            breach(c, MANIFEST_REQUEST_DEPENDENCY, s->line,
                   "service '%s' depends on '%s', which is only started on request", s->name, s->depends_on[i]);
    }
}

static void memory_check(struct check *c)
{
    const struct manifest *m = c->m;
    uint64_t limit = m->memory, total = 0;
    const char *whose = "the system has";

    if (c->env->memory != 0 && (limit == 0 || c->env->memory < limit)) {
        limit = c->env->memory;
        whose = "there are";
    }
    for (uint32_t i = 0; i < m->count && limit != 0; i++) {
        const struct manifest_service *s = &m->services[i];
        bool alone_too_much = s->memory > limit;
        if (s->on_request && !alone_too_much)
            continue;
        if (alone_too_much || s->memory > limit - total) {
            breach(c, MANIFEST_MEMORY_EXCEEDED, s->line,
                   "with service '%s' the budgets come to %llu KiB or more; %s %llu KiB", s->name,
                   (unsigned long long)((s->memory + total) >> 10), whose, (unsigned long long)(limit >> 10));
            return;
        }
        total += s->memory;
    }
}

unsigned manifest_check(struct manifest *m, const struct manifest_env *env, manifest_report_fn *report, void *context)
{
    struct check c = {m, env, report, context, 0};

    services_enter(&c);
    provided_enter(&c);
    for (uint32_t i = 0; i < m->count; i++) {
        struct manifest_service *s = &m->services[i];
        service_check(&c, s);
        dependencies_check(&c, s);
        caps_check(&c, s);
        if (s->program[0] != '\0' && env->program && !env->program(env->context, s->program))
            breach(&c, MANIFEST_UNKNOWN_PROGRAM, s->line, "service '%s': the boot package has no program '%s'", s->name,
                   s->program);
    }
    memory_check(&c);
    devices_check(&c);
    graph_check(&c);
    return c.breaches;
}
