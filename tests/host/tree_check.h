/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests and proofs ask of a tree besides what its users do: is it a red-black tree, and what comes before a node? */
#ifndef TREE_CHECK_H
#define TREE_CHECK_H

#include <core/tree.h>

static inline bool tree_is_red(const struct tree_node *node)
{
    return node != NULL && (node->parent_red & 1) != 0;
}

/* Black nodes on each way down from `node`, or -1 when a rule is broken below it.  A tree that fits in memory has at most
 * 128 levels; a broken one may have more. */
static inline int tree_black_height(const struct tree_node *node, const struct tree_node *parent, int levels)
{
    if (node == NULL)
        return 0;
    if (levels == 0 || (node->parent_red & ~(uintptr_t)1) != (uintptr_t)parent ||
        (tree_is_red(node) && tree_is_red(parent)))
        return -1;
    int left = tree_black_height(node->child[TREE_LEFT], node, levels - 1);
    int right = tree_black_height(node->child[TREE_RIGHT], node, levels - 1);
    if (left < 0 || left != right)
        return -1;
    return left + !tree_is_red(node);
}

/* Is every rule of a red-black tree kept?  Order is the caller's to check. */
static inline bool tree_valid(const struct tree *tree)
{
    return !tree_is_red(tree->root) && tree_black_height(tree->root, NULL, 128) >= 0;
}

#endif
