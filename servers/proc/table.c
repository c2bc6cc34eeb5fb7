/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records.  A badge names one program of one life of a record; what init mints has bit 63 clear:
 *
 *   63   62..16       15..0
 *   1    generation   index
 */
#include <libmnos/heap.h>
#include <mnos/calls.h>
#include <str.h>

#include "proc.h"

#define BADGE_OURS (1ull << 63)

struct proc *proc_at[PROCS_MAX];
uint32_t procs_made;

static int32_t last_pid = WORLD_PID;

static struct proc *record_take(void)
{
    for (uint32_t i = 0; i < procs_made; i++)
        if (proc_at[i]->state == FREE)
            return proc_at[i];
    if (procs_made == PROCS_MAX)
        return NULL;
    struct proc *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->index = procs_made;
    proc_at[procs_made++] = p;
    return p;
}

/* What was there before stays only in index and generation. */
static void record_clear(struct proc *p)
{
    *p = (struct proc){
        .index = p->index, .generation = p->generation, .process = MNOS_NONE, .thread = MNOS_NONE, .state = FREE};
}

static struct proc *world_new(uint64_t badge)
{
    struct proc *p = record_take();

    if (!p)
        return NULL;
    record_clear(p);
    p->state = RUNNING;
    p->badge = badge;
    p->pid = WORLD_PID;
    p->world = p->parent = p;
    return p;
}

struct proc *proc_of_badge(uint64_t badge)
{
    if ((badge & BADGE_OURS) != 0) {
        uint64_t index = badge & 0xffff;
        struct proc *p = index < procs_made ? proc_at[index] : NULL;
        return p && p->badge == badge && (p->state == RUNNING || p->state == STOPPED) ? p : NULL;
    }
    for (uint32_t i = 0; i < procs_made; i++)
        if (proc_at[i]->state != FREE && proc_at[i]->badge == badge)
            return proc_at[i];
    return world_new(badge);
}

/* Any of its numbers: a group and a session keep their number while they have members. */
static bool pid_taken(int32_t pid)
{
    for (uint32_t i = 0; i < procs_made; i++) {
        const struct proc *p = proc_at[i];
        if (p->state != FREE && (p->pid == pid || p->group == pid || p->session == pid))
            return true;
    }
    return false;
}

static int32_t pid_new(void)
{
    do {
        last_pid = last_pid + 1 < PID_LIMIT ? last_pid + 1 : WORLD_PID + 1;
    } while (pid_taken(last_pid));
    return last_pid;
}

struct proc *proc_of_pid(const struct proc *world, int64_t pid)
{
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *p = proc_at[i];
        if (p->state != FREE && p->world == world && p != world && p->pid == pid)
            return p;
    }
    return NULL;
}

bool group_exists(const struct proc *world, int64_t group, int64_t session)
{
    for (uint32_t i = 0; i < procs_made; i++) {
        const struct proc *p = proc_at[i];
        if (p->state != FREE && p->world == world && p != world && p->group == group && p->session == session)
            return true;
    }
    return false;
}

uint64_t proc_badge_new(struct proc *p)
{
    return BADGE_OURS | (uint64_t)++p->generation << 16 | p->index;
}

struct proc *proc_new(struct proc *parent)
{
    if (parent->world->count >= WORLD_PROCS_MAX)
        return NULL;
    struct proc *p = record_take();
    if (!p)
        return NULL;
    record_clear(p);
    p->pid = pid_new();
    p->state = RUNNING;
    p->world = parent->world;
    p->parent = parent;
    /* What a world starts is a session of its own. */
    bool leads = parent == parent->world;
    p->group = leads ? p->pid : parent->group;
    p->session = leads ? p->pid : parent->session;
    p->world->count++;
    return p;
}

void staged_drop(struct proc *p)
{
    for (uint32_t i = 0; i < p->staged_count; i++)
        mnos_cap_delete(p->staged[i]);
    free(p->staged);
    p->staged = NULL;
    p->staged_count = 0;
}

void parts_drop(struct proc *p)
{
    while (p->parts > 0)
        mnos_cap_delete(p->part[--p->parts].memory);
}

void proc_free(struct proc *p)
{
    staged_drop(p);
    parts_drop(p);
    wait_forget(p);
    if (p->process != MNOS_NONE)
        mnos_cap_delete(p->process);
    if (p->thread != MNOS_NONE)
        mnos_cap_delete(p->thread);
    if (p != p->world)
        p->world->count--;
    record_clear(p);
}

void world_end(uint64_t badge)
{
    struct proc *world = NULL;

    for (uint32_t i = 0; i < procs_made && (badge & BADGE_OURS) == 0; i++)
        if (proc_at[i]->state != FREE && proc_at[i]->badge == badge)
            world = proc_at[i];
    if (!world)
        return;
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *p = proc_at[i];
        if (p->state == FREE || p->world != world || p == world)
            continue;
        if (p->process != MNOS_NONE)
            (void)mnos_proc_destroy(p->process, PROC_EXIT_SIGNAL | SIGKILL);
        proc_free(p);
    }
    proc_free(world);
}
