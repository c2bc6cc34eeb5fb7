/* SPDX-License-Identifier: BSD-2-Clause */
#include <core/tree.h>

/*
 * A missing child counts as black.  The rules: the root is black; a red node has no red child; every way down from a
 * node meets the same number of black nodes.
 */
#define RED ((uintptr_t)1)

static inline struct tree_node *parent_of(const struct tree_node *node)
{
    return (struct tree_node *)(node->parent_red & ~RED);
}

static inline bool is_red(const struct tree_node *node)
{
    return node != NULL && (node->parent_red & RED) != 0;
}

static inline void set_red(struct tree_node *node)
{
    node->parent_red |= RED;
}

static inline void set_black(struct tree_node *node)
{
    node->parent_red &= ~RED;
}

/* Keeps the node's colour. */
static inline void set_parent(struct tree_node *node, struct tree_node *parent)
{
    node->parent_red = (uintptr_t)parent | (node->parent_red & RED);
}

static inline enum tree_side side_of(const struct tree_node *node, const struct tree_node *parent)
{
    return parent->child[TREE_RIGHT] == node ? TREE_RIGHT : TREE_LEFT;
}

static inline enum tree_side other(enum tree_side side)
{
    return side == TREE_LEFT ? TREE_RIGHT : TREE_LEFT;
}

/* Puts `new` (or nothing) where `old` hangs. */
static void replace_child(struct tree *tree, struct tree_node *parent, struct tree_node *old, struct tree_node *new)
{
    if (parent == NULL)
        tree->root = new;
    else
        parent->child[side_of(old, parent)] = new;
}

/*
 * Moves `top` down to `side`; its child on the other side takes its place.  For side left:
 *
 *      top              up
 *     /   \            /  \
 *    a     up   ->   top   c
 *         /  \      /   \
 *        b    c    a     b
 */
static void rotate(struct tree *tree, struct tree_node *top, enum tree_side side)
{
    struct tree_node *parent = parent_of(top);
    struct tree_node *up = top->child[other(side)];
    struct tree_node *inner = up->child[side];

    top->child[other(side)] = inner;
    if (inner != NULL)
        set_parent(inner, top);
    replace_child(tree, parent, top, up);
    set_parent(up, parent);
    up->child[side] = top;
    set_parent(top, up);
}

void tree_link(struct tree *tree, struct tree_node *node, struct tree_node *parent, enum tree_side side)
{
    node->parent_red = (uintptr_t)parent | RED;
    node->child[TREE_LEFT] = node->child[TREE_RIGHT] = NULL;
    if (parent == NULL)
        tree->root = node;
    else
        parent->child[side] = node;

    /* Only "a red node has no red child" can be broken, and only between node and its parent. */
    while (is_red(parent)) {
        struct tree_node *grand = parent_of(parent);
        enum tree_side parent_side = side_of(parent, grand);
        struct tree_node *uncle = grand->child[other(parent_side)];

        if (is_red(uncle)) {
            set_black(parent);
            set_black(uncle);
            set_red(grand);
            node = grand;
            parent = parent_of(node);
            continue;
        }
        if (side_of(node, parent) != parent_side) {
            rotate(tree, parent, parent_side);
            parent = node;
        }
        set_black(parent);
        set_red(grand);
        rotate(tree, grand, other(parent_side));
        break;
    }
    set_black(tree->root);
}

/* The ways down through `parent`'s child on `side` meet one black node too few. */
static void rebalance_removed(struct tree *tree, struct tree_node *parent, enum tree_side side)
{
    while (parent != NULL) {
        struct tree_node *node = parent->child[side];
        if (is_red(node)) {
            set_black(node);
            return;
        }

        struct tree_node *sibling = parent->child[other(side)];
        if (is_red(sibling)) {
            set_black(sibling);
            set_red(parent);
            rotate(tree, parent, side);
            sibling = parent->child[other(side)];
        }
        struct tree_node *near = sibling->child[side], *far = sibling->child[other(side)];
        if (!is_red(near) && !is_red(far)) {
            set_red(sibling);
            node = parent;
            parent = parent_of(node);
            if (is_red(node) || parent == NULL) {
                set_black(node);
                return;
            }
            side = side_of(node, parent);
            continue;
        }
        if (!is_red(far)) {
            set_black(near);
            set_red(sibling);
            rotate(tree, sibling, other(side));
            sibling = near;
            far = sibling->child[other(side)];
        }
        sibling->parent_red = (sibling->parent_red & ~RED) | (parent->parent_red & RED);
        set_black(parent);
        set_black(far);
        rotate(tree, parent, side);
        return;
    }
    if (tree->root != NULL)
        set_black(tree->root);
}

/* Unlinks a node that has at most one child. */
static void remove_simple(struct tree *tree, struct tree_node *node)
{
    struct tree_node *parent = parent_of(node);
    struct tree_node *child = node->child[node->child[TREE_LEFT] == NULL ? TREE_RIGHT : TREE_LEFT];
    enum tree_side side = parent == NULL ? TREE_LEFT : side_of(node, parent);

    replace_child(tree, parent, node, child);
    if (child != NULL)
        set_parent(child, parent);
    if (!is_red(node))
        rebalance_removed(tree, parent, side);
}

/* Puts `heir`, which is in no tree, in `node`'s place: its links, its colour. */
static void take_place(struct tree *tree, struct tree_node *node, struct tree_node *heir)
{
    *heir = *node;
    replace_child(tree, parent_of(node), node, heir);
    for (int side = TREE_LEFT; side <= TREE_RIGHT; side++)
        if (heir->child[side] != NULL)
            set_parent(heir->child[side], heir);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    if (node->child[TREE_LEFT] == NULL || node->child[TREE_RIGHT] == NULL) {
        remove_simple(tree, node);
        return;
    }
    /* The next node in order has no left child: it can be unlinked simply and then stand in for this one. */
    struct tree_node *heir = tree_next(node);
    remove_simple(tree, heir);
    take_place(tree, node, heir);
}

static struct tree_node *leftmost(struct tree_node *node)
{
    while (node != NULL && node->child[TREE_LEFT] != NULL)
        node = node->child[TREE_LEFT];
    return node;
}

struct tree_node *tree_first(const struct tree *tree)
{
    return leftmost(tree->root);
}

struct tree_node *tree_next(const struct tree_node *node)
{
    if (node->child[TREE_RIGHT] != NULL)
        return leftmost(node->child[TREE_RIGHT]);

    struct tree_node *parent = parent_of(node);
    while (parent != NULL && parent->child[TREE_RIGHT] == node) {
        node = parent;
        parent = parent_of(node);
    }
    return parent;
}
