/* SPDX-License-Identifier: BSD-2-Clause */
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>

#include "file.h"
#include "plan.h"
#include "views.h"

#define VIEWS_MAX 256u

static struct backing backing[BACKINGS_MAX];
static struct view view[VIEWS_MAX]; /* ascending */
static uint32_t views;

static mnos_handle_t copy[BACKINGS_MAX];   /* of a private backing, for the child of a fork; MNOS_NONE: none */
static uint32_t fork_memory[BACKINGS_MAX]; /* numbers of capabilities in the request */

static struct backing *backing_unused(void)
{
    for (uint32_t i = 0; i < BACKINGS_MAX; i++)
        if (backing[i].refs == 0)
            return &backing[i];
    return NULL;
}

bool views_any(void)
{
    return __atomic_load_n(&views, __ATOMIC_RELAXED) != 0;
}

bool views_room(void)
{
    return views + 2 <= VIEWS_MAX && backing_unused() != NULL;
}

static void view_insert(uint32_t i, struct view what)
{
    memmove(&view[i + 1], &view[i], (views - i) * sizeof view[0]);
    view[i] = what;
    views++;
    what.backing->refs++;
}

static void view_remove(uint32_t i)
{
    struct backing *of = view[i].backing;

    memmove(&view[i], &view[i + 1], (--views - i) * sizeof view[0]);
    if (--of->refs > 0)
        return;
    mnos_cap_delete(of->memory);
    if (of->file != MNOS_NONE)
        mnos_cap_delete(of->file);
}

void view_add(struct view what, struct backing of)
{
    struct backing *place = backing_unused();
    uint32_t i = 0;

    of.refs = 0;
    *place = of;
    what.backing = place;
    while (i < views && view[i].start < what.start)
        i++;
    view_insert(i, what);
}

void views_cut(uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < views;) {
        struct view v = view[i];
        if (v.end <= start || end <= v.start) {
            i++;
            continue;
        }
        /* What is left of it comes first, so that its backing stays. */
        uint32_t more = 0;
        if (v.start < start)
            view_insert(i + ++more, (struct view){v.start, start, v.offset, v.backing});
        if (end < v.end)
            view_insert(i + ++more, (struct view){end, v.end, v.offset + (end - v.start), v.backing});
        view_remove(i);
        i += more;
    }
}

const struct view *view_from(uint64_t address)
{
    uint32_t low = 0, high = views;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (view[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < views ? &view[low] : NULL;
}

/* ---- Fork ---- */

static uint32_t number_of(const struct backing *of)
{
    return (uint32_t)(of - backing);
}

uint32_t view_memory(const struct view *v)
{
    return PROC_BLOCK + 1 + fork_memory[number_of(v->backing)];
}

static uint64_t bytes_of(mnos_handle_t memory)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(memory, &info, sizeof info) < 0 ? 0 : info.size;
}

/* A capability reaches as far as the file did when it was given: what the child is to map may lie behind that by now. */
static void memory_renew(struct backing *of)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, MNOS_PAGE_SIZE};
    struct mnos_call_data data = {.send_cap = MNOS_NONE, .recv_caps = 1};

    if (!of->shared || of->file == MNOS_NONE || px_file_call_with(of->file, VFS_MAP, words, &data) < 0 ||
        data.recv_cap[0] == MNOS_NONE)
        return;
    bool longer = bytes_of(data.recv_cap[0]) > bytes_of(of->memory);
    mnos_cap_delete(longer ? of->memory : data.recv_cap[0]);
    if (longer)
        of->memory = data.recv_cap[0];
}

/* Twice: the server maps through one, and the child keeps the other. */
static uint32_t cap_again(struct plan *plan, mnos_handle_t handle)
{
    if (plan->caps == PROC_CAPS_MAX)
        return PROC_NO_CAP;
    plan->cap[plan->caps] = handle;
    return plan->caps++;
}

static void record_add(struct posix_start_fd *record, uint32_t *count, uint32_t number, uint32_t cap)
{
    record[*count] = (struct posix_start_fd){
        .fd = POSIX_HELD_FIRST + number, .handle = cap, .kind = POSIX_FD_HELD, .shared = *count};
    (*count)++;
}

bool views_fork(struct plan *plan, struct posix_start_fd *record, uint32_t *count)
{
    for (uint32_t i = 0; i < BACKINGS_MAX; i++)
        copy[i] = MNOS_NONE;
    for (uint32_t i = 0; i < BACKINGS_MAX; i++) {
        struct backing *of = &backing[i];
        if (of->refs == 0)
            continue;
        memory_renew(of);
        mnos_handle_t memory = of->memory;
        if (!of->shared) {
            int64_t made = mnos_mem_alloc(px.pool, 0, MNOS_MEM_COW, of->memory);
            if (made < 0)
                return false;
            memory = copy[i] = (mnos_handle_t)made;
        }
        fork_memory[i] = cap_again(plan, memory);
        record_add(record, count, 2 * i, cap_again(plan, memory));
        if (of->file != MNOS_NONE)
            record_add(record, count, 2 * i + 1, px_plan_cap(plan, of->file));
    }
    return plan->caps < PROC_CAPS_MAX;
}

void views_fork_end(void)
{
    for (uint32_t i = 0; i < BACKINGS_MAX; i++) {
        if (copy[i] != MNOS_NONE)
            mnos_cap_delete(copy[i]);
        copy[i] = MNOS_NONE;
    }
}

void views_forked(uint32_t number, mnos_handle_t handle)
{
    struct backing *of = &backing[(number - POSIX_HELD_FIRST) / 2 % BACKINGS_MAX];

    if ((number - POSIX_HELD_FIRST) % 2 == 0)
        of->memory = handle;
    else
        of->file = handle;
}
