/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/authority.h>
#include <libmnos/clock.h>
#include <libmnos/heap.h>
#include <libmnos/page.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>
#include <ustar.h>

#define PROCESSES 512u
#define CAPS      4096u
#define TRIES     100u

static bool record(mnos_handle_t system, enum mnos_info what, uint64_t index, void *out, uint64_t size)
{
    return mnos_system_info(system, what, index, out, size) >= 0;
}

static bool graph_read(struct authority *a, mnos_handle_t system)
{
    struct mnos_info_process p;
    struct mnos_info_cap c;

    a->process_count = a->cap_count = 0;
    for (uint64_t pid = 0; record(system, MNOS_INFO_PROCESS, pid, &p, sizeof p); pid = p.pid + 1)
        if (!authority_add_process(a, p.pid, p.parent, p.name))
            return false;
    for (uint64_t at = 0; record(system, MNOS_INFO_CAP, at, &c, sizeof c); at = (c.pid << 32 | c.slot) + 1)
        if (!authority_add_cap(a, &c))
            return false;
    return true;
}

/* The same processes, the same number of capabilities with the same nodes: nothing happened while it was read. */
static bool graph_still(const struct authority *a, mnos_handle_t system)
{
    struct mnos_info_process p;
    struct mnos_info_cap c;
    uint32_t processes = 0, caps = 0;

    for (uint64_t pid = 0; record(system, MNOS_INFO_PROCESS, pid, &p, sizeof p); pid = p.pid + 1)
        if (processes >= a->process_count || a->processes[processes++].pid != p.pid)
            return false;
    for (uint64_t at = 0; record(system, MNOS_INFO_CAP, at, &c, sizeof c); at = (c.pid << 32 | c.slot) + 1)
        if (caps >= a->cap_count || a->caps[caps++].info.node != c.node)
            return false;
    return processes == a->process_count && caps == a->cap_count;
}

static int64_t compare(struct authority *a, const struct manifest *m, mnos_handle_t system, authority_report_fn *report,
                       void *context)
{
    uint32_t bad;

    for (unsigned i = 0; i < TRIES; i++) {
        if (graph_read(a, system) && graph_still(a, system) && !authority_link(a, &bad))
            return authority_compare(a, m, report, context);
        sleep_ns(MNOS_MS);
    }
    return -MNOS_E_BUSY;
}

static void nothing(void *context, const struct manifest *m, enum manifest_rule rule, uint32_t line, const char *text)
{
    (void)context, (void)m, (void)rule, (void)line, (void)text;
}

static int64_t with_manifest(struct authority *a, const struct ustar_member *file, mnos_handle_t system,
                             authority_report_fn *report, void *context)
{
    size_t room = manifest_arena_size(file->size);
    struct manifest_env env = {0};
    struct manifest m;
    void *arena = malloc(room);
    int64_t result = arena ? -MNOS_E_INVALID : -MNOS_E_NO_MEMORY;

    if (arena && manifest_decode(&m, file->data, file->size, arena, room, nothing, NULL) &&
        manifest_check(&m, &env, nothing, NULL) == 0)
        result = compare(a, &m, system, report, context);
    free(arena);
    return result;
}

static int64_t with_package(const void *bytes, size_t size, mnos_handle_t system, authority_report_fn *report,
                            void *context)
{
    struct authority a = {.process_room = PROCESSES, .cap_room = CAPS, .index_room = 2 * CAPS};
    struct ustar_member file;
    int64_t result = -MNOS_E_NO_MEMORY;

    if (ustar_find(bytes, size, MANIFEST_PATH, &file) != USTAR_OK)
        return -MNOS_E_INVALID;
    a.processes = calloc(a.process_room, sizeof *a.processes);
    a.caps = calloc(a.cap_room, sizeof *a.caps);
    a.index = calloc(a.index_room, sizeof *a.index);
    if (a.processes && a.caps && a.index)
        result = with_manifest(&a, &file, system, report, context);
    free(a.processes);
    free(a.caps);
    free(a.index);
    return result;
}

int64_t authority_check(mnos_handle_t system, mnos_handle_t package, authority_report_fn *report, void *context)
{
    struct mnos_cap_info info = {0};
    enum mnos_error error = MNOS_OK;

    if (mnos_cap_inspect(package, &info, sizeof info) < 0 || info.type != MNOS_TYPE_MEMORY)
        return -MNOS_E_INVALID;
    const void *bytes = map_memory(package, 0, info.size, MNOS_MAP_READ, &error);
    if (!bytes)
        return -(int64_t)error;
    int64_t result = with_package(bytes, info.size, system, report, context);
    unmap_memory((void *)(uintptr_t)bytes, info.size);
    return result;
}
