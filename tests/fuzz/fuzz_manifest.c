/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/manifest/ lib/capnp/ lib/fmt/ */
/*
 * Any bytes as a manifest.  What is accepted can be executed: every reference names what there is, the order to start in
 * has each service once and behind those that it needs; and it can be written again and says the same.
 */
#include <manifest.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1u << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)m;
    (void)line;
    demand(strlen(text) > 0 && (unsigned)rule < MANIFEST_RULE_COUNT);
    ++*(unsigned *)context;
}

static void order_look(const struct manifest *m)
{
    uint32_t *place = calloc(m->count, sizeof *place);

    demand(place != NULL);
    memset(place, 0xff, m->count * sizeof *place);
    for (uint32_t i = 0; i < m->count; i++) {
        demand(m->order[i] < m->count && place[m->order[i]] == UINT32_MAX);
        place[m->order[i]] = i;
    }
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t d = 0; d < m->services[i].depend_count; d++)
            demand(place[m->services[i].depends[d]] < place[i]);
    free(place);
}

static void service_look(const struct manifest *m, const struct manifest_service *s)
{
    demand(manifest_name_ok(s->name) && manifest_find_service(m, s->name) == (uint32_t)(s - m->services));
    demand(s->cap_count + s->provided_count <= MANIFEST_CAPS_MAX && s->arg_count <= MANIFEST_ARGS_MAX);
    for (uint32_t i = 0; i < s->cap_count; i++) {
        const struct manifest_cap *c = &s->caps[i];
        demand(c->source < MANIFEST_SOURCES && (c->rights & ~manifest_sources[c->source].rights) == 0 && c->rights);
        if (c->source == MANIFEST_SERVICE && !c->optional)
            demand(c->provider < m->count && c->provided < m->provided_count &&
                   strcmp(m->provided[c->provided].name, c->from) == 0);
    }
    for (uint32_t i = 0; i < s->provided_count; i++)
        demand(&m->services[s->provides[i].service] == s);
}

static void write_again(const struct manifest *m)
{
    static uint8_t one[ROOM], two[ROOM];
    struct manifest n;
    unsigned breaches = 0;
    size_t size = manifest_encode(m, one, sizeof one);

    if (size == 0)
        return;
    void *arena = malloc(manifest_arena_size(size));
    demand(arena != NULL);
    demand(manifest_decode(&n, one, size, arena, manifest_arena_size(size), report, &breaches));
    demand(manifest_encode(&n, two, sizeof two) == size && memcmp(one, two, size) == 0);
    free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest_env env = {.memory = 1 << 30};
    struct manifest m;
    unsigned breaches = 0;
    uint8_t *copy = malloc(size + !size);
    void *arena = malloc(manifest_arena_size(size));

    demand(copy && arena);
    memcpy(copy, data, size);
    bool decoded = manifest_decode(&m, copy, size, arena, manifest_arena_size(size), report, &breaches);
    demand(decoded == (breaches == 0));
    if (decoded && manifest_check(&m, &env, report, &breaches) == 0) {
        for (uint32_t i = 0; i < m.count; i++)
            service_look(&m, &m.services[i]);
        order_look(&m);
        write_again(&m);
    }
    free(arena);
    free(copy);
    return 0;
}
