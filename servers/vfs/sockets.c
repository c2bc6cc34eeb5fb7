/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stream sockets of one machine.  A connected socket has a peer; each keeps the bytes that come for it.
 *
 *   socket --bind--> name in a directory --listen--> backlog: ends that connect made, for accept to take
 */
#include <fs/pipe.h>
#include <libmnos/heap.h>

#include "vfs.h"

#define BACKLOG_MAX 128u

struct socket {
    struct ring_bytes in;
    struct socket *peer; /* NULL: not connected, or the other end is closed */
    struct queue readable,
        writable;       /* who waits for bytes (a listener: for a connection); who waits for room at the peer */
    struct vnode *name; /* held; of a listener, or one that was bound */
    struct socket *backlog_first, *backlog_last, *backlog_next;
    unsigned backlog, backlog_max; /* backlog_max 0: it does not listen */
    bool connected;                /* it is, or was */
    bool ended;                    /* nothing comes any more */
    bool shut;                     /* nothing may be written any more */
};

static const struct file_ops socket_ops;

static struct socket *socket_new(void)
{
    struct socket *s = calloc(1, sizeof *s);

    if (s)
        s->in.bytes = malloc(PIPE_BYTES);
    if (s && !s->in.bytes) {
        free(s);
        return NULL;
    }
    return s;
}

/* The other end sees it. */
static void socket_part(struct socket *s)
{
    struct socket *peer = s->peer;

    s->peer = NULL;
    if (!peer)
        return;
    peer->peer = NULL;
    peer->ended = true;
    queue_changed(&peer->readable);
    queue_changed(&peer->writable);
}

static void socket_free(struct socket *s)
{
    socket_part(s);
    while (s->backlog_first) {
        struct socket *waiting = s->backlog_first;
        s->backlog_first = waiting->backlog_next;
        socket_free(waiting);
    }
    if (s->name) {
        s->name->socket = NULL;
        vnode_release(s->name);
    }
    queue_end(&s->readable);
    queue_end(&s->writable);
    free(s->in.bytes);
    free(s);
}

static void socket_join(struct socket *a, struct socket *b)
{
    a->peer = b;
    b->peer = a;
    a->connected = b->connected = true;
}

static enum outcome socket_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct socket *s = desc->object;
    uint64_t done = 0;
    int64_t got = 0;

    if (!s->connected) {
        call_fail(call, VFS_E_NOT_CONNECTED);
        return ANSWER;
    }
    if (count > 0 && ring_used(&s->in) == 0 && !s->ended)
        return call_wait(call, desc, &s->readable, queue);
    while (done < count) {
        unsigned char *at;
        size_t part = ring_next(&s->in, (size_t)(count - done), &at);
        got = part > 0 ? call_give(call, done, at, part) : 0;
        if (got <= 0)
            break;
        ring_took(&s->in, (size_t)got);
        done += (uint64_t)got;
    }
    if (done > 0 && s->peer)
        queue_changed(&s->peer->writable);
    return call_bytes(call, done, got);
}

static enum outcome socket_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct socket *s = desc->object, *peer = s->peer;
    int64_t got = 0;

    if (!s->connected || !peer || s->shut) {
        if (call->done > 0)
            return call_bytes(call, call->done, 0);
        call_fail(call, s->connected ? VFS_E_BROKEN_PIPE : VFS_E_NOT_CONNECTED);
        return ANSWER;
    }
    while (call->done < count) {
        unsigned char *at;
        size_t part = ring_place(&peer->in, (size_t)(count - call->done), &at);
        got = part > 0 ? call_take(call, call->done, at, part) : 0;
        if (got <= 0)
            break;
        ring_put(&peer->in, (size_t)got);
        call->done += (uint64_t)got;
    }
    if (ring_used(&peer->in) > 0)
        queue_changed(&peer->readable);
    if (call->done == count || got < 0 || ring_room(&peer->in) > 0)
        return call_bytes(call, call->done, got);
    return call_wait(call, desc, &s->writable, queue);
}

static uint32_t socket_ready(struct desc *desc)
{
    const struct socket *s = desc->object;

    if (s->backlog_max > 0)
        return s->backlog > 0 ? VFS_P_IN : 0;
    if (!s->connected)
        return VFS_P_HUP | VFS_P_OUT;
    return (ring_used(&s->in) > 0 || s->ended ? VFS_P_IN : 0) | (!s->peer ? VFS_P_HUP : 0) |
           (s->peer && ring_room(&s->peer->in) > 0 ? VFS_P_OUT : 0);
}

static uint64_t socket_bytes(struct desc *desc)
{
    return ring_used(&((struct socket *)desc->object)->in);
}

static struct queue *socket_queue(struct desc *desc)
{
    return &((struct socket *)desc->object)->readable;
}

static void socket_close(struct desc *desc)
{
    socket_free(desc->object);
}

static const struct file_ops socket_ops = {.read = socket_read,
                                           .write = socket_write,
                                           .ready = socket_ready,
                                           .bytes = socket_bytes,
                                           .queue = socket_queue,
                                           .close = socket_close};

/* A description of it; it is freed when there is none. */
static struct desc *socket_desc(struct socket *s, uint64_t flags)
{
    struct desc *desc = s ? desc_new(&socket_ops, (flags & VFS_O_NONBLOCK) | VFS_O_RDWR, NULL) : NULL;

    if (desc)
        desc->object = s;
    else if (s)
        socket_free(s);
    return desc;
}

