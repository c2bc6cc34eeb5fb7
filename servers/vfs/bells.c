/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Readiness.  A bell holds a notification of its client; a POLL on it that finds nothing ready arms it: it stands on the queues of
 * the descriptions asked for.  It rings once, and then stands nowhere.
 */
#include <libmnos/heap.h>
#include <mnos/errors.h>
#include <str.h>

#include "vfs.h"

struct bell;
struct arm {
    struct bell *bell;
    struct desc *desc;
    struct queue *queue;
    struct arm *next, *prev;
    uint32_t events;
};

struct bell {
    mnos_handle_t notification;
    uint64_t bits;
    struct arm *arms;
    unsigned count;
};

static void bell_disarm(struct bell *bell)
{
    for (unsigned i = 0; i < bell->count; i++) {
        struct arm *arm = &bell->arms[i];
        if (arm->prev)
            arm->prev->next = arm->next;
        else
            arm->queue->arms = arm->next;
        if (arm->next)
            arm->next->prev = arm->prev;
    }
    free(bell->arms);
    bell->arms = NULL;
    bell->count = 0;
}

static void bell_close(struct desc *desc)
{
    struct bell *bell = desc->object;

    bell_disarm(bell);
    port_drop(bell->notification);
    free(bell);
}

static enum outcome bell_no_bytes(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    (void)desc, (void)count, (void)queue;
    call_fail(call, VFS_E_BAD_MODE);
    return ANSWER;
}

static const struct file_ops bell_ops = {.read = bell_no_bytes, .write = bell_no_bytes, .close = bell_close};

enum outcome bell_call(struct call *call)
{
    if (call->cap == MNOS_NONE) {
        call_fail(call, call->accepts_caps ? VFS_E_INVALID : VFS_E_RETRY);
        return ANSWER;
    }
    struct bell *bell = calloc(1, sizeof *bell);
    struct desc *desc = bell ? desc_new(&bell_ops, VFS_O_PATH, NULL) : NULL;
    if (!desc) {
        free(bell);
        call_fail(call, VFS_E_NO_MEMORY);
        return ANSWER;
    }
    bell->notification = call->cap;
    call->cap = MNOS_NONE;
    desc->object = bell;
    (void)desc_hand_out(call, desc);
    return ANSWER;
}

#define ALWAYS (VFS_P_ERR | VFS_P_HUP | VFS_P_BAD)

static uint32_t ready_now(struct desc *desc)
{
    return desc->ops->ready ? desc->ops->ready(desc) : VFS_P_IN | VFS_P_OUT;
}

static uint64_t look(struct vfs_poll *list, uint64_t count)
{
    uint64_t found = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct desc *desc = desc_of_token(list[i].token);
        list[i].ready = desc ? ready_now(desc) & (list[i].events | ALWAYS) : VFS_P_BAD;
        found += list[i].ready != 0;
    }
    return found;
}

static enum vfs_status bell_arm(struct bell *bell, const struct vfs_poll *list, uint64_t count, uint64_t bits)
{
    bell->bits = bits;
    if (count == 0)
        return VFS_OK;
    bell->arms = calloc(count, sizeof *bell->arms);
    if (!bell->arms)
        return VFS_E_NO_MEMORY;
    for (uint64_t i = 0; i < count; i++) {
        struct desc *desc = desc_of_token(list[i].token);
        /* What is always ready would have been. */
        if (!desc || !desc->ops->queue)
            continue;
        struct arm *arm = &bell->arms[bell->count++];
        struct queue *queue = desc->ops->queue(desc);
        *arm = (struct arm){
            .bell = bell, .desc = desc, .queue = queue, .events = list[i].events | ALWAYS, .next = queue->arms};
        if (queue->arms)
            queue->arms->prev = arm;
        queue->arms = arm;
    }
    return VFS_OK;
}

enum outcome poll_call(struct call *call, struct desc *desc)
{
    static struct vfs_poll list[VFS_POLL_MAX];
    struct bell *bell = desc->ops == &bell_ops ? desc->object : NULL;
    uint64_t count = call->word[0];
    size_t bytes = (size_t)count * sizeof list[0];

    if (bell)
        bell_disarm(bell);
    if (call->label == VFS_DISARM)
        return ANSWER;
    if (count > VFS_POLL_MAX) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    int64_t got = bytes > 0 ? port_copy_in(call->reply, 0, list, bytes) : 0;
    if (got < 0 || (size_t)got != bytes) {
        call_fail(call, got < 0 ? status_of(got) : VFS_E_FAULT);
        return ANSWER;
    }
    call->out[0] = look(list, count);
    got = bytes > 0 ? port_copy_out(call->reply, 0, list, bytes) : 0;
    if (got < 0 || (size_t)got != bytes) {
        call_fail(call, got < 0 ? status_of(got) : VFS_E_FAULT);
        return ANSWER;
    }
    if (bell && call->out[0] == 0) {
        enum vfs_status status = bell_arm(bell, list, count, call->word[1]);
        if (status != VFS_OK)
            call_fail(call, status);
    }
    return ANSWER;
}

static void bell_ring(struct bell *bell)
{
    bell_disarm(bell);
    port_notify(bell->notification, bell->bits);
}

void arms_ring(struct queue *queue)
{
    /* A bell that rings may stand here more than once: begin again. */
    for (struct arm *arm = queue->arms; arm;) {
        if ((ready_now(arm->desc) & arm->events) != 0) {
            bell_ring(arm->bell);
            arm = queue->arms;
        } else {
            arm = arm->next;
        }
    }
}

void arms_end(struct desc *desc)
{
    struct queue *queue = desc->ops->queue ? desc->ops->queue(desc) : NULL;

    for (struct arm *arm = queue ? queue->arms : NULL; arm;) {
        if (arm->desc == desc) {
            bell_ring(arm->bell);
            arm = queue->arms;
        } else {
            arm = arm->next;
        }
    }
}
