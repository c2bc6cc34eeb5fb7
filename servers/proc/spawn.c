/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a request to a process.  All bytes are copied out of the caller's memory before they are looked at, into memory that the
 * request's pool pays: the start block, which the child keeps, and the file, which is given back.
 *
 *   caller's buffer:  struct proc_spawn | descriptors | strings | file
 *                                             v           v
 *   start block:      struct posix_start | descriptors | strings      handles of the child in place of numbers
 */
#include <libmnos/heap.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <mnos/memory.h>
#include <mnos/thread.h>
#include <range.h>
#include <str.h>

#include "request.h"

#define SLOTS 4096u /* most capabilities of a process: descriptors, and what libposix holds */

enum proc_status status_of(int64_t error)
{
    switch (error < 0 ? -error : 0) {
    case 0:
        return PROC_OK;
    case MNOS_E_NO_MEMORY:
        return PROC_E_NO_MEMORY;
    case MNOS_E_NO_SLOTS:
        return PROC_E_AGAIN;
    case MNOS_E_FAULT:
    case MNOS_E_RANGE:
    case MNOS_E_PEER_GONE:
        return PROC_E_FAULT;
    default:
        return PROC_E_NO_CAPABILITY; /* it is of another type, has not the rights, or was revoked */
    }
}

/* Where less comes, a page has to be supplied by the caller's pager: not here. */
enum proc_status request_copy(const struct request *r, uint64_t at, void *to, uint64_t bytes)
{
    int64_t got = mnos_ipc_copy_all(r->reply, MNOS_COPY_FROM_CALLER, at, to, bytes);

    return got < 0 ? status_of(got) : (uint64_t)got < bytes ? PROC_E_FAULT : PROC_OK;
}

enum proc_status give_call(struct proc *p, struct call *call)
{
    if (call->caps == 0)
        return PROC_E_NO_CAPABILITY;
    if (p->staged_count + call->caps > PROC_CAPS_MAX)
        return PROC_E_INVALID;
    if (!p->staged && !(p->staged = malloc(PROC_CAPS_MAX * sizeof p->staged[0])))
        return PROC_E_NO_MEMORY;
    memcpy(&p->staged[p->staged_count], call->cap, call->caps * sizeof call->cap[0]);
    p->staged_count += call->caps;
    call->caps = 0;
    call->out[0] = p->staged_count;
    return PROC_OK;
}

/* All that have come belong to this request now. */
static void caps_collect(struct request *r, struct proc *p, struct call *call)
{
    memcpy(r->cap, p->staged, p->staged_count * sizeof r->cap[0]);
    memcpy(r->cap + p->staged_count, call->cap, call->caps * sizeof r->cap[0]);
    r->caps = p->staged_count + call->caps;
    p->staged_count = 0;
    call->caps = 0;
    staged_drop(p);
    for (uint32_t i = 0; i < r->caps; i++)
        r->handle[i] = MNOS_NONE;
}

static bool cap_number_ok(const struct request *r, uint64_t number)
{
    return number == PROC_NO_CAP || number < r->caps;
}

static enum proc_status head_check(const struct request *r)
{
    const struct proc_spawn *h = &r->head;
    const uint32_t end = PROC_HEAD_MAX;

    if (h->flags > (PROC_SET_GROUP | PROC_SET_SESSION) || h->reserved != 0 || h->name[sizeof h->name - 1] != '\0' ||
        h->group < 0 || h->group >= PID_LIMIT)
        return PROC_E_INVALID;
    if (h->fd_count > POSIX_FDS_MAX + POSIX_HELD_MAX || h->fds % 8 != 0)
        return PROC_E_INVALID;
    if (h->strings_size > end || h->image_size > PROC_IMAGE_MAX)
        return PROC_E_TOO_BIG;
    if (!cap_number_ok(r, h->root) || !cap_number_ok(r, h->cwd))
        return PROC_E_NO_CAPABILITY;
    return h->pool < r->caps && r->cap[h->pool] != MNOS_NONE ? PROC_OK : PROC_E_NO_CAPABILITY;
}

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1);
}

