/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/manifest/ lib/capnp/ lib/fmt/ */
#include "host_test.h"

#include <manifest.h>
#include <mnos/object.h>

#define ROOM (1u << 20)

/* A system under construction, with as many services as a test needs. */
struct sample {
    struct manifest m;
    struct manifest_service service[8];
    struct manifest_cap cap[8][8];
    struct manifest_provided provided[8][2];
    const char *depends[8][8];
};

static struct sample *sample_make(uint32_t count)
{
    static const char *const names[] = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};
    struct sample *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->m = (struct manifest){
        .name = "sample", .source = "sample.toml", .major = MANIFEST_MAJOR, .services = s->service, .count = count};
    for (uint32_t i = 0; i < count; i++)
        s->service[i] = (struct manifest_service){.name = names[i],
                                                  .program = "sbin/x",
                                                  .caps = s->cap[i],
                                                  .provides = s->provided[i],
                                                  .depends_on = s->depends[i],
                                                  .memory = 1 << 20,
                                                  .slots = 64,
                                                  .priority = 100,
                                                  .instances = 1,
                                                  .line = 10 * i + 10};
    return s;
}

static void depend(struct sample *s, unsigned from, unsigned on)
{
    s->depends[from][s->service[from].depend_count++] = s->service[on].name;
}

struct verdict {
    unsigned count[MANIFEST_RULE_COUNT], all;
    char last[512];
};

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    struct verdict *v = context;

    (void)m;
    (void)line;
    v->count[rule]++;
    v->all++;
    snprintf(v->last, sizeof v->last, "%s: %s", manifest_rule_name(rule), text);
}

/* Decoded and judged in memory that is exactly as large; kept until the next call. */
static struct verdict judge_bytes(const uint8_t *bytes, size_t size, const struct manifest_env *env,
                                  struct manifest *out)
{
    static void *arena, *copy;
    struct manifest_env none = {0};
    struct verdict v = {0};

    free(arena);
    free(copy);
    arena = malloc(manifest_arena_size(size));
    copy = malloc(size);
    assert_true(arena && copy);
    memcpy(copy, bytes, size);
    if (manifest_decode(out, copy, size, arena, manifest_arena_size(size), report, &v)) {
        unsigned breaches = manifest_check(out, env ? env : &none, report, &v);
        assert_int_equal(breaches, v.all);
    }
    return v;
}

static struct verdict judge(const struct sample *s, const struct manifest_env *env, struct manifest *out)
{
    static uint8_t bytes[ROOM];
    size_t size = manifest_encode(&s->m, bytes, sizeof bytes);

    assert_true(size > 0);
    return judge_bytes(bytes, size, env, out);
}

