/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest: decoded and judged as a whole, before there is any process. */
#include <libmnos/clock.h>
#include <libmnos/heap.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

#include "init.h"

static unsigned breaches;

static void report(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)context;
    breaches++;
    if (line > 0)
        log_line("init: %s:%u: %s: %s", m->source, line, manifest_rule_name(rule), text);
    else
        log_line("init: manifest: %s: %s", manifest_rule_name(rule), text);
}

static bool program_known(void *context, const char *path)
{
    (void)context;
    return package_program(path) != NULL;
}

/* What the pool can give before anything runs. */
static uint64_t memory_free(void)
{
    struct mnos_cap_info info = {0};

    if (mnos_cap_inspect(mnos_pool(), &info, sizeof info) < 0 || info.used > info.size)
        return 0;
    return info.size - info.used;
}

static bool judge(const struct ustar_member *member)
{
    struct manifest *m = &init.manifest;
    size_t size = manifest_arena_size(member->size);
    void *arena = malloc(size);
    struct manifest_env env = {.program = program_known, .memory = memory_free()};

    if (!arena) {
        log_line("init: there is no memory to read a manifest of %lu bytes", member->size);
        return false;
    }
    return manifest_decode(m, member->data, member->size, arena, size, report, NULL) &&
           manifest_check(m, &env, report, NULL) == 0;
}

bool manifest_load(void)
{
    const struct ustar_member *member = package_member(MANIFEST_PATH);

    if (!member || member->type != USTAR_FILE) {
        log_line("init: the boot package has no %s", MANIFEST_PATH);
        return false;
    }
    uint64_t began = clock_ns();
    bool good = judge(member);
    init.facts.judge_ns = clock_ns() - began;
    init.facts.services = init.manifest.count;
    if (good)
        log_line("init: system '%s' of %s: %u services are sound, %lu programs parsed, %lu processes created",
                 init.manifest.name, init.manifest.source, init.manifest.count, init.facts.parsed,
                 init.facts.processes);
    else
        log_line("init: the manifest is refused: %u breaches, %lu processes created", breaches, init.facts.processes);
    return good;
}