/* Memory of the request's pool, mapped here; *memory may be NULL where the mapping is enough. */
static void *memory_make(const struct request *r, uint64_t bytes, mnos_handle_t *memory, enum proc_status *status)
{
    enum mnos_error error = MNOS_OK;
    int64_t made = mnos_mem_alloc(r->pool, bytes, MNOS_MEM_ANON, 0);

    if (made < 0) {
        *status = status_of(made);
        return NULL;
    }
    void *here = map_memory((mnos_handle_t)made, 0, bytes, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    if (!here || !memory)
        mnos_cap_delete((mnos_handle_t)made);
    else
        *memory = (mnos_handle_t)made;
    *status = here ? PROC_OK : PROC_E_NO_MEMORY;
    return here;
}

static bool strings_sound(const char *strings, uint64_t size, uint64_t count)
{
    uint64_t found = 0;

    for (uint64_t i = 0; i < size; i++)
        found += strings[i] == '\0';
    return found == count && (size == 0 || strings[size - 1] == '\0');
}

static bool fd_number_ok(const struct posix_start_fd *f)
{
    return f->kind == POSIX_FD_HELD ? f->fd >= POSIX_HELD_FIRST && f->fd < POSIX_HELD_FIRST + POSIX_HELD_MAX
                                    : f->fd < POSIX_FDS_MAX;
}

/* The rules of posix/start.h, with numbers of capabilities where it has handles. */
static enum proc_status fds_check(const struct request *r, const struct posix_start_fd *record, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct posix_start_fd *f = &record[i];
        if (!fd_number_ok(f) || (i > 0 && f->fd <= record[i - 1].fd) || f->shared > i || f->kind < POSIX_FD_NULL ||
            f->kind > POSIX_FD_HELD || (f->flags & ~(uint32_t)POSIX_FD_CLOEXEC) != 0)
            return PROC_E_INVALID;
        if (!cap_number_ok(r, f->handle))
            return PROC_E_NO_CAPABILITY;
    }
    return PROC_OK;
}

static enum proc_status block_make(struct request *r)
{
    const struct proc_spawn *h = &r->head;
    uint64_t fds_size = (uint64_t)h->fd_count * sizeof(struct posix_start_fd);
    uint64_t size = sizeof(struct posix_start) + fds_size + h->strings_size;
    enum proc_status status;

    r->block_bytes = page_up(size);
    if (r->block_bytes > POSIX_START_MAX)
        return PROC_E_TOO_BIG;
    r->block = memory_make(r, r->block_bytes, &r->block_memory, &status);
    if (status != PROC_OK)
        return status;
    struct posix_start_fd *record = (struct posix_start_fd *)(r->block + 1);
    char *strings = (char *)record + fds_size;
    status = request_copy(r, h->fds, record, fds_size);
    if (status == PROC_OK)
        status = request_copy(r, h->strings, strings, h->strings_size);
    if (status == PROC_OK)
        status = fds_check(r, record, h->fd_count);
    if (status == PROC_OK && !strings_sound(strings, h->strings_size, (uint64_t)h->argc + h->envc))
        status = PROC_E_INVALID;
    *r->block = (struct posix_start){
        .magic = POSIX_START_MAGIC,
        .version = POSIX_START_VERSION,
        .size = (uint32_t)size,
        .argc = h->argc,
        .envc = h->envc,
        .strings = (uint32_t)(sizeof(struct posix_start) + fds_size),
        .strings_size = h->strings_size,
        .fds = sizeof(struct posix_start),
        .fd_count = h->fd_count,
        .umask = h->umask & 0777,
        .cwd_number = h->cwd_number,
        .sigmask = h->sigmask,
        .sigignored = h->sigignored,
        .sigpending = h->sigpending,
    };
    return status;
}

enum proc_status request_copy_image(struct request *r, uint64_t at, uint64_t bytes)
{
    enum proc_status status;

    r->image_bytes = page_up(bytes);
    r->image = memory_make(r, r->image_bytes, NULL, &status);
    return status == PROC_OK ? request_copy(r, at, r->image, bytes) : status;
}

