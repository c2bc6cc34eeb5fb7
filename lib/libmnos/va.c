/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/va.h>

void va_init(struct va_space *space)
{
    *space = (struct va_space){0};
}

void va_add_nodes(struct va_space *space, struct va_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nodes[i].next = space->spare;
        space->spare = &nodes[i];
    }
    space->spare_count += count;
}

static struct va_node *node_get(struct va_space *space)
{
    struct va_node *node = space->spare;

    if (node) {
        space->spare = node->next;
        space->spare_count--;
    }
    return node;
}

static void node_put(struct va_space *space, struct va_node *node)
{
    node->next = space->spare;
    space->spare = node;
    space->spare_count++;
}

/* Takes [start, end) out of *link, which contains it. */
static bool node_cut(struct va_space *space, struct va_node **link, uint64_t start, uint64_t end)
{
    struct va_node *node = *link;

    if (node->start == start && node->end == end) {
        *link = node->next;
        node_put(space, node);
    } else if (node->start == start) {
        node->start = end;
    } else if (node->end == end) {
        node->end = start;
    } else {
        struct va_node *rest = node_get(space);
        if (!rest)
            return false;
        *rest = (struct va_node){.next = node->next, .start = end, .end = node->end};
        node->next = rest;
        node->end = start;
    }
    return true;
}

uint64_t va_take(struct va_space *space, uint64_t length, uint64_t align)
{
    if (length == 0)
        return 0;
    for (struct va_node **link = &space->free; *link; link = &(*link)->next) {
        uint64_t start = ((*link)->start + align - 1) & ~(align - 1);
        if (start >= (*link)->start && start < (*link)->end && (*link)->end - start >= length)
            return node_cut(space, link, start, start + length) ? start : 0;
    }
    return 0;
}

bool va_give(struct va_space *space, uint64_t start, uint64_t length)
{
    struct va_node *before = NULL;
    struct va_node *after = space->free;
    uint64_t end = start + length;

    if (length == 0 || end < start)
        return false;
    while (after && after->start < start) {
        before = after;
        after = after->next;
    }
    if ((before && before->end > start) || (after && after->start < end))
        return false;

    bool joins_before = before && before->end == start;
    bool joins_after = after && after->start == end;
    if (joins_before && joins_after) {
        before->end = after->end;
        before->next = after->next;
        node_put(space, after);
    } else if (joins_before) {
        before->end = end;
    } else if (joins_after) {
        after->start = start;
    } else {
        struct va_node *node = node_get(space);
        if (!node)
            return false;
        *node = (struct va_node){.next = after, .start = start, .end = end};
        if (before)
            before->next = node;
        else
            space->free = node;
    }
    return true;
}
