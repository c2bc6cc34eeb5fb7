/* SPDX-License-Identifier: BSD-2-Clause */
/* From the message to the structures.  Values are not judged here, only that everything could be read. */
#include <capnp.h>
#include <fmt.h>
#include <str.h>

#include "layout.h"
#include "manifest.h"

/* What is visited more than this often is no manifest but an attempt to keep the reader busy. */
#define VISITS 4u

struct decode {
    struct manifest *m;
    bool exhausted; /* the arena */
};

size_t manifest_arena_size(size_t size)
{
    return 8 * size + 65536;
}

void *arena_take(struct manifest *m, size_t bytes)
{
    size_t rounded = (bytes + 15) & ~(size_t)15;

    if (rounded < bytes || rounded > m->arena_size - m->arena_used)
        return NULL;
    void *taken = m->arena + m->arena_used;
    m->arena_used += rounded;
    memset(taken, 0, rounded);
    return taken;
}

/* Room for `count` elements; where there is none, the list is as if it were empty. */
static void *room(struct decode *d, uint32_t *count, size_t each)
{
    void *taken = arena_take(d->m, *count * each);

    if (!taken) {
        d->exhausted = true;
        *count = 0;
    }
    return taken;
}

static bool bit(const struct capnp_struct *s, uint32_t byte, unsigned number)
{
    return capnp_u8(s, byte) >> number & 1;
}

static const char **texts_read(struct decode *d, const struct capnp_struct *s, uint32_t pointer, uint32_t *count)
{
    struct capnp_list list = capnp_texts(s, pointer);

    *count = list.count;
    const char **texts = room(d, count, sizeof *texts);
    for (uint32_t i = 0; i < *count; i++)
        texts[i] = capnp_text_at(&list, i);
    return texts;
}

static void caps_read(struct decode *d, const struct capnp_struct *from, struct manifest_service *s)
{
    struct capnp_list list = capnp_structs(from, M_SERVICE_CAPABILITIES);

    s->cap_count = list.count;
    s->caps = room(d, &s->cap_count, sizeof *s->caps);
    for (uint32_t i = 0; i < s->cap_count; i++) {
        struct capnp_struct c = capnp_struct_at(&list, i);
        s->caps[i] = (struct manifest_cap){
            .name = capnp_text(&c, M_CAPABILITY_NAME),
            .from = capnp_text(&c, M_CAPABILITY_FROM),
            .first = capnp_u64(&c, M_CAPABILITY_FIRST),
            .count = capnp_u64(&c, M_CAPABILITY_COUNT),
            .interface = capnp_u64(&c, M_CAPABILITY_INTERFACE),
            .line = capnp_u32(&c, M_CAPABILITY_LINE),
            .source = capnp_u16(&c, M_CAPABILITY_SOURCE),
            .rights = capnp_u8(&c, M_CAPABILITY_RIGHTS),
            .late = bit(&c, M_CAPABILITY_LATE, M_CAPABILITY_LATE_BIT),
            .optional = bit(&c, M_CAPABILITY_OPTIONAL, M_CAPABILITY_OPTIONAL_BIT),
            .provider = MANIFEST_NOBODY,
            .provided = MANIFEST_NOBODY,
        };
    }
}

static void service_read(struct decode *d, const struct capnp_struct *from, struct manifest_service *s)
{
    *s = (struct manifest_service){
        .name = capnp_text(from, M_SERVICE_NAME),
        .program = capnp_text(from, M_SERVICE_PROGRAM),
        .memory = capnp_u64(from, M_SERVICE_MEMORY),
        .cpu_ns = capnp_u64(from, M_SERVICE_CPU_NS),
        .period_ns = capnp_u64(from, M_SERVICE_PERIOD_NS),
        .backoff_ms = capnp_u32(from, M_SERVICE_BACKOFF_MS),
        .backoff_max_ms = capnp_u32(from, M_SERVICE_BACKOFF_MAX_MS),
        .restart_limit = capnp_u32(from, M_SERVICE_RESTART_LIMIT),
        .start_ms = capnp_u32(from, M_SERVICE_START_MS),
        .slots = capnp_u32(from, M_SERVICE_SLOTS),
        .line = capnp_u32(from, M_SERVICE_LINE),
        .priority = capnp_u8(from, M_SERVICE_PRIORITY),
        .restart = capnp_u16(from, M_SERVICE_RESTART),
        .readiness = capnp_u16(from, M_SERVICE_READINESS),
        .instances = capnp_u16(from, M_SERVICE_INSTANCES),
        .on_request = bit(from, M_SERVICE_ON_REQUEST, M_SERVICE_ON_REQUEST_BIT),
    };
    s->args = texts_read(d, from, M_SERVICE_ARGS, &s->arg_count);
    s->depends_on = texts_read(d, from, M_SERVICE_DEPENDS_ON, &s->depend_count);
    s->depends = room(d, &s->depend_count, sizeof *s->depends);
    caps_read(d, from, s);
}

