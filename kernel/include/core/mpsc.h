/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lock-free stack that many cores push to and one takes as a whole: the dead queue.
 *
 * A push is one compare-and-swap loop, legal in any context including interrupts.  Taking swaps the head for NULL, so
 * that a node is never popped singly and there is no ABA problem.  What the pusher wrote before the push is visible
 * to the taker (release, acquire).  A node may be in one stack at a time; until it is taken, it belongs to the stack.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct mpsc_node {
    struct mpsc_node *next;
};

/* All zero is empty. */
struct mpsc_stack {
    struct mpsc_node *head; /* Only by the atomic operations below. */
};

/* Returns whether the stack was empty, which is when the taker needs to be woken. */
static inline bool mpsc_push(struct mpsc_stack *stack, struct mpsc_node *node)
{
    struct mpsc_node *head = __atomic_load_n(&stack->head, __ATOMIC_RELAXED);

    do {
        node->next = head;
    } while (!__atomic_compare_exchange_n(&stack->head, &head, node, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    return head == NULL;
}

/* All nodes, linked by next, the last pushed first; NULL when there are none. */
static inline struct mpsc_node *mpsc_take_all(struct mpsc_stack *stack)
{
    if (__atomic_load_n(&stack->head, __ATOMIC_RELAXED) == NULL)
        return NULL;
    return __atomic_exchange_n(&stack->head, NULL, __ATOMIC_ACQUIRE);
}

/* A chain as mpsc_take_all returns it, turned round: the first pushed first. */
static inline struct mpsc_node *mpsc_reverse(struct mpsc_node *chain)
{
    struct mpsc_node *reversed = NULL;

    while (chain != NULL) {
        struct mpsc_node *next = chain->next;
        chain->next = reversed;
        reversed = chain;
        chain = next;
    }
    return reversed;
}
