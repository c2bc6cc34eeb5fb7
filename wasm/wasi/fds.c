/* SPDX-License-Identifier: BSD-2-Clause */
/* The descriptor table: what was granted, with which rights. */
#include "internal.h"

void wasi_init(struct wasi *wasi, const struct wasi_config *config)
{
    wasi->config = *config;
    wasi->exited = false;
    wasi->exit_code = 0;
    for (uint32_t i = 0; i < config->fd_count; i++)
        config->fds[i] = (struct wasi_fd){.handle = WASI_NO_HANDLE};
}

uint64_t fd_rights_of_type(uint8_t type)
{
    switch (type) {
    case WASI_TYPE_REGULAR:
    case WASI_TYPE_BLOCK:
        return WASI_RIGHTS_REGULAR;
    case WASI_TYPE_DIRECTORY:
        return WASI_RIGHTS_DIRECTORY;
    case WASI_TYPE_DGRAM:
    case WASI_TYPE_STREAM:
        return WASI_RIGHTS_SOCKET;
    default:
        return WASI_RIGHTS_STREAM;
    }
}

uint16_t wasi_grant(struct wasi *wasi, wasi_handle handle, uint8_t type, uint64_t base, uint64_t inheriting,
                    const char *preopen, uint32_t *fd)
{
    for (uint32_t i = 0; i < wasi->config.fd_count; i++) {
        if (wasi->config.fds[i].used)
            continue;
        wasi->config.fds[i] = (struct wasi_fd){
            .used = true,
            .type = type,
            .base = base & fd_rights_of_type(type),
            .inheriting = type == WASI_TYPE_DIRECTORY ? inheriting & WASI_RIGHTS_ALL : 0,
            .handle = handle,
            .preopen = preopen,
        };
        *fd = i;
        return WASI_OK;
    }
    return WASI_EMFILE;
}

static void fd_drop(struct wasi *wasi, struct wasi_fd *entry)
{
    wasi_handle handle = entry->handle;

    *entry = (struct wasi_fd){.handle = WASI_NO_HANDLE};
    wasi->config.backend->close(wasi->config.backend->context, handle);
}

void wasi_close_all(struct wasi *wasi)
{
    for (uint32_t i = 0; i < wasi->config.fd_count; i++)
        if (wasi->config.fds[i].used)
            fd_drop(wasi, &wasi->config.fds[i]);
}

static struct wasi_fd *fd_open(struct wasi *wasi, uint64_t fd)
{
    return fd < wasi->config.fd_count && wasi->config.fds[fd].used ? &wasi->config.fds[fd] : NULL;
}

uint16_t fd_get(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out)
{
    *out = fd_open(wasi, fd);
    if (*out == NULL)
        return WASI_EBADF;
    return ((*out)->base & rights) == rights ? WASI_OK : WASI_ENOTCAPABLE;
}

uint16_t fd_get_file(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out)
{
    uint16_t error = fd_get(wasi, fd, rights, out);

    return *out != NULL && (*out)->type == WASI_TYPE_DIRECTORY ? WASI_EISDIR : error;
}

uint16_t fd_get_directory(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out)
{
    uint16_t error = fd_get(wasi, fd, rights, out);

    return *out != NULL && (*out)->type != WASI_TYPE_DIRECTORY ? WASI_ENOTDIR : error;
}

uint16_t wasi_fd_close(const struct wasi_call *call)
{
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], 0, &entry);

    if (error == WASI_OK)
        fd_drop(call->wasi, entry);
    return error;
}

uint16_t wasi_fd_renumber(const struct wasi_call *call)
{
    struct wasi_fd *from = fd_open(call->wasi, call->arguments[0]);
    struct wasi_fd *to = fd_open(call->wasi, call->arguments[1]);

    if (from == NULL || to == NULL)
        return WASI_EBADF;
    if (from == to)
        return WASI_OK;
    fd_drop(call->wasi, to);
    *to = *from;
    *from = (struct wasi_fd){.handle = WASI_NO_HANDLE};
    return WASI_OK;
}

uint16_t wasi_fd_fdstat_get(const struct wasi_call *call)
{
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], 0, &entry);
    uint8_t *to = guest_at(call, call->arguments[1], WASI_SIZE_FDSTAT);

    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    memset(to, 0, WASI_SIZE_FDSTAT);
    to[0] = entry->type;
    to[2] = (uint8_t)entry->fdflags;
    store64(to + 8, entry->base);
    store64(to + 16, entry->inheriting);
    return WASI_OK;
}

uint16_t wasi_fd_fdstat_set_flags(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], WASI_RIGHT_FD_FDSTAT_SET_FLAGS, &entry);
    uint64_t flags = call->arguments[1];

    if (error != WASI_OK)
        return error;
    if (flags & ~(uint64_t)WASI_FDFLAGS_ALL)
        return WASI_EINVAL;
    if (backend->set_flags == NULL)
        return WASI_ENOTSUP;
    error = backend->set_flags(backend->context, entry->handle, entry->fdflags, (uint16_t)flags);
    if (error == WASI_OK)
        entry->fdflags = (uint16_t)flags;
    return error;
}

uint16_t wasi_fd_fdstat_set_rights(const struct wasi_call *call)
{
    struct wasi_fd *entry;
    uint16_t error = fd_get(call->wasi, call->arguments[0], call->arguments[1], &entry);

    if (error != WASI_OK)
        return error;
    if (call->arguments[2] & ~entry->inheriting)
        return WASI_ENOTCAPABLE;
    entry->base = call->arguments[1];
    entry->inheriting = call->arguments[2];
    return WASI_OK;
}

uint16_t wasi_fd_prestat_get(const struct wasi_call *call)
{
    struct wasi_fd *entry = fd_open(call->wasi, call->arguments[0]);
    uint8_t *to = guest_at(call, call->arguments[1], WASI_SIZE_PRESTAT);

    /* A libc asks for one descriptor after the other until it gets exactly this error. */
    if (entry == NULL || entry->preopen == NULL)
        return WASI_EBADF;
    if (to == NULL)
        return WASI_EFAULT;
    store32(to, 0);
    store32(to + 4, (uint32_t)strlen(entry->preopen));
    return WASI_OK;
}

uint16_t wasi_fd_prestat_dir_name(const struct wasi_call *call)
{
    struct wasi_fd *entry = fd_open(call->wasi, call->arguments[0]);
    uint8_t *to = guest_at(call, call->arguments[1], call->arguments[2]);
    size_t length;

    if (entry == NULL || entry->preopen == NULL)
        return WASI_EBADF;
    length = strlen(entry->preopen);
    if (call->arguments[2] < length)
        return WASI_ENAMETOOLONG;
    if (to == NULL)
        return WASI_EFAULT;
    memcpy(to, entry->preopen, length);
    return WASI_OK;
}
