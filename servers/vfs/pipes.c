/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes, FIFOs and event counters. */
#include <fs/pipe.h>
#include <libmnos/heap.h>
#include <str.h>

#include "vfs.h"

struct pipe {
    struct ring_bytes ring;
    struct queue readable, writable; /* who waits for bytes; who waits for room */
    unsigned readers, writers;
    uint64_t readers_ever, writers_ever; /* an open of a FIFO waits for the next one of the other kind */
    struct vnode *node;                  /* a FIFO; NULL: a pipe without a name */
};

static struct pipe *pipe_new(struct vnode *node)
{
    struct pipe *pipe = calloc(1, sizeof *pipe);

    if (pipe)
        pipe->ring.bytes = malloc(PIPE_BYTES);
    if (pipe && !pipe->ring.bytes) {
        free(pipe);
        return NULL;
    }
    if (pipe) {
        pipe->node = node;
        if (node)
            node->pipe = pipe;
    }
    return pipe;
}

static void pipe_drop(struct pipe *pipe)
{
    if (pipe->readers + pipe->writers > 0)
        return;
    queue_end(&pipe->readable);
    queue_end(&pipe->writable);
    if (pipe->node)
        pipe->node->pipe = NULL;
    free(pipe->ring.bytes);
    free(pipe);
}

static enum outcome pipe_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct pipe *pipe = desc->object;
    uint64_t done = 0;
    int64_t got = 0;

    if (count > 0 && ring_used(&pipe->ring) == 0 && pipe->writers > 0)
        return call_wait(call, desc, &pipe->readable, queue);
    while (done < count) {
        unsigned char *at;
        size_t part = ring_next(&pipe->ring, (size_t)(count - done), &at);
        if (part == 0)
            break;
        got = call_give(call, done, at, part);
        if (got <= 0)
            break;
        ring_took(&pipe->ring, (size_t)got);
        done += (uint64_t)got;
    }
    if (done > 0)
        queue_changed(&pipe->writable);
    return call_bytes(call, done, got);
}

static enum outcome pipe_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct pipe *pipe = desc->object;
    uint64_t rest = count - call->done;
    int64_t got = 0;

    if (pipe->readers == 0) {
        if (call->done > 0)
            return call_bytes(call, call->done, 0);
        call_fail(call, VFS_E_BROKEN_PIPE);
        return ANSWER;
    }
    if (rest > 0 && ring_room(&pipe->ring) < (rest <= PIPE_ATOMIC && call->done == 0 ? rest : 1))
        return call_wait(call, desc, &pipe->writable, queue);
    while (call->done < count) {
        unsigned char *at;
        size_t part = ring_place(&pipe->ring, (size_t)(count - call->done), &at);
        if (part == 0)
            break;
        got = call_take(call, call->done, at, part);
        if (got <= 0)
            break;
        ring_put(&pipe->ring, (size_t)got);
        call->done += (uint64_t)got;
    }
    if (ring_used(&pipe->ring) > 0)
        queue_changed(&pipe->readable);
    if (call->done == count || got < 0 || ring_room(&pipe->ring) > 0 || call_never_waits(call, desc))
        return call_bytes(call, call->done, got);
    *queue = &pipe->writable;
    return WAIT;
}

static uint32_t pipe_ready(struct desc *desc)
{
    const struct pipe *pipe = desc->object;
    uint64_t access = desc->flags & VFS_O_ACCESS;
    uint32_t ready = 0;

    if (access != VFS_O_WRONLY) {
        ready |= ring_used(&pipe->ring) > 0 ? VFS_P_IN : 0;
        ready |= pipe->writers == 0 && pipe->writers_ever > 0 ? VFS_P_HUP : 0;
    }
    if (access != VFS_O_RDONLY) {
        ready |= ring_room(&pipe->ring) >= PIPE_ATOMIC ? VFS_P_OUT : 0;
        ready |= pipe->readers == 0 ? VFS_P_ERR : 0;
    }
    return ready;
}

static uint64_t pipe_bytes(struct desc *desc)
{
    return ring_used(&((struct pipe *)desc->object)->ring);
}

static struct queue *pipe_queue(struct desc *desc)
{
    struct pipe *pipe = desc->object;

    return (desc->flags & VFS_O_ACCESS) == VFS_O_WRONLY ? &pipe->writable : &pipe->readable;
}

static void count_end(struct pipe *pipe, uint64_t flags, int by)
{
    uint64_t access = flags & VFS_O_ACCESS;

    if (access != VFS_O_WRONLY) {
        pipe->readers += (unsigned)by;
        pipe->readers_ever += by > 0;
    }
    if (access != VFS_O_RDONLY) {
        pipe->writers += (unsigned)by;
        pipe->writers_ever += by > 0;
    }
}

static void pipe_close(struct desc *desc)
{
    struct pipe *pipe = desc->object;

    count_end(pipe, desc->flags, -1);
    /* Readers see the end, writers that nobody reads. */
    queue_changed(&pipe->readable);
    queue_changed(&pipe->writable);
    pipe_drop(pipe);
}

static const struct file_ops pipe_ops = {.read = pipe_read,
                                         .write = pipe_write,
                                         .ready = pipe_ready,
                                         .bytes = pipe_bytes,
                                         .queue = pipe_queue,
                                         .close = pipe_close};

static struct desc *pipe_end(struct pipe *pipe, uint64_t flags, struct vnode *node)
{
    struct desc *desc = desc_new(&pipe_ops, flags, node);

    if (!desc)
        return NULL;
    desc->object = pipe;
    count_end(pipe, flags, 1);
    return desc;
}

