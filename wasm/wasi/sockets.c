/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on sockets that the process was granted. */
#include "internal.h"

static uint16_t socket_get(const struct wasi_call *call, uint64_t rights, struct wasi_fd **out)
{
    uint16_t error = fd_get(call->wasi, call->arguments[0], rights, out);

    if (*out != NULL && (*out)->type != WASI_TYPE_STREAM && (*out)->type != WASI_TYPE_DGRAM)
        return WASI_ENOTSOCK;
    return error;
}

uint16_t wasi_sock_accept(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint64_t fdflags = call->arguments[1];
    uint8_t *to = guest_at(call, call->arguments[2], 4);
    wasi_handle handle;
    uint32_t fd;
    struct wasi_fd *entry;
    uint16_t error = socket_get(call, WASI_RIGHT_SOCK_ACCEPT, &entry);

    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    if (fdflags & ~(uint64_t)WASI_FDFLAG_NONBLOCK)
        return WASI_EINVAL;
    if (backend->sock_accept == NULL)
        return WASI_ENOTSUP;
    error = backend->sock_accept(backend->context, entry->handle, (uint16_t)fdflags, &handle);
    if (error != WASI_OK)
        return error;
    error = wasi_grant(call->wasi, handle, WASI_TYPE_STREAM, entry->base & ~WASI_RIGHT_SOCK_ACCEPT, 0, NULL, &fd);
    if (error != WASI_OK) {
        backend->close(backend->context, handle);
        return error;
    }
    call->wasi->config.fds[fd].fdflags = (uint16_t)fdflags;
    store32(to, fd);
    return WASI_OK;
}

uint16_t wasi_sock_recv(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint8_t *length_to = guest_at(call, a[4], 4), *flags_to = guest_at(call, a[5], 2);
    struct wasi_span spans[SPANS_MAX];
    size_t count = 0, done = 0;
    bool truncated = false;
    struct wasi_fd *entry;
    uint16_t error = socket_get(call, WASI_RIGHT_FD_READ, &entry);

    if (error == WASI_OK)
        error = iovec_read(call, a[1], a[2], spans, &count);
    if (error != WASI_OK)
        return error;
    if (length_to == NULL || flags_to == NULL)
        return WASI_EFAULT;
    if (a[3] & ~(uint64_t)(WASI_RECV_PEEK | WASI_RECV_WAITALL))
        return WASI_EINVAL;
    if (backend->sock_recv == NULL)
        return WASI_ENOTSUP;
    error = backend->sock_recv(backend->context, entry->handle, spans, count, (uint16_t)a[3], &done, &truncated);
    if (error != WASI_OK)
        return error;
    store32(length_to, (uint32_t)done);
    flags_to[0] = truncated;
    flags_to[1] = 0;
    return WASI_OK;
}

uint16_t wasi_sock_send(const struct wasi_call *call)
{
    const uint64_t *a = call->arguments;
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint8_t *to = guest_at(call, a[4], 4);
    struct wasi_span spans[SPANS_MAX];
    size_t count = 0, done = 0;
    struct wasi_fd *entry;
    uint16_t error = socket_get(call, WASI_RIGHT_FD_WRITE, &entry);

    if (error == WASI_OK)
        error = iovec_read(call, a[1], a[2], spans, &count);
    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    if (a[3] != 0)
        return WASI_EINVAL;
    if (backend->sock_send == NULL)
        return WASI_ENOTSUP;
    error = backend->sock_send(backend->context, entry->handle, spans, count, &done);
    if (error == WASI_OK)
        store32(to, (uint32_t)done);
    return error;
}

uint16_t wasi_sock_shutdown(const struct wasi_call *call)
{
    const struct wasi_backend *backend = call->wasi->config.backend;
    uint64_t how = call->arguments[1];
    struct wasi_fd *entry;
    uint16_t error = socket_get(call, WASI_RIGHT_SOCK_SHUTDOWN, &entry);

    if (error != WASI_OK)
        return error;
    if (how == 0 || how & ~(uint64_t)(WASI_SHUT_RD | WASI_SHUT_WR))
        return WASI_EINVAL;
    return backend->sock_shutdown == NULL ? WASI_ENOTSUP
                                          : backend->sock_shutdown(backend->context, entry->handle, (uint8_t)how);
}
