/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges of addresses: which are free.  First fit over a list in address order; neighbours are joined.  Pure: nodes come
 * from whoever calls, who also locks.
 */
#ifndef LIBMNOS_VA_H
#define LIBMNOS_VA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct va_node {
    struct va_node *next;
    uint64_t start, end; /* free: [start, end) */
};

struct va_space {
    struct va_node *free;  /* ascending; neither empty nor touching */
    struct va_node *spare; /* nodes for later */
    size_t spare_count;
};

/* Both lists empty.  va_give then adds what may be used. */
void va_init(struct va_space *space);
void va_add_nodes(struct va_space *space, struct va_node *nodes, size_t count);

/* Each of these two needs at most one spare node, and fails without a change when there is none. */
/* 0: no room. */
uint64_t va_take(struct va_space *space, uint64_t length, uint64_t align);
/* False also when part of the range is free already. */
bool va_give(struct va_space *space, uint64_t start, uint64_t length);

#endif