enum outcome pipe_call(struct call *call)
{
    uint64_t flags = call->word[1];
    struct pipe *pipe = (flags & ~VFS_O_NONBLOCK) == 0 ? pipe_new(NULL) : NULL;

    if (!pipe) {
        call_fail(call, (flags & ~VFS_O_NONBLOCK) == 0 ? VFS_E_NO_MEMORY : VFS_E_INVALID);
        return ANSWER;
    }
    struct desc *out = pipe_end(pipe, flags | VFS_O_RDONLY, NULL);
    if (!out) {
        pipe_drop(pipe);
        call_fail(call, VFS_E_TOO_MANY);
        return ANSWER;
    }
    struct desc *in = pipe_end(pipe, flags | VFS_O_WRONLY, NULL);
    if (!in) {
        desc_free(out);
        call_fail(call, VFS_E_TOO_MANY);
        return ANSWER;
    }
    call->out[0] = out->token;
    call->out[1] = in->token;
    /* A capability that was minted and is dropped tells so with a closed message: its description goes then. */
    if (!desc_hand_out(call, out))
        desc_free(in);
    else
        (void)desc_hand_out(call, in);
    return ANSWER;
}

enum vfs_status fifo_open(struct vnode *node, uint64_t flags, struct desc **out, bool *wait, struct queue **queue)
{
    uint64_t access = flags & VFS_O_ACCESS;
    struct pipe *pipe = node->pipe;

    if (access == VFS_O_WRONLY && (flags & VFS_O_NONBLOCK) != 0 && (!pipe || pipe->readers == 0))
        return VFS_E_NO_DEVICE;
    if (!pipe)
        pipe = pipe_new(node);
    if (!pipe)
        return VFS_E_NO_MEMORY;
    *out = pipe_end(pipe, flags, node);
    if (!*out) {
        pipe_drop(pipe);
        return VFS_E_TOO_MANY;
    }
    /* Who opens the other end goes on. */
    queue_changed(&pipe->readable);
    queue_changed(&pipe->writable);
    *wait = (flags & VFS_O_NONBLOCK) == 0 &&
            ((access == VFS_O_RDONLY && pipe->writers == 0) || (access == VFS_O_WRONLY && pipe->readers == 0));
    /* The position, which a FIFO has not, remembers how many of the other kind there were. */
    (*out)->offset = access == VFS_O_RDONLY ? pipe->writers_ever : pipe->readers_ever;
    *queue = access == VFS_O_RDONLY ? &pipe->readable : &pipe->writable;
    return VFS_OK;
}

enum outcome fifo_open_again(struct call *call, struct desc *desc, struct queue **queue)
{
    const struct pipe *pipe = desc->object;
    bool reads = (desc->flags & VFS_O_ACCESS) == VFS_O_RDONLY;

    (void)queue;
    if ((reads ? pipe->writers_ever : pipe->readers_ever) == desc->offset)
        return WAIT;
    (void)open_answer(call, desc);
    call->held = NULL;
    return ANSWER;
}

/* Event counters. */

struct event {
    uint64_t count;
    bool one; /* a read takes one */
    struct queue queue;
};

static enum outcome event_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct event *event = desc->object;
    uint64_t value = event->one ? 1 : event->count;

    if (count < sizeof value) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (event->count == 0)
        return call_wait(call, desc, &event->queue, queue);
    int64_t got = call_give(call, 0, &value, sizeof value);
    if (got == sizeof value) {
        event->count -= value;
        queue_changed(&event->queue);
    }
    return call_bytes(call, got == sizeof value ? sizeof value : 0, got);
}

static enum outcome event_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct event *event = desc->object;
    uint64_t value = 0;

    int64_t got = count < sizeof value ? 0 : call_take(call, 0, &value, sizeof value);
    if (got < 0)
        return call_bytes(call, 0, got);
    if (got != sizeof value || value == UINT64_MAX) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (value > UINT64_MAX - 1 - event->count)
        return call_wait(call, desc, &event->queue, queue);
    event->count += value;
    queue_changed(&event->queue);
    return call_bytes(call, sizeof value, 0);
}

static uint32_t event_ready(struct desc *desc)
{
    const struct event *event = desc->object;

    return (event->count > 0 ? VFS_P_IN : 0) | (event->count < UINT64_MAX - 1 ? VFS_P_OUT : 0);
}

static struct queue *event_queue(struct desc *desc)
{
    return &((struct event *)desc->object)->queue;
}

static void event_close(struct desc *desc)
{
    struct event *event = desc->object;

    queue_end(&event->queue);
    free(event);
}

static const struct file_ops event_ops = {
    .read = event_read, .write = event_write, .ready = event_ready, .queue = event_queue, .close = event_close};

enum outcome event_call(struct call *call)
{
    uint64_t flags = call->word[1];
    struct event *event = (flags & ~(VFS_O_NONBLOCK | VFS_EVENT_ONE)) == 0 ? calloc(1, sizeof *event) : NULL;
    struct desc *desc = event ? desc_new(&event_ops, (flags & VFS_O_NONBLOCK) | VFS_O_RDWR, NULL) : NULL;

    if (!desc) {
        free(event);
        call_fail(call, (flags & ~(VFS_O_NONBLOCK | VFS_EVENT_ONE)) == 0 ? VFS_E_NO_MEMORY : VFS_E_INVALID);
        return ANSWER;
    }
    event->count = call->word[0];
    event->one = (flags & VFS_EVENT_ONE) != 0;
    desc->object = event;
    call->out[0] = desc->token;
    (void)desc_hand_out(call, desc);
    return ANSWER;
}