static void what_is_encoded_is_decoded(void **state)
{
    struct sample *s = sample_make(2);
    struct manifest m;
    const char *args[] = {"one", "", "three"};
    (void)state;

    s->m.memory = 1 << 30;
    s->m.minor = 7;
    s->service[0].provided_count = 2;
    s->provided[0][0] = (struct manifest_provided){
        .name = "name", .capability = "endpoint", .interface = UINT64_MAX, .line = 3, .rights = MNOS_RIGHT_SEND};
    s->provided[0][1] = (struct manifest_provided){.name = "other", .capability = "", .line = 4, .rights = 40};
    s->service[0].cap_count = 1;
    s->cap[0][0] = (struct manifest_cap){
        .name = "init", .from = "", .source = MANIFEST_DIRECTORY, .rights = MNOS_RIGHT_SEND, .line = 99};
    s->service[1] = (struct manifest_service){.name = "all",
                                              .program = "bin/all",
                                              .args = args,
                                              .arg_count = 3,
                                              .caps = s->cap[1],
                                              .cap_count = 2,
                                              .provides = s->provided[1],
                                              .depends_on = s->depends[1],
                                              .memory = 5 << 20,
                                              .cpu_ns = 1000000,
                                              .period_ns = 7000000,
                                              .backoff_ms = 1,
                                              .backoff_max_ms = 2,
                                              .restart_limit = 3,
                                              .start_ms = 4,
                                              .slots = 128,
                                              .line = 6,
                                              .restart = MANIFEST_ALWAYS,
                                              .readiness = MANIFEST_EXPLICIT,
                                              .instances = 1,
                                              .priority = 254,
                                              .on_request = true};
    depend(s, 1, 0);
    s->cap[1][0] = s->cap[0][0];
    s->cap[1][1] = (struct manifest_cap){.name = "c",
                                         .from = "name",
                                         .interface = UINT64_MAX,
                                         .line = 12,
                                         .source = MANIFEST_SERVICE,
                                         .rights = MNOS_RIGHT_SEND,
                                         .optional = true};
    struct verdict v = judge(s, NULL, &m);
    if (v.all)
        print_message("# %s\n", v.last);
    assert_int_equal(v.all, 0);
    assert_string_equal(m.name, "sample");
    assert_string_equal(m.source, "sample.toml");
    assert_int_equal(m.minor, 7);
    assert_int_equal(m.memory, 1 << 30);
    assert_int_equal(m.count, 2);
    const struct manifest_service *a = &m.services[1], *b = &s->service[1];
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->program, b->program);
    assert_int_equal(a->arg_count, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(a->args[i], args[i]);
    assert_int_equal(a->memory, b->memory);
    assert_int_equal(a->cpu_ns, b->cpu_ns);
    assert_int_equal(a->period_ns, b->period_ns);
    assert_int_equal(a->backoff_ms, 1);
    assert_int_equal(a->backoff_max_ms, 2);
    assert_int_equal(a->restart_limit, 3);
    assert_int_equal(a->start_ms, 4);
    assert_int_equal(a->slots, 128);
    assert_int_equal(a->line, 6);
    assert_int_equal(a->restart, MANIFEST_ALWAYS);
    assert_int_equal(a->readiness, MANIFEST_EXPLICIT);
    assert_int_equal(a->priority, 254);
    assert_true(a->on_request && !m.services[0].on_request);
    assert_int_equal(a->depends[0], 0);
    const struct manifest_cap *c = &a->caps[1];
    assert_string_equal(c->name, "c");
    assert_string_equal(c->from, "name");
    assert_true(c->optional && !c->late);
    assert_int_equal(c->interface, UINT64_MAX);
    assert_int_equal(c->line, 12);
    assert_int_equal(c->provider, 0);
    assert_int_equal(c->provided, 0);
    assert_int_equal(m.provided_count, 2);
    assert_string_equal(m.services[0].provides[0].capability, "endpoint");
    assert_int_equal(m.services[0].provides[1].line, 4);
    assert_int_equal(manifest_find_provided(&m, "other"), 1);
    assert_int_equal(manifest_find_service(&m, "all"), 1);
    assert_int_equal(manifest_find_service(&m, "al"), MANIFEST_NOBODY);
    assert_int_equal(m.order[0], 0);
    assert_int_equal(m.order[1], 1);
    free(s);
}

/* Edges at random: the verdict on cycles is that of a naive search, and an order that is given keeps every edge. */
static void cycles_are_found_by_a_naive_search_too(void **state)
{
    struct rng rng = rng_seeded(11);
    unsigned cyclic = 0;
    (void)state;

    for (int round = 0; round < 3000; round++) {
        uint32_t count = 1 + (uint32_t)rng_below(&rng, 8);
        struct sample *s = sample_make(count);
        bool reach[8][8] = {0}, expected = false;
        struct manifest m;
        for (uint64_t edges = rng_below(&rng, 10); edges > 0; edges--) {
            unsigned a = (unsigned)rng_below(&rng, count), b = (unsigned)rng_below(&rng, count);
            if (s->service[a].depend_count == 8)
                continue;
            depend(s, a, b);
            reach[a][b] = true;
        }
        for (unsigned k = 0; k < count; k++)
            for (unsigned i = 0; i < count; i++)
                for (unsigned j = 0; j < count; j++)
                    reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
        for (unsigned i = 0; i < count; i++)
            expected = expected || reach[i][i];
        struct verdict v = judge(s, NULL, &m);
        assert_int_equal(v.count[MANIFEST_DEPENDENCY_CYCLE] > 0, expected);
        assert_int_equal(v.all, v.count[MANIFEST_DEPENDENCY_CYCLE]);
        cyclic += expected;
        unsigned place[8] = {0};
        for (uint32_t i = 0; i < count; i++)
            place[m.order[i]] = i;
        for (uint32_t i = 0; i < count && !expected; i++)
            for (uint32_t d = 0; d < m.services[i].depend_count; d++)
                assert_true(place[m.services[i].depends[d]] < place[i]);
        free(s);
    }
    assert_true(cyclic > 300 && cyclic < 2700);
}

static void a_cycle_names_its_members(void **state)
{
    struct sample *s = sample_make(5);
    struct manifest m;
    (void)state;

    depend(s, 0, 1);
    depend(s, 1, 2);
    depend(s, 2, 3);
    depend(s, 3, 1);
    depend(s, 4, 0);
    struct verdict v = judge(s, NULL, &m);
    assert_int_equal(v.all, 1);
    assert_non_null(strstr(v.last, "s1 -> s2 -> s3 -> s1"));
    assert_null(strstr(v.last, "s0"));
    free(s);
}

static bool only_x(void *context, const char *path)
{
    ++*(unsigned *)context;
    return strcmp(path, "sbin/x") == 0;
}

