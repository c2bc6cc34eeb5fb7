/* SPDX-License-Identifier: BSD-2-Clause */
/* A manifest for people, and a document as JSON. */
#include <stdio.h>
#include <string.h>

#include "mkmanifest.h"

static void rights_show(unsigned rights)
{
    static const char *const names[] = {"read", "write", "exec", "send", "recv", "grant", "revoke"};

    for (unsigned i = 0; i < 7; i++)
        if (rights >> i & 1)
            printf(" %s", names[i]);
}

static void cap_show(const struct manifest_cap *c)
{
    printf("  capability %s: %s", c->name, c->source < MANIFEST_SOURCES ? manifest_sources[c->source].name : "?");
    if (c->from[0] != '\0')
        printf(" %s", c->from);
    if (c->count != 0)
        printf(" %llu from %#llx on", (unsigned long long)c->count, (unsigned long long)c->first);
    if (c->interface != 0)
        printf(" as %#llx", (unsigned long long)c->interface);
    printf("%s%s,", c->late ? " late" : "", c->optional ? " optional" : "");
    rights_show(c->rights);
    printf("\n");
}

static void service_show(const struct manifest_service *s)
{
    printf("service %s (line %u): %s, %llu KiB, %u slots, priority %u%s\n", s->name, s->line, s->program,
           (unsigned long long)(s->memory >> 10), s->slots, s->priority, s->on_request ? ", on request" : "");
    printf("  restart %s, back-off %u to %u ms, limit %u; ready when %s, within %u ms; %u instance%s\n",
           manifest_restart_name(s->restart), s->backoff_ms, s->backoff_max_ms, s->restart_limit,
           manifest_readiness_name(s->readiness), s->start_ms, s->instances, s->instances == 1 ? "" : "s");
    if (s->cpu_ns != 0)
        printf("  cpu %llu ns of each %llu\n", (unsigned long long)s->cpu_ns, (unsigned long long)s->period_ns);
    for (uint32_t i = 0; i < s->arg_count; i++)
        printf("  argument %s\n", s->args[i]);
    for (uint32_t i = 0; i < s->depend_count; i++)
        printf("  after %s\n", s->depends_on[i]);
    for (uint32_t i = 0; i < s->provided_count; i++) {
        printf("  provides %s (%#llx)%s%s,", s->provides[i].name, (unsigned long long)s->provides[i].interface,
               s->provides[i].capability[0] ? " served on " : "", s->provides[i].capability);
        rights_show(s->provides[i].rights);
        printf("\n");
    }
    for (uint32_t i = 0; i < s->cap_count; i++)
        cap_show(&s->caps[i]);
}

void manifest_show(const struct manifest *m)
{
    printf("system %s, from %s, schema %u.%u, %llu KiB, %u services\n", m->name, m->source, m->major, m->minor,
           (unsigned long long)(m->memory >> 10), m->count);
    for (uint32_t i = 0; i < m->count; i++)
        service_show(&m->services[i]);
}

static void string_show(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < ' ')
            printf("\\u%04x", (unsigned)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

void toml_show(const struct toml_value *v)
{
    bool table = v->kind == TOML_TABLE;

    switch (v->kind) {
    case TOML_STRING:
        string_show(v->string);
        break;
    case TOML_INTEGER:
        printf("%lld", (long long)v->integer);
        break;
    case TOML_BOOLEAN:
        printf("%s", v->boolean ? "true" : "false");
        break;
    case TOML_ARRAY:
    case TOML_TABLE:
        putchar(table ? '{' : '[');
        for (size_t i = 0; i < v->count; i++) {
            if (i > 0)
                putchar(',');
            if (table) {
                string_show(v->keys[i]);
                putchar(':');
            }
            toml_show(v->items[i]);
        }
        putchar(table ? '}' : ']');
        break;
    }
}
