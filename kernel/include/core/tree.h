/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intrusive balanced search tree (red-black: Cormen et al., Introduction to Algorithms, chapter 13).  Insert, remove
 * and search take O(log n) steps, next O(1) amortised; nothing is allocated.  At most 2 log2(n + 1) levels.
 *
 * The order is the caller's.  TREE_DEFINE makes inline functions for one structure and one key:
 *
 *     struct mapping { uint64_t start; struct tree_node node; };
 *     TREE_DEFINE(mapping_tree, struct mapping, node, uint64_t, start)
 *
 * gives mapping_tree_insert, _find, _lower_bound, _floor, _first, _next.  Removal needs no key: tree_remove.  A key must not change while its node is linked.  The lock that protects a tree is named where the
 * tree is.
 */
#pragma once

#include <core/container.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tree_side { TREE_LEFT = 0, TREE_RIGHT = 1 };

struct tree_node {
    uintptr_t parent_red; /* The parent's address; bit 0 is set in a red node. */
    struct tree_node *child[2];
};

/* All zero is an empty tree. */
struct tree {
    struct tree_node *root;
};

/* Links `node` as the missing child of `parent` on `side` (of nothing, when the tree is empty) and balances. */
void tree_link(struct tree *tree, struct tree_node *node, struct tree_node *parent, enum tree_side side);

/* `node` is in `tree`. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* NULL where there is none. */
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);

/* clang-format off */
/* `key` names the member that is the key; it is compared by <.
 *   insert       behind all nodes with an equal key
 *   find         the first node with this key, or NULL
 *   lower_bound  the first node whose key is not less, or NULL
 *   floor        the last node whose key is not greater, or NULL */
#define TREE_DEFINE(prefix, type, member, key_type, key)                                                               \
    static inline type *prefix##_of(struct tree_node *node)                                                            \
    {                                                                                                                  \
        return node == NULL ? NULL : container_of(node, type, member);                                                 \
    }                                                                                                                  \
    __attribute__((unused)) static inline void prefix##_insert(struct tree *tree, type *entry)                         \
    {                                                                                                                  \
        struct tree_node *parent = NULL, *at = tree->root;                                                             \
        enum tree_side side = TREE_LEFT;                                                                               \
        while (at != NULL) {                                                                                           \
            parent = at;                                                                                               \
            side = entry->key < container_of(at, type, member)->key ? TREE_LEFT : TREE_RIGHT;                          \
            at = at->child[side];                                                                                      \
        }                                                                                                              \
        tree_link(tree, &entry->member, parent, side);                                                                 \
    }                                                                                                                  \
    __attribute__((unused)) static inline type *prefix##_lower_bound(const struct tree *tree, key_type wanted)         \
    {                                                                                                                  \
        struct tree_node *best = NULL, *at = tree->root;                                                               \
        while (at != NULL) {                                                                                           \
            if (container_of(at, type, member)->key < wanted) {                                                        \
                at = at->child[TREE_RIGHT];                                                                            \
            } else {                                                                                                   \
                best = at;                                                                                             \
                at = at->child[TREE_LEFT];                                                                             \
            }                                                                                                          \
        }                                                                                                              \
        return prefix##_of(best);                                                                                      \
    }                                                                                                                  \
    __attribute__((unused)) static inline type *prefix##_floor(const struct tree *tree, key_type wanted)               \
    {                                                                                                                  \
        struct tree_node *best = NULL, *at = tree->root;                                                               \
        while (at != NULL) {                                                                                           \
            if (wanted < container_of(at, type, member)->key) {                                                        \
                at = at->child[TREE_LEFT];                                                                             \
            } else {                                                                                                   \
                best = at;                                                                                             \
                at = at->child[TREE_RIGHT];                                                                            \
            }                                                                                                          \
        }                                                                                                              \
        return prefix##_of(best);                                                                                      \
    }                                                                                                                  \
    __attribute__((unused)) static inline type *prefix##_find(const struct tree *tree, key_type wanted)                \
    {                                                                                                                  \
        type *entry = prefix##_lower_bound(tree, wanted);                                                              \
        return entry != NULL && !(wanted < entry->key) ? entry : NULL;                                                 \
    }                                                                                                                  \
    __attribute__((unused)) static inline type *prefix##_first(const struct tree *tree)                                \
    {                                                                                                                  \
        return prefix##_of(tree_first(tree));                                                                          \
    }                                                                                                                  \
    __attribute__((unused)) static inline type *prefix##_next(const type *entry)                                       \
    {                                                                                                                  \
        return prefix##_of(tree_next(&entry->member));                                                                 \
    }
/* clang-format on */
