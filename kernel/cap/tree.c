/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derivation tree.
 *
 *        root                     child lists are doubly linked, newest first;
 *       /    \                    every node knows its parent
 *      a      b
 *     / \
 *    c   d        a is deleted: it stays as a nameless node (table NULL) while it has two or more children, so that handing
 *                 them to the parent costs nothing however many they are; with one child it is spliced out.
 *
 * All under cap_lock.
 */
#include <cap.h>
#include <mm/aspace.h>

void tree_drop(struct cap_node *node)
{
    while (node != NULL && node->table == NULL && (node->flags & CAP_BUSY) == 0) {
        struct cap_node *parent = node->parent, *child = node->child;
        if (child != NULL && child->next != NULL)
            return;                         /* two or more children: it stays, nameless */
        if (node->type == MNOS_TYPE_MEMORY && node->maps != NULL)
            aspace_inherit_via(node, parent);
        tree_detach(node);
        if (child != NULL) {
            node->child = NULL;
            tree_attach(parent, child);
        }
        slab_free(node);
        node = parent;                      /* may be nameless, and now have one child or none */
    }
}
