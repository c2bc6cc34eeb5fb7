/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork.  The process server gets the arena and the start block, what is mapped of them, and the descriptors; the child has the
 * same memory at the same addresses, and goes on where px_fork_call comes back.  Its capabilities have other handles: the start
 * block that is made for it says which.  All locks of libposix are held meanwhile, so that nothing in the copy is half done.
 */
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <str.h>

#include "memory.h"
#include "plan.h"
#include "signal.h"
#include "views.h"

/* The bytes of the request. */
struct fork_bytes {
    struct proc_fork head;
    struct posix_start_fd fd[FDS_MAX + POSIX_HELD_MAX];
    struct proc_piece piece[PROC_PIECES_MAX];
};

struct fork_request {
    struct plan *plan;
    struct fork_bytes *bytes;
};

/* entry.S */
long px_fork_call(long (*send)(const struct fork_request *), const struct fork_request *argument, uint64_t *sp);
extern const char px_fork_child[];

static uint64_t fs_base(void)
{
    uint64_t base;

    __asm__("mov %%fs:0, %0" : "=r"(base));
    return base;
}

static long fork_send(const struct fork_request *r)
{
    return px_plan_send(PROC_FORK, r->plan, r->bytes, sizeof *r->bytes);
}

/* Under the lock of the descriptors and that of the memory. */
static long request_fill(const struct fork_request *r)
{
    struct plan *plan = r->plan;
    struct proc_fork *head = &r->bytes->head;

    px_plan_take(plan);
    for (uint32_t fd = 0; fd < FDS_MAX; fd++)
        plan->slot[fd].cloexec = false; /* the child has them all */
    *head = (struct proc_fork){
        .spawn = {.umask = px.umask,
                  .fds = offsetof(struct fork_bytes, fd),
                  .pool = px_plan_cap(plan, px.pool),
                  .root = px_plan_cap(plan, px.root),
                  .cwd = px_plan_cap(plan, px.cwd),
                  .cwd_number = px.cwd_number,
                  .name = "fork"},
        .entry = (uint64_t)px_fork_child,
        .fs_base = fs_base(),
        .memory = {px_plan_cap(plan, px_memory_arena()), px_plan_cap(plan, px.block_memory)},
        .pieces = offsetof(struct fork_bytes, piece),
    };
    head->spawn.fd_count = px_plan_fds(plan, r->bytes->fd);
    if (plan->caps == PROC_CAPS_MAX)
        return -PX_EMFILE;
    r->bytes->piece[0] = (struct proc_piece){START_ADDR, 0, px.block_bytes, PROC_BLOCK, MNOS_MAP_READ | MNOS_MAP_WRITE};
    head->piece_count = 1;
    return 0;
}

/* In the child: its own handles in place of the parent's.  What the server wrote is not doubted. */
static void handles_take(const struct posix_start *b)
{
    const struct posix_start_fd *record = (const struct posix_start_fd *)((const char *)b + b->fds);

    px.pool = mnos_pool();
    px.proc = mnos_cap(PROC_CAP_NAME);
    px.block_memory = mnos_cap(PROC_BLOCK_NAME);
    px.root = b->root;
    px.cwd = b->cwd;
    px.pid = b->pid, px.ppid = b->ppid, px.pgid = b->pgid, px.sid = b->sid;
    for (uint32_t i = 0; i < b->fd_count; i++)
        if (record[i].kind == POSIX_FD_HELD)
            views_forked(record[i].fd, record[i].handle);
        else
            px.fds.open[record[i].fd]->handle = record[i].handle;
}

static void child_begin(void)
{
    mnos_handle_t block = mnos_cap(POSIX_START_NAME);
    struct mnos_cap_info info;

    if (mnos_cap_inspect(block, &info, sizeof info) < 0 ||
        mnos_mem_map(MNOS_SELF, block, FORK_ADDR, 0, info.size, MNOS_MAP_READ) < 0)
        px_die(MNOS_EXIT_BAD_START);
    handles_take((const struct posix_start *)FORK_ADDR);
    mnos_mem_unmap(MNOS_SELF, FORK_ADDR, info.size);
    mnos_cap_delete(block);
    px_thread_forked();
    px_poll_forked();
    px_signals_forked();
    px_plan_sent();
}

static long fork_locked(const struct fork_request *r)
{
    long result = request_fill(r);

    if (result < 0)
        return result;
    struct proc_fork *head = &r->bytes->head;
    result = px_memory_fork(r->plan, r->bytes->fd, &head->spawn.fd_count, r->bytes->piece, &head->piece_count);
    if (result == 0)
        result = px_fork_call(fork_send, r, &r->bytes->head.stack);
    if (result == 0)
        child_begin();
    px_memory_forked(result == 0 ? mnos_cap(PROC_ARENA_NAME) : MNOS_NONE);
    return result;
}

PX_CALL(fork)
{
    struct fork_request r;

    if (px.proc == MNOS_NONE)
        return -PX_ENOSYS;
    long bytes = px_map_anonymous(sizeof *r.bytes);
    if (bytes < 0)
        return bytes;
    r = (struct fork_request){px_plan_begin(), (struct fork_bytes *)bytes};
    long result = -PX_ENOMEM;
    if (r.plan) {
        mutex_lock(&px.fd_lock);
        result = fork_locked(&r);
        mutex_unlock(&px.fd_lock);
        px_plan_end(r.plan);
    }
    px_unmap((uint64_t)bytes, sizeof *r.bytes);
    return result;
}