/* What all services provide is one array, so that it has one index. */
static void provided_read(struct decode *d, const struct capnp_list *services)
{
    struct manifest *m = d->m;
    uint32_t total = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        struct capnp_struct s = capnp_struct_at(services, i);
        m->services[i].provided_count = capnp_structs(&s, M_SERVICE_PROVIDES).count;
        total += m->services[i].provided_count;
    }
    m->provided_count = total;
    m->provided = room(d, &m->provided_count, sizeof *m->provided);
    struct manifest_provided *next = m->provided;
    for (uint32_t i = 0; i < m->count; i++) {
        struct capnp_struct s = capnp_struct_at(services, i);
        struct capnp_list list = capnp_structs(&s, M_SERVICE_PROVIDES);
        if (m->provided_count == 0 || list.count != m->services[i].provided_count)
            m->services[i].provided_count = 0;
        m->services[i].provides = next;
        for (uint32_t j = 0; j < m->services[i].provided_count; j++) {
            struct capnp_struct p = capnp_struct_at(&list, j);
            *next++ = (struct manifest_provided){
                .name = capnp_text(&p, M_PROVIDED_NAME),
                .capability = capnp_text(&p, M_PROVIDED_CAPABILITY),
                .interface = capnp_u64(&p, M_PROVIDED_INTERFACE),
                .line = capnp_u32(&p, M_PROVIDED_LINE),
                .rights = capnp_u8(&p, M_PROVIDED_RIGHTS),
                .service = i,
            };
        }
    }
}

static void system_read(struct decode *d, const struct capnp_struct *root)
{
    struct manifest *m = d->m;
    struct capnp_list services = capnp_structs(root, M_SYSTEM_MANIFEST_SERVICES);

    m->name = capnp_text(root, M_SYSTEM_MANIFEST_NAME);
    m->source = capnp_text(root, M_SYSTEM_MANIFEST_SOURCE);
    m->memory = capnp_u64(root, M_SYSTEM_MANIFEST_MEMORY);
    if (services.count > MANIFEST_SERVICES_MAX) {
        d->exhausted = true;
        return;
    }
    m->count = services.count;
    m->services = room(d, &m->count, sizeof *m->services);
    for (uint32_t i = 0; i < m->count && services.reader->error == CAPNP_OK && !d->exhausted; i++) {
        struct capnp_struct s = capnp_struct_at(&services, i);
        service_read(d, &s, &m->services[i]);
    }
    if (services.reader->error != CAPNP_OK || d->exhausted)
        return;
    provided_read(d, &services);
    m->order = room(d, &m->count, sizeof *m->order);
    d->exhausted = d->exhausted || !index_make(m);
}

bool manifest_decode(struct manifest *m, const void *bytes, size_t size, void *arena, size_t arena_size,
                     manifest_report_fn *report, void *context)
{
    struct capnp_reader reader;
    struct decode d = {.m = m};
    char text[96];

    *m = (struct manifest){.name = "", .source = "", .arena = arena, .arena_size = arena_size};
    struct capnp_struct root = {.reader = &reader};
    if (capnp_open(&reader, bytes, size, VISITS * (size / 8 + 1)) == CAPNP_OK)
        root = capnp_root(&reader);
    m->major = capnp_u16(&root, M_SYSTEM_MANIFEST_MAJOR);
    m->minor = capnp_u16(&root, M_SYSTEM_MANIFEST_MINOR);
    if (reader.error == CAPNP_OK && m->major != MANIFEST_MAJOR) {
        fmt_snprint(text, sizeof text, "the schema has version %u.%u; this reader knows %u", m->major, m->minor,
                    MANIFEST_MAJOR);
        report(context, m, MANIFEST_SCHEMA_VERSION, 0, text);
        return false;
    }
    if (reader.error == CAPNP_OK)
        system_read(&d, &root);
    if (reader.error == CAPNP_OK && !d.exhausted)
        return true;
    fmt_snprint(text, sizeof text, "the message %s", capnp_error_text(reader.error ? reader.error : CAPNP_TOO_LARGE));
    report(context, m, MANIFEST_MESSAGE, 0, text);
    return false;
}
