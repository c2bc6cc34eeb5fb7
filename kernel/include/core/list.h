/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intrusive doubly linked list.  The owner embeds a struct list_node and links it; nothing is allocated.
 *
 *     list: [head] <-> [node] <-> [node] <-> (back to head)
 *
 * The head is a node too, so that no operation has a special case.  A node that is in no list points at itself
 * (list_init, list_remove), so that "is it queued?" can be asked and removing twice is harmless.  The lock that
 * protects a list is named where the list is.
 */
#pragma once

#include <core/container.h>
#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next, *prev;
};

struct list {
    struct list_node head;
};

static inline void list_node_init(struct list_node *node)
{
    node->next = node->prev = node;
}

static inline void list_init(struct list *list)
{
    list_node_init(&list->head);
}

static inline bool list_empty(const struct list *list)
{
    return list->head.next == &list->head;
}

/* The node was initialised by list_node_init. */
static inline bool list_linked(const struct list_node *node)
{
    return node->next != node;
}

static inline void list_insert_before(struct list_node *node, struct list_node *where)
{
    struct list_node *prev = where->prev;

    node->prev = prev;
    node->next = where;
    prev->next = node;
    where->prev = node;
}

static inline void list_push_front(struct list *list, struct list_node *node)
{
    list_insert_before(node, list->head.next);
}

static inline void list_push_back(struct list *list, struct list_node *node)
{
    list_insert_before(node, &list->head);
}

static inline void list_remove(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_node_init(node);
}

/* NULL when empty. */
static inline struct list_node *list_first(const struct list *list)
{
    return list_empty(list) ? NULL : list->head.next;
}

/* Removed, and NULL when empty. */
static inline struct list_node *list_pop_front(struct list *list)
{
    struct list_node *node = list_first(list);
    if (node != NULL)
        list_remove(node);
    return node;
}

/* The body may remove the node that it is given, and no other one. */
#define LIST_FOR_EACH(node, list)                                                                                      \
    for (struct list_node *node = (list)->head.next, *node##_next = node->next; node != &(list)->head;                 \
         node = node##_next, node##_next = node->next)
