/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors: which there are.  A file is closed by giving up its capability; the server notices when the last copy is gone. */
#include <libmnos/start.h>
#include <mnos/calls.h>

#include "fd.h"
#include "file.h"

enum fcntl { F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_DUPFD_CLOEXEC = 1030 };
#define FD_CLOEXEC 1
#define O_CLOEXEC  02000000
#define O_RDWR     2

static bool start_fd_put(uint32_t fd, const struct px_open *what)
{
    struct px_open *open = fd_open_new(&px.fds);

    *open = *what;
    open->refs = 0;
    fd_put(&px.fds, fd, open, false);
    return true;
}

static bool service_fds(void)
{
    mnos_handle_t console = mnos_cap("console"), log = mnos_cap("log");
    struct px_open out = {.handle = MNOS_NONE, .kind = POSIX_FD_NULL}, in = out;

    if (console != MNOS_NONE)
        in = out = (struct px_open){.handle = console, .kind = POSIX_FD_CONSOLE};
    else if (log != MNOS_NONE)
        out = (struct px_open){.handle = log, .kind = POSIX_FD_LOG};
    return start_fd_put(0, &in) && start_fd_put(1, &out) && start_fd_put(2, &out);
}

/* Records with the same `shared` are one open file. */
static bool block_fds(const struct posix_start_fd *record, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct posix_start_fd *r = &record[i];
        if (r->fd >= FDS_MAX || px.fds.open[r->fd] || r->shared > i || r->kind < POSIX_FD_NULL ||
            r->kind > POSIX_FD_FILE)
            return false;
        struct px_open *open = r->shared == i ? fd_open_new(&px.fds) : px.fds.open[record[r->shared].fd];
        if (r->shared == i)
            *open = (struct px_open){.handle = r->handle,
                                     .token = r->token,
                                     .number = r->number,
                                     .mode = r->mode,
                                     .kind = (uint16_t)r->kind};
        fd_put(&px.fds, r->fd, open, (r->flags & POSIX_FD_CLOEXEC) != 0);
    }
    return true;
}

bool px_fds_begin(void)
{
    if (!px.block)
        return service_fds();
    return block_fds((const struct posix_start_fd *)((const char *)px.block + px.block->fds), px.block->fd_count);
}

long px_fd_new(const struct px_open *what, bool cloexec)
{
    mutex_lock(&px.fd_lock);
    int fd = fd_lowest(&px.fds, 0);
    struct px_open *open = fd < 0 ? NULL : fd_open_new(&px.fds);
    if (open) {
        *open = *what;
        open->refs = 0;
        fd_put(&px.fds, (uint32_t)fd, open, cloexec);
    }
    mutex_unlock(&px.fd_lock);
    if (!open && what->handle != MNOS_NONE)
        mnos_cap_delete(what->handle);
    return open ? fd : -PX_EMFILE;
}

static void open_end(const struct px_open *last)
{
    if (last->handle != MNOS_NONE)
        mnos_cap_delete(last->handle);
}

PX_CALL(close)
{
    struct px_open last;

    mutex_lock(&px.fd_lock);
    bool there = fd_get(&px.fds, a) != NULL;
    bool gone = there && fd_take(&px.fds, (uint32_t)a, &last);
    mutex_unlock(&px.fd_lock);
    if (gone)
        open_end(&last);
    return there ? 0 : -PX_EBADF;
}

static long dup_from(long fd, long from, bool cloexec)
{
    long result = -PX_EBADF;

    if (from < 0 || from >= (long)FDS_MAX)
        return -PX_EINVAL;
    mutex_lock(&px.fd_lock);
    struct px_open *open = fd_get(&px.fds, fd);
    if (open) {
        result = fd_lowest(&px.fds, (uint32_t)from);
        if (result >= 0)
            fd_put(&px.fds, (uint32_t)result, open, cloexec);
        else
            result = -PX_EMFILE;
    }
    mutex_unlock(&px.fd_lock);
    return result;
}

PX_CALL(dup)
{
    return dup_from(a, 0, false);
}

static long dup_to(long fd, long to, bool cloexec)
{
    struct px_open last;
    bool gone = false;

    if (to < 0 || to >= (long)FDS_MAX)
        return -PX_EBADF;
    mutex_lock(&px.fd_lock);
    struct px_open *open = fd_get(&px.fds, fd);
    if (open && fd != to) {
        gone = px.fds.open[to] && fd_take(&px.fds, (uint32_t)to, &last);
        fd_put(&px.fds, (uint32_t)to, open, cloexec);
    }
    mutex_unlock(&px.fd_lock);
    if (gone)
        open_end(&last);
    return open ? to : -PX_EBADF;
}

PX_CALL(dup2)
{
    return dup_to(a, b, false);
}

PX_CALL(dup3)
{
    if (a == b || (c & ~(long)O_CLOEXEC) != 0)
        return -PX_EINVAL;
    return dup_to(a, b, c != 0);
}

/* What no server keeps for a descriptor that is no file: it can be read and written. */
static long flags_of(const struct px_open *open, uint64_t mask, uint64_t values)
{
    uint64_t words[MNOS_IPC_WORDS] = {mask, values};

    return open->kind == POSIX_FD_FILE ? px_file_call(open->handle, VFS_FLAGS, words) : O_RDWR;
}

static long flags_set(const struct px_open *open, long flags)
{
    long result = flags_of(open, VFS_O_APPEND | VFS_O_NONBLOCK, (uint64_t)flags & (VFS_O_APPEND | VFS_O_NONBLOCK));

    return result < 0 ? result : 0;
}

/* fcntl(fd, command, argument) */
PX_CALL(fcntl)
{
    const struct px_open *open = fd_get(&px.fds, a);

    if (!open)
        return -PX_EBADF;
    switch (b) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return dup_from(a, (int)c, b == F_DUPFD_CLOEXEC);
    case F_GETFD:
        return fd_cloexec(&px.fds, (uint32_t)a) ? FD_CLOEXEC : 0;
    case F_SETFD:
        mutex_lock(&px.fd_lock);
        fd_set_cloexec(&px.fds, (uint32_t)a, (c & FD_CLOEXEC) != 0);
        mutex_unlock(&px.fd_lock);
        return 0;
    case F_GETFL:
        return flags_of(open, 0, 0);
    case F_SETFL:
        return flags_set(open, c);
    default:
        return -PX_EINVAL;
    }
}
