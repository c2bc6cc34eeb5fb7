/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of the calling program.
 *
 *   the server's, from the start       segments, stack        ->  copy-on-write children, at the same addresses
 *   the caller's, with the request     arena, start block     ->  copy-on-write children, mapped piece by piece
 *   new                                start block with the child's handles, CapSet, ring page, time page
 *
 * The caller waits in its call meanwhile: its thread changes nothing.
 */
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/thread.h>

#include "request.h"

#define MEMORIES 2u

static bool memory_there(const struct request *r, uint32_t number)
{
    return number < r->caps && r->cap[number] != MNOS_NONE;
}

static enum proc_status fork_check(const struct request *r, const struct proc_fork *f)
{
    const struct proc_spawn *h = &r->head;

    if (h->flags != 0 || h->group != 0 || h->argc != 0 || h->envc != 0 || h->strings_size != 0 || h->image_size != 0 ||
        f->entry == 0 || f->stack == 0 || f->piece_count == 0 || f->piece_count > PROC_PIECES_MAX)
        return PROC_E_INVALID;
    if (!memory_there(r, f->memory[PROC_ARENA]) || !memory_there(r, f->memory[PROC_BLOCK]))
        return PROC_E_NO_CAPABILITY;
    return PROC_OK;
}

static enum proc_status memory_copy(const struct request *r, mnos_handle_t memory, mnos_handle_t *copy)
{
    int64_t made = mnos_mem_alloc(r->pool, 0, MNOS_MEM_COW, memory);

    if (made < 0)
        return status_of(made);
    *copy = (mnos_handle_t)made;
    return PROC_OK;
}

static enum proc_status parts_copy(struct request *r, const struct proc *p)
{
    enum proc_status status = PROC_OK;

    for (uint32_t i = 0; i < p->parts && status == PROC_OK; i++) {
        r->part[i] = p->part[i];
        status = memory_copy(r, p->part[i].memory, &r->part[i].memory);
        r->parts += status == PROC_OK;
    }
    return status;
}

static bool piece_sound(const struct proc_piece *piece)
{
    const uint32_t known = MNOS_MAP_READ | MNOS_MAP_WRITE | MNOS_MAP_EXEC;
    const uint64_t in_page = MNOS_PAGE_SIZE - 1;

    return piece->bytes != 0 && (piece->flags & ~known) == 0 && piece->flags != 0 &&
           ((piece->address | piece->offset | piece->bytes) & in_page) == 0;
}

/* Of which Memory it is; MNOS_NONE: there is no such. */
static mnos_handle_t piece_memory(const struct request *r, const struct proc_piece *piece,
                                  const mnos_handle_t memory[MEMORIES])
{
    if (piece->memory < MEMORIES)
        return memory[piece->memory];
    return memory_there(r, piece->memory - MEMORIES) ? r->cap[piece->memory - MEMORIES] : MNOS_NONE;
}

static enum proc_status pieces_map(const struct request *r, uint32_t count, const mnos_handle_t memory[MEMORIES])
{
    const struct proc_piece *piece = r->image;

    for (uint32_t i = 0; i < count; i++) {
        if (!piece_sound(&piece[i]))
            return PROC_E_INVALID;
        int64_t status = mnos_mem_map(r->child.process, piece_memory(r, &piece[i], memory), piece[i].address,
                                      piece[i].offset, piece[i].bytes, piece[i].flags);
        if (status < 0)
            return status == -MNOS_E_NO_MEMORY ? PROC_E_NO_MEMORY : PROC_E_INVALID;
    }
    return PROC_OK;
}

/* The process with its memory; `memory` are the children of arena and start block. */
static enum proc_status copy_make(struct request *r, const struct proc_fork *f, uint64_t badge,
                                  const mnos_handle_t memory[MEMORIES])
{
    const uint32_t rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT;
    const struct spawn_cap more[MEMORIES] = {
        {.name = PROC_ARENA_NAME, .handle = memory[PROC_ARENA], .rights = rights | MNOS_RIGHT_EXEC},
        {.name = PROC_BLOCK_NAME, .handle = memory[PROC_BLOCK], .rights = rights},
    };
    struct spawn spawn = {
        .regions = r->part, .region_count = r->parts, .entry = f->entry, .stack = f->stack, .fs_base = f->fs_base};
    enum proc_status status = child_make(r, badge, &spawn, more, MEMORIES);

    return status == PROC_OK ? pieces_map(r, f->piece_count, memory) : status;
}

static enum proc_status memories_copy(struct request *r, const struct proc_fork *f, const struct proc *p,
                                      uint64_t badge)
{
    mnos_handle_t memory[MEMORIES] = {MNOS_NONE, MNOS_NONE};
    enum proc_status status = parts_copy(r, p);

    for (unsigned i = 0; i < MEMORIES && status == PROC_OK; i++)
        status = memory_copy(r, r->cap[f->memory[i]], &memory[i]);
    if (status == PROC_OK)
        status = copy_make(r, f, badge, memory);
    for (unsigned i = 0; i < MEMORIES; i++)
        if (memory[i] != MNOS_NONE)
            mnos_cap_delete(memory[i]);
    return status;
}

static enum proc_status fork_begin(struct request *r, struct proc_fork *f, struct proc *p, struct call *call)
{
    enum proc_status status = request_begin(r, p, call);

    if (status == PROC_OK && p->parts == 0)
        return PROC_E_NOT_PERMITTED; /* a world: it is no program of the server's */
    if (status == PROC_OK)
        status = request_copy(r, 0, f, sizeof *f);
    if (status == PROC_OK)
        status = fork_check(r, f);
    return status == PROC_OK ? request_copy_image(r, f->pieces, f->piece_count * sizeof(struct proc_piece)) : status;
}

enum proc_status fork_call(struct proc *p, struct call *call)
{
    static struct request r;
    struct proc_fork f;
    struct proc *child = NULL;
    enum proc_status status = fork_begin(&r, &f, p, call);

    if (status == PROC_OK && !(child = proc_new(p)))
        status = PROC_E_AGAIN;
    if (status == PROC_OK) {
        child->badge = proc_badge_new(child);
        status = memories_copy(&r, &f, p, child->badge);
    }
    if (status == PROC_OK) {
        child->ignored = p->ignored;
        child->flags = p->flags;
        child_adopt(child, &r);
        call->out[0] = (uint64_t)child->pid;
    } else if (child) {
        proc_free(child);
    }
    request_end(&r);
    return status;
}
