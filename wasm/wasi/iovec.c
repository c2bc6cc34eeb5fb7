/* SPDX-License-Identifier: BSD-2-Clause */
/* Scatter and gather: reading and writing through buffers in the module's memory. */
#include "internal.h"

#define IOVECS_MAX 1024
/* What one call moves at most: a count must fit 32 bits, and buffers may overlap. */
#define MOVED_MAX 0x7ffff000u

uint16_t iovec_read(const struct wasi_call *call, uint64_t at, uint64_t count, struct wasi_span spans[SPANS_MAX],
                    size_t *used)
{
    uint8_t *array = count <= IOVECS_MAX ? guest_at(call, at, count * WASI_SIZE_IOVEC) : NULL;
    size_t room = MOVED_MAX;

    if (count > IOVECS_MAX)
        return WASI_EINVAL;
    if (array == NULL)
        return WASI_EFAULT;
    *used = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t length = load32(array + i * WASI_SIZE_IOVEC + 4);
        uint8_t *base = guest_at(call, load32(array + i * WASI_SIZE_IOVEC), length);
        if (base == NULL)
            return WASI_EFAULT;
        if (length > room)
            length = room;
        if (length == 0 || *used == SPANS_MAX)
            continue;
        spans[*used].base = base;
        spans[(*used)++].length = length;
        room -= length;
    }
    return WASI_OK;
}

typedef uint16_t (*mover)(void *context, wasi_handle file, const struct wasi_span *spans, size_t count, uint64_t offset,
                          size_t *done);

/* The four calls have their first three arguments in common. */
static uint16_t iovec_move(const struct wasi_call *call, uint64_t rights, mover move, uint64_t offset, uint64_t result)
{
    struct wasi_span spans[SPANS_MAX];
    size_t count = 0, done = 0;
    struct wasi_fd *entry;
    uint8_t *to = guest_at(call, result, 4);
    uint16_t error = fd_get_file(call->wasi, call->arguments[0], rights, &entry);

    if (error != WASI_OK)
        return error;
    error = iovec_read(call, call->arguments[1], call->arguments[2], spans, &count);
    if (error != WASI_OK)
        return error;
    if (to == NULL)
        return WASI_EFAULT;
    if (move == NULL)
        return WASI_ENOTSUP;
    error = move(call->wasi->config.backend->context, entry->handle, spans, count, offset, &done);
    if (error == WASI_OK)
        store32(to, (uint32_t)done);
    return error;
}

uint16_t wasi_fd_read(const struct wasi_call *call)
{
    return iovec_move(call, WASI_RIGHT_FD_READ, call->wasi->config.backend->read, WASI_AT_CURSOR, call->arguments[3]);
}

uint16_t wasi_fd_write(const struct wasi_call *call)
{
    return iovec_move(call, WASI_RIGHT_FD_WRITE, call->wasi->config.backend->write, WASI_AT_CURSOR, call->arguments[3]);
}

uint16_t wasi_fd_pread(const struct wasi_call *call)
{
    if (call->arguments[3] > INT64_MAX)
        return WASI_EINVAL;
    return iovec_move(call, WASI_RIGHT_FD_READ | WASI_RIGHT_FD_SEEK, call->wasi->config.backend->read,
                      call->arguments[3], call->arguments[4]);
}

uint16_t wasi_fd_pwrite(const struct wasi_call *call)
{
    if (call->arguments[3] > INT64_MAX)
        return WASI_EINVAL;
    return iovec_move(call, WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_SEEK, call->wasi->config.backend->write,
                      call->arguments[3], call->arguments[4]);
}
