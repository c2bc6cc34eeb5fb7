/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that wait.  A waiter stands on one queue; when the queue has changed each of its waiters is tried again, in the order
 * in which they came.  What a call takes it takes when its answer cannot fail any more, so that a dead or cancelled caller
 * takes nothing.
 */
#include <libmnos/heap.h>
#include <str.h>

#include "vfs.h"

struct waiter {
    struct call call;
    struct desc *desc;
    struct queue *queue;
    struct waiter *next, *prev; /* on the queue */
    struct waiter *all_next, *all_prev;
};

static struct waiter *all;
static unsigned count;
static struct waiter *spare; /* the last one that was freed: a pipe needs one again and again */
static struct queue *changed_first, *changed_last;

void queue_changed(struct queue *queue)
{
    if (queue->changed || (!queue->first && !queue->arms))
        return;
    queue->changed = true;
    queue->next_changed = NULL;
    if (changed_last)
        changed_last->next_changed = queue;
    else
        changed_first = queue;
    changed_last = queue;
}

static void waiter_free(struct waiter *w)
{
    struct queue *q = w->queue;

    if (w->prev)
        w->prev->next = w->next;
    else
        q->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    if (w->all_prev)
        w->all_prev->all_next = w->all_next;
    else
        all = w->all_next;
    if (w->all_next)
        w->all_next->all_prev = w->all_prev;
    count--;
    port_reply_free(w->call.reply);
    free(spare);
    spare = w;
}

/* Its answer is complete. */
static void waiter_answer(struct waiter *w)
{
    (void)port_answer(&w->call);
    waiter_free(w);
}

/* A place may be taken by a caller who died: his call is then no more. */
static void sweep(void)
{
    for (struct waiter *w = all, *next; w; w = next) {
        next = w->all_next;
        if (port_alive(w->call.reply))
            continue;
        struct desc *made = w->call.held;
        waiter_free(w);
        if (made)
            desc_free(made);
    }
}

bool waiter_keep(struct call *call, struct desc *desc, struct queue *queue)
{
    if (count >= WAITERS_MAX)
        sweep();
    struct waiter *w = count >= WAITERS_MAX ? NULL : spare ? spare : malloc(sizeof *w);
    if (w == spare)
        spare = NULL;
    if (!w) {
        struct desc *made = call->held;
        call->held = NULL;
        if (made)
            desc_free(made);
        call_fail(call, VFS_E_NO_MEMORY);
        return false;
    }
    w->call = *call;
    w->desc = desc;
    w->queue = queue;
    w->next = NULL;
    w->prev = queue->last;
    w->all_next = all;
    w->all_prev = NULL;
    if (queue->last)
        queue->last->next = w;
    else
        queue->first = w;
    queue->last = w;
    if (all)
        all->all_prev = w;
    all = w;
    count++;
    return true;
}

static void queue_run(struct queue *queue)
{
    /* Who comes meanwhile comes behind the last one. */
    for (struct waiter *w = queue->first, *last = queue->last, *next; w; w = next) {
        struct queue *same = queue;
        next = w == last ? NULL : w->next;
        if (call_again(&w->call, w->desc, &same) == ANSWER)
            waiter_answer(w);
    }
}

void queues_run(void)
{
    while (changed_first) {
        struct queue *queue = changed_first;
        changed_first = queue->next_changed;
        if (!changed_first)
            changed_last = NULL;
        queue->changed = false;
        if (queue->first)
            queue_run(queue);
        if (queue->arms)
            arms_ring(queue);
    }
}

/* A queue that goes must not be in the list. */
void queue_end(struct queue *queue)
{
    if (!queue->changed)
        return;
    struct queue **at = &changed_first, *before = NULL;
    while (*at != queue) {
        before = *at;
        at = &(*at)->next_changed;
    }
    *at = queue->next_changed;
    if (changed_last == queue)
        changed_last = before;
    queue->changed = false;
}

/* With what is done, or with `status` if that is nothing. */
static void waiter_end(struct waiter *w, enum vfs_status status)
{
    struct desc *made = w->call.held;

    w->call.held = NULL;
    w->call.out[0] = w->call.done;
    if (w->call.done == 0)
        call_fail(&w->call, status);
    waiter_answer(w);
    if (made)
        desc_free(made);
}

void waiters_cancel(mnos_handle_t reply)
{
    for (struct waiter *w = all; w; w = w->all_next) {
        if (w->call.reply == reply) {
            waiter_end(w, VFS_E_INTERRUPTED);
            return;
        }
    }
}

void waiters_end(struct desc *desc, enum vfs_status status)
{
    for (struct waiter *w = all, *next; w; w = next) {
        next = w->all_next;
        if (w->desc == desc && !w->call.held)
            waiter_end(w, status);
    }
}

unsigned waiters_used(void)
{
    return count;
}

enum outcome call_again(struct call *call, struct desc *desc, struct queue **queue)
{
    if (call->label == VFS_OPEN || call->label == VFS_OPEN_FEW)
        return fifo_open_again(call, desc, queue);
    return file_call(call, desc, queue);
}