/* A capability of the request into the child's table; the child has each once. */
static enum proc_status cap_hand(struct request *r, uint32_t number, mnos_handle_t *out)
{
    *out = MNOS_NONE;
    if (number == PROC_NO_CAP)
        return PROC_OK;
    if (r->handle[number] == MNOS_NONE) {
        if (r->cap[number] == MNOS_NONE)
            return PROC_E_NO_CAPABILITY; /* the pool */
        int64_t moved = mnos_cap_transfer(r->child.process, r->cap[number], 0, MNOS_NONE);
        if (moved < 0)
            return status_of(moved);
        r->cap[number] = MNOS_NONE;
        r->handle[number] = (mnos_handle_t)moved;
    }
    *out = r->handle[number];
    return PROC_OK;
}

static enum proc_status caps_hand(struct request *r)
{
    struct posix_start_fd *record = (struct posix_start_fd *)(r->block + 1);
    enum proc_status status = cap_hand(r, r->head.root, &r->block->root);

    if (status == PROC_OK)
        status = cap_hand(r, r->head.cwd, &r->block->cwd);
    for (uint32_t i = 0; i < r->head.fd_count && status == PROC_OK; i++)
        status = cap_hand(r, (uint32_t)record[i].handle, &record[i].handle);
    return status;
}

enum proc_status child_make(struct request *r, uint64_t badge, struct spawn *spawn, const struct spawn_cap *more,
                            unsigned more_count)
{
    int64_t own = mnos_cap_create(MNOS_CREATE_MINT, endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, badge, 0);

    if (own < 0)
        return PROC_E_AGAIN;
    const uint32_t block_rights = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT;
    struct spawn_cap caps[3 + REQUEST_MORE_MAX] = {
        {.name = "pool", .handle = r->pool, .rights = MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT},
        {.name = POSIX_START_NAME, .handle = r->block_memory, .rights = block_rights},
        {.name = PROC_CAP_NAME, .handle = (mnos_handle_t)own, .rights = MNOS_RIGHT_SEND},
    };
    for (unsigned i = 0; i < more_count; i++)
        caps[3 + i] = more[i];
    spawn->name = r->head.name;
    spawn->pool = r->pool;
    spawn->slots = SLOTS;
    spawn->fault = MNOS_NONE;
    spawn->caps = caps;
    spawn->cap_count = 3 + more_count;
    spawn->suspended = true;
    enum mnos_error error = mnos_spawn(spawn, &r->child);
    mnos_cap_delete((mnos_handle_t)own);
    if (error == MNOS_E_INVALID && r->child.elf != ELF_OK)
        return PROC_E_NO_PROGRAM;
    return error != MNOS_OK ? status_of(-(int64_t)error) : caps_hand(r);
}

/* From the file. */
static enum proc_status program_make(struct request *r, uint64_t badge)
{
    struct spawn spawn = {.image = r->image, .image_size = r->head.image_size, .keep = r->part};
    enum proc_status status = child_make(r, badge, &spawn, NULL, 0);

    r->parts = r->child.kept;
    return status;
}

enum proc_status request_begin(struct request *r, struct proc *p, struct call *call)
{
    *r = (struct request){.reply = call->reply,
                          .pool = MNOS_NONE,
                          .block_memory = MNOS_NONE,
                          .child = {.process = MNOS_NONE, .thread = MNOS_NONE}};
    caps_collect(r, p, call);
    enum proc_status status = request_copy(r, 0, &r->head, sizeof r->head);
    if (status == PROC_OK)
        status = head_check(r);
    if (status != PROC_OK)
        return status;
    r->pool = r->cap[r->head.pool];
    r->cap[r->head.pool] = MNOS_NONE;
    return block_make(r);
}

/* That of a program, with the file. */
static enum proc_status program_begin(struct request *r, struct proc *p, struct call *call)
{
    enum proc_status status = request_begin(r, p, call);

    if (status != PROC_OK)
        return status;
    return r->head.image_size == 0 ? PROC_E_NO_PROGRAM : request_copy_image(r, r->head.image, r->head.image_size);
}

