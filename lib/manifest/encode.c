/* SPDX-License-Identifier: BSD-2-Clause */
#include <capnp.h>

#include "layout.h"
#include "manifest.h"

static void texts_write(struct capnp_builder *b, const struct capnp_target *to, uint32_t pointer,
                        const char *const *texts, uint32_t count)
{
    if (count == 0)
        return;
    struct capnp_target list = capnp_put_texts(b, to, pointer, count);
    for (uint32_t i = 0; i < count; i++)
        capnp_put_text(b, &list, i, texts[i]);
}

static void cap_write(struct capnp_builder *b, const struct capnp_target *to, const struct manifest_cap *c)
{
    unsigned flags = (c->late ? 1u << M_CAPABILITY_LATE_BIT : 0) | (c->optional ? 1u << M_CAPABILITY_OPTIONAL_BIT : 0);

    _Static_assert((int)M_CAPABILITY_LATE == (int)M_CAPABILITY_OPTIONAL, "both flags are in one byte");
    capnp_put_text(b, to, M_CAPABILITY_NAME, c->name);
    capnp_put_text(b, to, M_CAPABILITY_FROM, c->from);
    capnp_put(b, to, M_CAPABILITY_FIRST, c->first, 8);
    capnp_put(b, to, M_CAPABILITY_COUNT, c->count, 8);
    capnp_put(b, to, M_CAPABILITY_INTERFACE, c->interface, 8);
    capnp_put(b, to, M_CAPABILITY_LINE, c->line, 4);
    capnp_put(b, to, M_CAPABILITY_SOURCE, c->source, 2);
    capnp_put(b, to, M_CAPABILITY_RIGHTS, c->rights, 1);
    capnp_put(b, to, M_CAPABILITY_LATE, flags, 1);
}

static void provided_write(struct capnp_builder *b, const struct capnp_target *to, const struct manifest_provided *p)
{
    capnp_put_text(b, to, M_PROVIDED_NAME, p->name);
    capnp_put_text(b, to, M_PROVIDED_CAPABILITY, p->capability);
    capnp_put(b, to, M_PROVIDED_INTERFACE, p->interface, 8);
    capnp_put(b, to, M_PROVIDED_LINE, p->line, 4);
    capnp_put(b, to, M_PROVIDED_RIGHTS, p->rights, 1);
}

static void lists_write(struct capnp_builder *b, const struct capnp_target *to, const struct manifest_service *s)
{
    struct capnp_target list, element;

    texts_write(b, to, M_SERVICE_ARGS, s->args, s->arg_count);
    if (s->cap_count > 0) {
        list =
            capnp_put_structs(b, to, M_SERVICE_CAPABILITIES, s->cap_count, M_CAPABILITY_WORDS, M_CAPABILITY_POINTERS);
        for (uint32_t i = 0; i < s->cap_count; i++) {
            element = capnp_put_element(&list, i);
            cap_write(b, &element, &s->caps[i]);
        }
    }
    if (s->provided_count > 0) {
        list = capnp_put_structs(b, to, M_SERVICE_PROVIDES, s->provided_count, M_PROVIDED_WORDS, M_PROVIDED_POINTERS);
        for (uint32_t i = 0; i < s->provided_count; i++) {
            element = capnp_put_element(&list, i);
            provided_write(b, &element, &s->provides[i]);
        }
    }
    texts_write(b, to, M_SERVICE_DEPENDS_ON, s->depends_on, s->depend_count);
}

static void service_write(struct capnp_builder *b, const struct capnp_target *to, const struct manifest_service *s)
{
    capnp_put_text(b, to, M_SERVICE_NAME, s->name);
    capnp_put_text(b, to, M_SERVICE_PROGRAM, s->program);
    capnp_put(b, to, M_SERVICE_MEMORY, s->memory, 8);
    capnp_put(b, to, M_SERVICE_CPU_NS, s->cpu_ns, 8);
    capnp_put(b, to, M_SERVICE_PERIOD_NS, s->period_ns, 8);
    capnp_put(b, to, M_SERVICE_BACKOFF_MS, s->backoff_ms, 4);
    capnp_put(b, to, M_SERVICE_BACKOFF_MAX_MS, s->backoff_max_ms, 4);
    capnp_put(b, to, M_SERVICE_RESTART_LIMIT, s->restart_limit, 4);
    capnp_put(b, to, M_SERVICE_START_MS, s->start_ms, 4);
    capnp_put(b, to, M_SERVICE_SLOTS, s->slots, 4);
    capnp_put(b, to, M_SERVICE_LINE, s->line, 4);
    capnp_put(b, to, M_SERVICE_PRIORITY, s->priority, 1);
    capnp_put(b, to, M_SERVICE_RESTART, s->restart, 2);
    capnp_put(b, to, M_SERVICE_READINESS, s->readiness, 2);
    capnp_put(b, to, M_SERVICE_INSTANCES, s->instances, 2);
    capnp_put(b, to, M_SERVICE_ON_REQUEST, s->on_request ? 1u << M_SERVICE_ON_REQUEST_BIT : 0, 1);
    lists_write(b, to, s);
}

size_t manifest_encode(const struct manifest *m, void *bytes, size_t size)
{
    struct capnp_builder b;

    capnp_build(&b, bytes, size);
    struct capnp_target root = capnp_put_root(&b, M_SYSTEM_MANIFEST_WORDS, M_SYSTEM_MANIFEST_POINTERS);
    capnp_put(&b, &root, M_SYSTEM_MANIFEST_MAJOR, m->major, 2);
    capnp_put(&b, &root, M_SYSTEM_MANIFEST_MINOR, m->minor, 2);
    capnp_put(&b, &root, M_SYSTEM_MANIFEST_MEMORY, m->memory, 8);
    capnp_put_text(&b, &root, M_SYSTEM_MANIFEST_NAME, m->name);
    capnp_put_text(&b, &root, M_SYSTEM_MANIFEST_SOURCE, m->source);
    if (m->count > 0) {
        struct capnp_target list =
            capnp_put_structs(&b, &root, M_SYSTEM_MANIFEST_SERVICES, m->count, M_SERVICE_WORDS, M_SERVICE_POINTERS);
        for (uint32_t i = 0; i < m->count; i++) {
            struct capnp_target element = capnp_put_element(&list, i);
            service_write(&b, &element, &m->services[i]);
        }
    }
    return capnp_finish(&b);
}
