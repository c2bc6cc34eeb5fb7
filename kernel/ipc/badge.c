/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Badges: one node for each value of an endpoint that is in use.  The node is the queue entry of the closed(badge) message,
 * so that delivering it cannot fail.
 */
#include <ipc.h>
#include <sched.h>

TREE_DEFINE(badges, struct badge, node, u64, value)

u64 badge_count;

status_t badge_find_or_create(struct endpoint *ep, u64 value, struct pool *pool, struct badge **out)
{
    struct badge *b = badges_find(&ep->badges, value);

    REFUSE_IF(b != NULL && b->closed, BUSY);
    if (b == NULL) {
        b = slab_alloc(pool, SLAB_BADGE);
        REFUSE_IF(b == NULL, NO_MEMORY);
        b->value = value;
        b->ep = ep;
        list_node_init(&b->event_link);
        badges_insert(&ep->badges, b);
        badge_count++;
    }
    *out = b;
    return 0;
}

struct badge *badge_hold(struct badge *b)
{
    object_get(&b->ep->object);
    spin_lock(&cap_lock);
    badge_get(b);
    spin_unlock(&cap_lock);
    return b;
}

void badge_drop(struct badge *b)
{
    struct endpoint *ep = b->ep;

    spin_lock(&cap_lock);
    badge_put(b);
    spin_unlock(&cap_lock);
    object_put(&ep->object);
}

void badge_free(struct badge *b)
{
    tree_remove(&b->ep->badges, &b->node);
    badge_count--;
    slab_free(b);
}

void badge_unused(struct badge *b)
{
    struct endpoint *ep = b->ep;
    struct thread *receiver = NULL;

    spin_lock(&ep->lock);
    /* Calls that were queued with it by threads that still run would arrive after closed(badge): they end instead. */
    while (b->queued > 0) {
        (void)endpoint_evict(ep, NULL, b);
        spin_unlock(&ep->lock);
        (void)preempt_point();      /* with cap_lock held: nothing that an interrupt does wants it */
        spin_lock(&ep->lock);
    }
    bool dead = ep->dead;
    if (!dead)
        receiver = endpoint_receiver(ep);
    if (!dead && receiver == NULL) {
        b->closed = true;
        ep->attention = true;
        list_push_back(&ep->closed, &b->event_link);
    }
    spin_unlock(&ep->lock);
    if (receiver != NULL) {
        ipc_fill_kernel(receiver, MNOS_KIND_CLOSED, b->value);
        sched_wake_result(receiver, 0);
    }
    if (dead || receiver != NULL)
        badge_free(b);
}

bool badges_free_step(struct endpoint *ep)
{
    for (u32 n = 0; n < 16 && ep->badges.root != NULL; n++)
        badge_free(badges_first(&ep->badges));
    return ep->badges.root == NULL;
}
