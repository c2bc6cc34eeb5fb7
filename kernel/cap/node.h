/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a node.  Shared by the files of this room; under cap_lock. */
#pragma once

#include <cap.h>
#include <ipc.h>
#include <mm/pool.h>

/* cap/derive.c: the objects other than endpoints that have to know. */
void node_release_special(struct cap_node *node);

/* Tells the object that a capability to it is gone and drops the reference.  Once a node. */
static inline void node_release(struct cap_node *node)
{
    struct object *object = node->object;

    if (node->type == MNOS_TYPE_ENDPOINT) {
        struct endpoint *ep = container_of(object, struct endpoint, object);
        if ((node->rights & MNOS_RIGHT_RECV) != 0 && --ep->recv_caps == 0)
            endpoint_close(ep);
        badge_put(node->badge);
        node->badge = NULL;
    } else {
        node_release_special(node);
    }
    node->object = NULL;
    object_put(object);
}

/* Ends the processes whose last capability went: after cap_lock is released, by whoever released nodes. */
extern struct process *cap_orphans;
void cap_end_orphans_slow(void);
static inline void cap_end_orphans(void)
{
    if (unlikely(__atomic_load_n(&cap_orphans, __ATOMIC_RELAXED) != NULL))
        cap_end_orphans_slow();
}

/* The node is not in a table any more: hand its children on, free it. */
static inline void node_drop(struct cap_node *node)
{
    struct cap_node *parent = node->parent;

    if (unlikely(node->child != NULL || (node->flags & CAP_BUSY) != 0 ||
                 (node->type == MNOS_TYPE_MEMORY && node->maps != NULL))) {
        tree_drop(node);
        return;
    }
    tree_detach(node);
    slab_free(node);
    if (unlikely(parent != NULL && parent->table == NULL))
        tree_drop(parent);          /* nameless, and now with one child or none */
}
