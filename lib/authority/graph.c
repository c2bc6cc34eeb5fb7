/* SPDX-License-Identifier: BSD-2-Clause */
/* The graph itself: holders, origins, roots. */
#include <authority.h>
#include <str.h>

#include "parts.h"

bool authority_add_process(struct authority *a, uint64_t pid, uint64_t parent, const char *name)
{
    if (a->process_count == a->process_room || a->cap_count > 0 ||
        (a->process_count > 0 && a->processes[a->process_count - 1].pid >= pid))
        return false;
    struct authority_process *p = &a->processes[a->process_count++];
    *p = (struct authority_process){.pid = pid, .parent = parent, .domain = MANIFEST_NOBODY};
    memcpy(p->name, name, strnlen(name, sizeof p->name - 1));
    return true;
}

static uint32_t process_find(const struct authority *a, uint64_t pid)
{
    for (uint32_t low = 0, high = a->process_count; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (a->processes[middle].pid == pid)
            return middle;
        if (a->processes[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return MANIFEST_NOBODY;
}

bool authority_add_cap(struct authority *a, const struct mnos_info_cap *cap)
{
    if (a->cap_count == a->cap_room)
        return false;
    if (a->cap_count > 0 && a->caps[a->cap_count - 1].info.pid > cap->pid)
        return false;
    a->caps[a->cap_count++] = (struct authority_cap){
        .info = *cap, .process = process_find(a, cap->pid), .origin = MANIFEST_NOBODY, .root = MANIFEST_NOBODY};
    return true;
}

/* The place of this node in the index: its capability, or where it would stand. */
static uint32_t *node_place(const struct authority *a, uint64_t node)
{
    uint32_t mask = a->index_room - 1, at = (uint32_t)(node * 0x9e3779b97f4a7c15 >> 32) & mask;

    while (a->index[at] != MANIFEST_NOBODY && a->caps[a->index[at]].info.node != node)
        at = (at + 1) & mask;
    return &a->index[at];
}

static const char *holders_link(struct authority *a, uint32_t *bad)
{
    for (uint32_t i = 0; i < a->index_room; i++)
        a->index[i] = MANIFEST_NOBODY;
    for (*bad = 0; *bad < a->cap_count; ++*bad) {
        struct authority_cap *c = &a->caps[*bad];
        if (c->process == MANIFEST_NOBODY)
            return "a capability of a process that is not there";
        struct authority_process *p = &a->processes[c->process];
        if (p->count++ == 0)
            p->first = *bad;
        uint32_t *place = node_place(a, c->info.node);
        if (*place != MANIFEST_NOBODY)
            return "a capability twice";
        *place = *bad;
    }
    return NULL;
}

static const char *origins_link(struct authority *a, uint32_t *bad)
{
    for (*bad = 0; *bad < a->cap_count; ++*bad) {
        struct authority_cap *c = &a->caps[*bad];
        if (c->info.parent == 0)
            continue;
        c->origin = *node_place(a, c->info.parent);
        if (c->origin == MANIFEST_NOBODY)
            return "the origin of a capability is not listed";
        if (a->caps[c->origin].info.type != c->info.type)
            return "a capability is of another type than its origin";
    }
    return NULL;
}

static const char *roots_find(struct authority *a, uint32_t *bad)
{
    for (*bad = 0; *bad < a->cap_count; ++*bad) {
        uint32_t at = *bad, steps = 0;
        while (a->caps[at].origin != MANIFEST_NOBODY && steps++ < a->cap_count)
            at = a->caps[at].origin;
        if (a->caps[at].origin != MANIFEST_NOBODY)
            return "a capability is derived from itself";
        a->caps[*bad].root = at;
    }
    return NULL;
}

const char *authority_link(struct authority *a, uint32_t *cap)
{
    const char *wrong = holders_link(a, cap);

    if (!wrong)
        wrong = origins_link(a, cap);
    return wrong ? wrong : roots_find(a, cap);
}

uint32_t parent_of(const struct authority *a, const struct authority_process *p)
{
    return process_find(a, p->parent);
}

const struct authority_process *holder_of(const struct authority *a, const struct authority_cap *c)
{
    return &a->processes[c->process];
}
