/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Revocation in bounded steps.
 *
 * The tree below the root is taken down from the top: a child that has children of its own first hands them to the root,
 * one at a time, and is deleted when it has none.  Each node is moved at most once and deleted once, every step is
 * short, and the only restart point is the root.  The root is flagged meanwhile, so that nothing new is derived below,
 * and busy, so that it does not vanish.
 */

#include "node.h"
#include "slot.h"

#define STEP_NODES 16u

status_t cap_revoke_begin(struct cap_table *t, u64 handle, struct cap_node **root)
{
    struct cap_view v;

    spin_lock(&cap_lock);
    status_t s = cap_lookup(t, handle, MNOS_TYPE_NONE, MNOS_RIGHT_REVOKE, &v);
    if (s == 0 && (v.node->flags & CAP_BUSY) != 0)
        s = ERR(BUSY);
    /* Nor below a root that is being revoked, which would have to wait for this one, and the next, for ever. */
    for (const struct cap_node *n = s == 0 ? v.node->parent : NULL; n != NULL && s == 0; n = n->parent)
        if ((n->flags & CAP_REVOKING) != 0)
            s = ERR(BUSY);
    if (s == 0) {
        v.node->flags |= CAP_REVOKING | CAP_BUSY;
        *root = v.node;
    }
    spin_unlock(&cap_lock);
    return s;
}

/* `c` has no children.  False: it has mappings left, come again. */
static inline bool revoke_leaf(struct cap_node *c)
{
    struct cap_table *t = c->table;
    bool held = c->object != NULL;

    if (likely(t != NULL)) {
        slot_clear(t, &t->chunk[c->index / CAP_CHUNK_SLOTS][c->index % CAP_CHUNK_SLOTS], c->index);
        cap_count--;
        c->table = NULL;
    }
    if (likely(c->type == MNOS_TYPE_ENDPOINT)) {
        /* Who waits through it waits to receive, or is queued with its badge. */
        if (likely(held) && unlikely((c->rights & MNOS_RIGHT_RECV) != 0 || c->badge->queued != 0))
            endpoint_revoke_via(container_of(c->object, struct endpoint, object), c);
    } else if (c->type == MNOS_TYPE_NOTIFICATION && held) {
        notification_revoke_via(container_of(c->object, struct notification, object), c);
    } else if (c->type == MNOS_TYPE_MEMORY && c->maps != NULL) {
        c->flags |= CAP_BUSY;
        spin_unlock(&cap_lock);
        bool done = aspace_unmap_via(c);
        spin_lock(&cap_lock);
        c->flags &= (u8)~CAP_BUSY;
        if (!done)
            return false;
    }
    if (likely(held))
        node_release(c);
    /* As node_drop; but its parent is kept by who revokes. */
    tree_detach(c);
    slab_free(c);
    return true;
}

enum revoke_result cap_revoke_step(struct cap_node *root)
{
    enum revoke_result result = REVOKE_MORE;

    spin_lock(&cap_lock);
    for (u32 n = 0; n < STEP_NODES; n++) {
        struct cap_node *c = root->child;
        if (unlikely(c == NULL)) {
            result = REVOKE_DONE;
            break;
        }
        if (unlikely(c->child != NULL)) {
            struct cap_node *grandchild = c->child;
            tree_detach(grandchild);
            tree_attach(root, grandchild);
            continue;
        }
        if (unlikely((c->flags & CAP_BUSY) != 0)) {
            result = REVOKE_WAIT;
            break;
        }
        if (unlikely(!revoke_leaf(c)))
            break;
    }
    spin_unlock(&cap_lock);
    cap_end_orphans();
    return result;
}

void cap_revoke_end(struct cap_node *root)
{
    spin_lock(&cap_lock);
    root->flags &= (u8) ~(CAP_REVOKING | CAP_BUSY);
    tree_drop(root);
    spin_unlock(&cap_lock);
}
