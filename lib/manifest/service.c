/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be said of a service without looking at others. */
#include <mnos/memory.h>
#include <str.h>

#include "manifest.h"

#define KIB          1024u
#define MEMORY_LEAST (384u * KIB) /* a stack of 256 KiB, tables, the smallest program */
#define NS_PER_MS    1000000ull
#define PERIOD_MAX   (10000 * NS_PER_MS)
#define PRIORITY_MAX 254u
#define SLOTS_MIN    64u
#define SLOTS_MAX    32768u
#define SLOTS_SPARE  16u /* for what a program makes itself */
#define INSTANCES    64u
#define PATH_MAX     255u

/* Relative, of non-empty parts none of which is "." or "..". */
static bool path_ok(const char *path)
{
    size_t length = strnlen(path, PATH_MAX + 1), part = 0;

    if (length == 0 || length > PATH_MAX)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            if (path[i] < ' ' || path[i] > '~')
                return false;
            part++;
            continue;
        }
        const char *start = path + i - part;
        if (part == 0 || (part == 1 && start[0] == '.') || (part == 2 && start[0] == '.' && start[1] == '.'))
            return false;
        part = 0;
    }
    return true;
}

static void arguments_check(struct check *c, const struct manifest_service *s)
{
    size_t bytes = strlen(s->name) + 1;

    for (uint32_t i = 0; i < s->arg_count && i <= MANIFEST_ARGS_MAX; i++)
        bytes += strlen(s->args[i]) + 1;
    if (s->arg_count > MANIFEST_ARGS_MAX)
        breach(c, MANIFEST_ARGUMENTS, s->line, "service '%s' has %u arguments; %u are possible", s->name, s->arg_count,
               MANIFEST_ARGS_MAX);
    else if (bytes > MANIFEST_ARGS_BYTES)
        breach(c, MANIFEST_ARGUMENTS, s->line, "service '%s' has %llu bytes of arguments; %u are possible", s->name,
               (unsigned long long)bytes, MANIFEST_ARGS_BYTES);
}

static void budgets_check(struct check *c, const struct manifest_service *s)
{
    if (s->memory < MEMORY_LEAST || s->memory % MNOS_PAGE_SIZE != 0)
        breach(c, MANIFEST_MEMORY_BUDGET, s->line, "service '%s' has a memory budget of %llu bytes; %s", s->name,
               (unsigned long long)s->memory, s->memory < MEMORY_LEAST ? "384 KiB are the least" : "no whole pages");
    bool any = s->cpu_ns != 0 || s->period_ns != 0;
    if (any && (s->cpu_ns == 0 || s->cpu_ns > s->period_ns || s->period_ns < NS_PER_MS || s->period_ns > PERIOD_MAX))
        breach(c, MANIFEST_CPU_BUDGET, s->line, "service '%s' may use %llu ns of each %llu ns", s->name,
               (unsigned long long)s->cpu_ns, (unsigned long long)s->period_ns);
    if (s->priority == 0 || s->priority > PRIORITY_MAX)
        breach(c, MANIFEST_PRIORITY, s->line, "service '%s' has the priority %u", s->name, s->priority);
}

static void policy_check(struct check *c, const struct manifest_service *s)
{
    if (s->restart >= MANIFEST_RESTARTS)
        breach(c, MANIFEST_RESTART_POLICY, s->line, "service '%s' has the restart policy number %u", s->name,
               s->restart);
    else if (s->restart != MANIFEST_NEVER && (s->backoff_ms == 0 || s->backoff_ms > s->backoff_max_ms))
        breach(c, MANIFEST_RESTART_POLICY, s->line, "service '%s' has a back-off of %u ms, at most %u ms", s->name,
               s->backoff_ms, s->backoff_max_ms);
    if (s->readiness >= MANIFEST_READINESSES)
        breach(c, MANIFEST_READINESS, s->line, "service '%s' has the readiness number %u", s->name, s->readiness);
    if (s->instances == 0 || s->instances > INSTANCES ||
        (s->instances > 1 && (!s->on_request || s->provided_count > 0 || s->restart != MANIFEST_NEVER ||
                              s->readiness != MANIFEST_REGISTERED)))
        breach(c, MANIFEST_INSTANCES, s->line, "service '%s' cannot have %u instances", s->name, s->instances);
}

bool manifest_is_module(const char *program)
{
    size_t length = strlen(program), ending = sizeof MANIFEST_MODULE - 1;

    return length > ending && strcmp(program + length - ending, MANIFEST_MODULE) == 0;
}

static void module_check(struct check *c, const struct manifest_service *s)
{
    uint32_t i = 0;

    if (!manifest_is_module(s->program))
        return;
    while (i < s->cap_count && (s->caps[i].source != MANIFEST_POOL || strcmp(s->caps[i].name, "pool") != 0))
        i++;
    if (i == s->cap_count)
        breach(c, MANIFEST_MODULE_POOL, s->line, "service '%s' runs a module, and has no capability 'pool'", s->name);
}

void service_check(struct check *c, const struct manifest_service *s)
{
    if (!path_ok(s->program))
        breach(c, MANIFEST_PROGRAM_PATH, s->line, "service '%s' has the program '%s'", s->name, s->program);
    arguments_check(c, s);
    budgets_check(c, s);
    policy_check(c, s);
    module_check(c, s);
    if (s->slots < SLOTS_MIN || s->slots > SLOTS_MAX || s->slots < s->cap_count + s->provided_count + SLOTS_SPARE)
        breach(c, MANIFEST_SLOTS, s->line, "service '%s' cannot have a capability table of %u slots", s->name,
               s->slots);
}
