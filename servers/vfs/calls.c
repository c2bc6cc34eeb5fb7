/* SPDX-License-Identifier: BSD-2-Clause */
/* One call: whom it is for, and bytes to and from its caller. */
#include <mnos/errors.h>
#include <str.h>

#include "vfs.h"

void call_fail(struct call *call, enum vfs_status status)
{
    while (call->out_caps > 0)
        port_drop(call->out_cap[--call->out_caps]);
    call->status = status;
}

enum vfs_status status_of(int64_t error)
{
    switch (error < 0 ? -error : 0) {
    case 0:
        return VFS_OK;
    case MNOS_E_FAULT:
        return VFS_E_FAULT;
    case MNOS_E_RANGE:
        return VFS_E_INVALID;
    case MNOS_E_NO_MEMORY:
    case MNOS_E_NO_SLOTS:
        return VFS_E_NO_MEMORY;
    default:
        return VFS_E_STALE;
    }
}

/* Bytes, or the error, of a copy. */
static int64_t copied(struct call *call, int64_t got, size_t wanted)
{
    call->stopped = got >= 0 && (size_t)got < wanted;
    return got;
}

int64_t call_give(struct call *call, uint64_t at, const void *from, size_t bytes)
{
    if (call->label != VFS_READ_FEW)
        return copied(call, port_copy_out(call->reply, at, from, bytes), bytes);
    memcpy((char *)&call->out[1] + at, from, bytes);
    return (int64_t)bytes;
}

int64_t call_take(struct call *call, uint64_t at, void *to, size_t bytes)
{
    if (call->label != VFS_WRITE_FEW)
        return copied(call, port_copy_in(call->reply, at, to, bytes), bytes);
    memcpy(to, (const char *)&call->word[3] + at, bytes);
    return (int64_t)bytes;
}

enum outcome call_bytes(struct call *call, uint64_t done, int64_t error)
{
    call->out[0] = done;
    if (call->stopped)
        call->out[1] = 1;
    if (done == 0 && error < 0)
        call_fail(call, status_of(error));
    return ANSWER;
}

bool call_never_waits(const struct call *call, const struct desc *desc)
{
    return (desc->flags & VFS_O_NONBLOCK) != 0 || (call->word[2] & VFS_DONT_WAIT) != 0;
}

enum outcome call_wait(struct call *call, const struct desc *desc, struct queue *on, struct queue **queue)
{
    if (call_never_waits(call, desc)) {
        if (call->done > 0)
            return call_bytes(call, call->done, 0);
        call_fail(call, VFS_E_AGAIN);
        return ANSWER;
    }
    *queue = on;
    return WAIT;
}

/* POLL and the makers of things need no particular description, nor a directory. */
static enum outcome dispatch(struct call *call, struct desc *desc, struct queue **queue)
{
    switch (call->label) {
    case VFS_PIPE:
        return pipe_call(call);
    case VFS_SOCKET:
    case VFS_SOCKETPAIR:
        return socket_make(call);
    case VFS_EVENTFD:
        return event_call(call);
    case VFS_BELL:
        return bell_call(call);
    case VFS_POLL:
    case VFS_DISARM:
        return poll_call(call, desc);
    default:
        break;
    }
    return call->label < VFS_READ ? path_call(call, desc, queue) : file_call(call, desc, queue);
}

enum outcome call_serve(struct call *call)
{
    struct desc *desc = desc_of_badge(call->badge);
    struct queue *queue = NULL;

    if (!desc) {
        call_fail(call, VFS_E_STALE);
        return ANSWER;
    }
    if (dispatch(call, desc, &queue) == ANSWER)
        return ANSWER;
    return waiter_keep(call, call->held ? call->held : desc, queue) ? WAIT : ANSWER;
}

void call_closed(uint64_t badge)
{
    struct desc *desc = desc_of_badge(badge);

    if (desc && !desc->service)
        desc_free(desc);
}