static enum outcome new_pair(struct call *call)
{
    struct desc *a = socket_desc(socket_new(), call->word[1]), *b = a ? socket_desc(socket_new(), call->word[1]) : NULL;

    if (!b) {
        if (a)
            desc_free(a);
        call_fail(call, VFS_E_NO_MEMORY);
        return ANSWER;
    }
    socket_join(a->object, b->object);
    call->out[0] = a->token;
    call->out[1] = b->token;
    if (!desc_hand_out(call, a))
        desc_free(b);
    else
        (void)desc_hand_out(call, b);
    return ANSWER;
}

enum outcome socket_make(struct call *call)
{
    if (call->word[0] != VFS_SOCKET_STREAM || (call->word[1] & ~VFS_O_NONBLOCK) != 0) {
        call_fail(call, call->word[0] != VFS_SOCKET_STREAM ? VFS_E_NOT_SUPPORTED : VFS_E_INVALID);
        return ANSWER;
    }
    if (call->label == VFS_SOCKETPAIR)
        return new_pair(call);
    struct desc *desc = socket_desc(socket_new(), call->word[1]);
    if (!desc) {
        call_fail(call, VFS_E_NO_MEMORY);
        return ANSWER;
    }
    call->out[0] = desc->token;
    (void)desc_hand_out(call, desc);
    return ANSWER;
}

/* The socket with that token, which only its holders know. */
static struct desc *desc_of_socket(uint64_t token)
{
    struct desc *desc = desc_of_token(token);

    return desc && desc->ops == &socket_ops ? desc : NULL;
}

enum vfs_status socket_bind(uint64_t token, struct vnode *name)
{
    struct desc *desc = desc_of_socket(token);
    struct socket *s = desc ? desc->object : NULL;

    if (!s || s->name || s->connected)
        return s ? VFS_E_INVALID : VFS_E_BAD_MODE;
    vnode_hold(name);
    s->name = name;
    name->socket = s;
    return VFS_OK;
}

bool socket_may_bind(uint64_t token)
{
    struct desc *desc = desc_of_socket(token);

    return desc && !((struct socket *)desc->object)->name && !((struct socket *)desc->object)->connected;
}

enum vfs_status socket_connect(uint64_t token, struct vnode *name)
{
    struct desc *desc = desc_of_socket(token);
    struct socket *s = desc ? desc->object : NULL, *listener = name->socket;

    if (!s)
        return VFS_E_BAD_MODE;
    if (s->connected || s->backlog_max > 0)
        return s->connected ? VFS_E_IS_CONNECTED : VFS_E_INVALID;
    if (!vnode_is(name, VFS_S_SOCKET) || !listener || listener->backlog_max == 0)
        return VFS_E_REFUSED;
    if (listener->backlog >= listener->backlog_max)
        return VFS_E_AGAIN;
    struct socket *end = socket_new();
    if (!end)
        return VFS_E_NO_MEMORY;
    socket_join(s, end);
    if (listener->backlog_last && listener->backlog > 0)
        listener->backlog_last->backlog_next = end;
    else
        listener->backlog_first = end;
    listener->backlog_last = end;
    listener->backlog++;
    queue_changed(&listener->readable);
    queue_changed(&s->readable);
    return VFS_OK;
}

static enum outcome socket_accept(struct call *call, const struct desc *desc, struct socket *s, struct queue **queue)
{
    if (s->backlog_max == 0) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (s->backlog == 0)
        return call_wait(call, desc, &s->readable, queue);
    struct socket *end = s->backlog_first;
    struct desc *made = desc_new(&socket_ops, (call->word[1] & VFS_O_NONBLOCK) | VFS_O_RDWR, NULL);
    if (!made) {
        call_fail(call, VFS_E_TOO_MANY);
        return ANSWER;
    }
    s->backlog_first = end->backlog_next;
    s->backlog--;
    end->backlog_next = NULL;
    made->object = end;
    call->out[0] = made->token;
    (void)desc_hand_out(call, made);
    return ANSWER;
}

static enum vfs_status socket_shutdown(struct call *call, struct socket *s)
{
    uint64_t how = call->word[0];

    if (how == 0 || how > 3)
        return VFS_E_INVALID;
    if (!s->connected)
        return VFS_E_NOT_CONNECTED;
    if ((how & VFS_SHUT_READ) != 0)
        s->ended = true;
    if ((how & VFS_SHUT_WRITE) != 0) {
        s->shut = true;
        if (s->peer) {
            s->peer->ended = true;
            queue_changed(&s->peer->readable);
        }
    }
    queue_changed(&s->readable);
    queue_changed(&s->writable);
    return VFS_OK;
}

enum outcome socket_call(struct call *call, struct desc *desc, struct queue **queue)
{
    struct socket *s = desc->ops == &socket_ops ? desc->object : NULL;
    enum vfs_status status = VFS_OK;

    if (!s)
        status = VFS_E_NOT_SUPPORTED;
    else if (call->label == VFS_ACCEPT)
        return socket_accept(call, desc, s, queue);
    else if (call->label == VFS_SHUTDOWN)
        status = socket_shutdown(call, s);
    else if (s->connected || !s->name)
        status = VFS_E_INVALID;
    else
        s->backlog_max = call->word[0] == 0 ? 1 : call->word[0] < BACKLOG_MAX ? (unsigned)call->word[0] : BACKLOG_MAX;
    if (status != VFS_OK)
        call_fail(call, status);
    return ANSWER;
}