static void programs_and_memory_are_those_of_the_parent(void **state)
{
    struct sample *s = sample_make(3);
    struct manifest m;
    unsigned asked = 0;
    struct manifest_env env = {.context = &asked, .program = only_x, .memory = 3 << 20};
    (void)state;

    assert_int_equal(judge(s, &env, &m).all, 0);
    assert_int_equal(asked, 3);
    s->service[2].program = "sbin/y";
    struct verdict v = judge(s, &env, &m);
    assert_int_equal(v.count[MANIFEST_UNKNOWN_PROGRAM], 1);
    assert_int_equal(v.all, 1);
    s->service[2].program = "sbin/x";
    env.memory -= 4096;
    assert_int_equal(judge(s, &env, &m).count[MANIFEST_MEMORY_EXCEEDED], 1);
    s->service[2].on_request = true;
    assert_int_equal(judge(s, &env, &m).all, 0);
    s->service[2].memory = UINT64_MAX & ~(uint64_t)4095;
    assert_int_equal(judge(s, &env, &m).count[MANIFEST_MEMORY_EXCEEDED], 1);
    s->service[2].on_request = false;
    assert_int_equal(judge(s, &env, &m).count[MANIFEST_MEMORY_EXCEEDED], 1);
    free(s);
}

/* Every value of a field against what the rule says. */
static void values_are_judged_at_their_limits(void **state)
{
    struct sample *s = sample_make(1);
    struct manifest_service *f = &s->service[0];
    struct manifest m;
    (void)state;

#define LIMIT(field, value, rule, broken)                                                                              \
    do {                                                                                                               \
        struct manifest_service keep = *f;                                                                             \
        f->field = (value);                                                                                            \
        struct verdict v = judge(s, NULL, &m);                                                                         \
        assert_int_equal(v.count[MANIFEST_##rule], broken);                                                            \
        assert_int_equal(v.all, broken);                                                                               \
        *f = keep;                                                                                                     \
    } while (0)

    LIMIT(priority, 0, PRIORITY, 1);
    LIMIT(priority, 1, PRIORITY, 0);
    LIMIT(priority, 254, PRIORITY, 0);
    LIMIT(priority, 255, PRIORITY, 1);
    LIMIT(slots, 63, SLOTS, 1);
    LIMIT(slots, 32768, SLOTS, 0);
    LIMIT(slots, 32769, SLOTS, 1);
    LIMIT(memory, 384 << 10, MEMORY_BUDGET, 0);
    LIMIT(memory, (384 << 10) - 4096, MEMORY_BUDGET, 1);
    LIMIT(memory, (1 << 20) + 1, MEMORY_BUDGET, 1);
    LIMIT(restart, MANIFEST_RESTARTS, RESTART_POLICY, 1);
    LIMIT(restart, 0xffff, RESTART_POLICY, 1);
    LIMIT(restart, MANIFEST_ALWAYS, RESTART_POLICY, 1); /* without a back-off */
    LIMIT(readiness, MANIFEST_READINESSES, READINESS, 1);
    LIMIT(instances, 0, INSTANCES, 1);
    LIMIT(instances, 2, INSTANCES, 1);
    LIMIT(period_ns, 1000000, CPU_BUDGET, 1);
    LIMIT(cpu_ns, 1, CPU_BUDGET, 1);
    f->period_ns = 1000000;
    LIMIT(cpu_ns, 1000000, CPU_BUDGET, 0);
    LIMIT(cpu_ns, 1000001, CPU_BUDGET, 1);
    f->cpu_ns = 1;
    LIMIT(period_ns, 999999, CPU_BUDGET, 1);
    LIMIT(period_ns, 10000000000, CPU_BUDGET, 0);
    LIMIT(period_ns, 10000000001, CPU_BUDGET, 1);
    f->period_ns = f->cpu_ns = 0;
    LIMIT(name, "", SERVICE_NAME, 1);
    LIMIT(name, "init", SERVICE_NAME, 1);
    LIMIT(name, "0123456789012345678901234567890", SERVICE_NAME, 0);
    LIMIT(name, "01234567890123456789012345678901", SERVICE_NAME, 1);
    LIMIT(program, "/sbin/x", PROGRAM_PATH, 1);
    LIMIT(program, "sbin/", PROGRAM_PATH, 1);
    LIMIT(program, "../x", PROGRAM_PATH, 1);
    LIMIT(program, "a/./x", PROGRAM_PATH, 1);
    LIMIT(program, "a/.x", PROGRAM_PATH, 0);
    LIMIT(program, "a\n", PROGRAM_PATH, 1);
    free(s);
}

/* Each source takes each right that it has and no other, and its range to the last number. */
static void sources_give_what_they_have(void **state)
{
    struct manifest m;
    (void)state;

    for (unsigned source = 0; source < MANIFEST_SOURCES; source++) {
        const struct manifest_source_info *from = &manifest_sources[source];
        struct sample *s = sample_make(2);
        struct manifest_cap *c = &s->cap[0][0];
        s->service[0].cap_count = 1;
        s->service[1].provided_count = 1;
        s->provided[1][0] = (struct manifest_provided){.name = "p", .capability = "e", .rights = 40};
        *c = (struct manifest_cap){.name = "c", .from = "p", .source = (uint16_t)source};
        c->count = from->limit && !from->whole_only ? from->grain : 0;
        assert_int_equal(judge(s, NULL, &m).count[MANIFEST_NO_RIGHTS], 1);
        for (unsigned right = 1; right < 0x100; right <<= 1) {
            c->rights = (uint8_t)right;
            assert_int_equal(judge(s, NULL, &m).count[MANIFEST_RIGHTS_EXCEEDED] > 0, (from->rights & right) == 0);
        }
        c->rights = from->usual;
        assert_int_equal(judge(s, NULL, &m).all, 0);
        c->first = from->limit ? from->limit - from->grain : 1;
        c->count = from->limit ? from->grain : 0;
        assert_int_equal(judge(s, NULL, &m).count[MANIFEST_SOURCE_RANGE], from->limit == 0);
        c->first = from->limit;
        c->count = 1;
        assert_int_equal(judge(s, NULL, &m).count[MANIFEST_SOURCE_RANGE], 1);
        c->first = UINT64_MAX;
        assert_int_equal(judge(s, NULL, &m).count[MANIFEST_SOURCE_RANGE], 1);
        free(s);
    }
}

/* Any bit of a message turned: judged, and when it is accepted still within all limits. */
static void damaged_messages_are_judged(void **state)
{
    static uint8_t bytes[ROOM];
    struct sample *s = sample_make(3);
    struct manifest m;
    unsigned refused = 0;
    (void)state;

    depend(s, 1, 0);
    s->service[0].provided_count = 1;
    s->provided[0][0] = (struct manifest_provided){.name = "p", .capability = "e", .rights = 40};
    s->service[2].cap_count = 1;
    s->cap[2][0] = (struct manifest_cap){.name = "c", .from = "p", .source = MANIFEST_SERVICE, .rights = 8};
    size_t size = manifest_encode(&s->m, bytes, sizeof bytes);
    assert_int_equal(judge_bytes(bytes, size, NULL, &m).all, 0);
    for (size_t at = 0; at < size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1u << bit);
            refused += judge_bytes(bytes, size, NULL, &m).all > 0;
            bytes[at] ^= (uint8_t)(1u << bit);
        }
    assert_true(refused > size);
    for (size_t cut = 0; cut < size; cut++)
        assert_true(judge_bytes(bytes, cut, NULL, &m).all > 0);
    free(s);
}

static void two_hundred_services_are_sound(void **state)
{
    static uint8_t bytes[ROOM];
    static struct manifest_service services[200];
    static char names[200][24];
    struct manifest m, from = {.name = "", .source = "", .major = MANIFEST_MAJOR, .services = services, .count = 200};
    struct sample *s = sample_make(1);
    (void)state;

    for (int i = 0; i < 200; i++) {
        services[i] = s->service[0];
        snprintf(names[i], sizeof names[i], "service%d", i);
        services[i].name = names[i];
    }
    size_t size = manifest_encode(&from, bytes, sizeof bytes);
    assert_int_equal(judge_bytes(bytes, size, NULL, &m).all, 0);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(manifest_find_service(&m, names[i]), i);
    services[199].name = names[0];
    size = manifest_encode(&from, bytes, sizeof bytes);
    assert_int_equal(judge_bytes(bytes, size, NULL, &m).count[MANIFEST_DUPLICATE_SERVICE], 1);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("manifest: what is encoded is decoded [M148]", what_is_encoded_is_decoded),
        TEST("manifest: cycles are found where a naive search finds them, else there is an order [M299]",
             cycles_are_found_by_a_naive_search_too),
        TEST("manifest: a cycle names its members and nobody else", a_cycle_names_its_members),
        TEST("manifest: programs and memory are those of the parent", programs_and_memory_are_those_of_the_parent),
        TEST("manifest: values are judged at their limits", values_are_judged_at_their_limits),
        TEST("manifest: sources give what they have", sources_give_what_they_have),
        TEST("manifest: messages with any bit turned, or cut anywhere, are judged", damaged_messages_are_judged),
        TEST("manifest: 200 services are sound, and one name twice among them is not", two_hundred_services_are_sound),
    };

    return RUN_TESTS(tests);
}