void request_end(struct request *r)
{
    if (r->block)
        unmap_memory(r->block, r->block_bytes);
    if (r->image)
        unmap_memory(r->image, r->image_bytes);
    if (r->block_memory != MNOS_NONE)
        mnos_cap_delete(r->block_memory);
    if (r->pool != MNOS_NONE)
        mnos_cap_delete(r->pool);
    for (uint32_t i = 0; i < r->caps; i++)
        if (r->cap[i] != MNOS_NONE)
            mnos_cap_delete(r->cap[i]);
    while (r->parts > 0)
        mnos_cap_delete(r->part[--r->parts].memory);
    spawn_drop(&r->child);
}

void child_adopt(struct proc *p, struct request *r)
{
    r->block->pid = (uint32_t)p->pid;
    r->block->ppid = (uint32_t)p->parent->pid;
    r->block->pgid = (uint32_t)p->group;
    r->block->sid = (uint32_t)p->session;
    p->process = r->child.process;
    p->thread = r->child.thread;
    memcpy(p->part, r->part, r->parts * sizeof r->part[0]);
    p->parts = r->parts;
    r->parts = 0;
    r->child.process = r->child.thread = MNOS_NONE;
    (void)mnos_thread_control(p->process, MNOS_THREADCTL_WATCH, deaths, 1ull << (p->index % 64));
    (void)mnos_thread_control(p->thread, MNOS_THREADCTL_RESUME, 0, 0);
}

/* It runs a program of its own, which starts with the request's signals. */
static void program_adopt(struct proc *p, struct request *r)
{
    const uint64_t standard =
        1ull << (SIGCHLD - 1) | 1ull << (SIGCONT - 1) | 1ull << (SIGURG - 1) | 1ull << (SIGWINCH - 1);

    p->execed = true;
    p->ignored = r->head.sigignored | standard;
    p->flags = (r->head.sigignored >> (SIGCHLD - 1) & 1) != 0 ? PROC_NO_ZOMBIES : 0;
    child_adopt(p, r);
}

/* Session and group as the request says. */
static enum proc_status place(struct proc *p, const struct proc_spawn *h)
{
    if ((h->flags & PROC_SET_SESSION) != 0)
        p->group = p->session = p->pid;
    if ((h->flags & PROC_SET_GROUP) == 0)
        return PROC_OK;
    int32_t group = h->group == 0 ? p->pid : h->group;
    if (p->session == p->pid || (group != p->pid && !group_exists(p->world, group, p->session)))
        return PROC_E_NOT_PERMITTED;
    p->group = group;
    return PROC_OK;
}

enum proc_status spawn_call(struct proc *p, struct call *call)
{
    static struct request r;
    struct proc *child = NULL;
    enum proc_status status = program_begin(&r, p, call);

    if (status == PROC_OK && !(child = proc_new(p)))
        status = PROC_E_AGAIN;
    if (status == PROC_OK)
        status = place(child, &r.head);
    if (status == PROC_OK) {
        child->badge = proc_badge_new(child);
        status = program_make(&r, child->badge);
    }
    if (status == PROC_OK) {
        program_adopt(child, &r);
        call->out[0] = (uint64_t)child->pid;
    } else if (child) {
        proc_free(child);
    }
    request_end(&r);
    return status;
}

/* The old program ends when nothing can fail any more; its Reply then has a dead caller. */
enum proc_status exec_call(struct proc *p, struct call *call)
{
    static struct request r;
    enum proc_status status = program_begin(&r, p, call);

    if (status == PROC_OK && (p == p->world || r.head.flags != 0))
        status = PROC_E_NOT_PERMITTED;
    uint64_t badge = status == PROC_OK ? proc_badge_new(p) : 0;
    if (status == PROC_OK)
        status = program_make(&r, badge);
    if (status == PROC_OK) {
        mnos_handle_t process = p->process, thread = p->thread;
        (void)mnos_proc_destroy(process, 0);
        mnos_cap_delete(process);
        mnos_cap_delete(thread);
        parts_drop(p);
        wait_forget(p);
        p->badge = badge;
        program_adopt(p, &r);
    }
    request_end(&r);
    return status;
}
