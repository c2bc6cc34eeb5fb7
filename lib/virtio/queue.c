/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split virtqueues (2.6).  The rings are shared with the device: volatile, each word written once and read once.
 *
 * Layout of a queue's memory, the one that legacy devices demand (2.6.2): descriptors, available ring; on the next page
 * the used ring; then, on a page again, the indirect tables.
 */
#include "queue.h"

#define PAGE 4096ull

#define DESCRIPTOR_NEXT     1u
#define DESCRIPTOR_WRITE    2u
#define DESCRIPTOR_INDIRECT 4u

static size_t page_up(size_t bytes)
{
    return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static size_t front_bytes(unsigned size)
{
    return page_up(sizeof(struct virtq_descriptor) * size + sizeof(uint16_t) * (3 + size));
}

static size_t used_bytes(unsigned size)
{
    return page_up(sizeof(uint16_t) * 3 + sizeof(struct virtq_used_entry) * size);
}

size_t virtq_bytes(unsigned size, bool indirect)
{
    size_t tables = indirect ? sizeof(struct virtq_descriptor) * VIRTQ_INDIRECT * size : 0;

    return front_bytes(size) + used_bytes(size) + page_up(tables);
}

void virtq_layout(struct virtq *queue, unsigned index, unsigned size, void *memory, uint64_t physical, bool indirect,
                  uint64_t part[3])
{
    unsigned char *bytes = memory;
    size_t available = sizeof(struct virtq_descriptor) * size, used = front_bytes(size);
    size_t tables = used + used_bytes(size);

    *queue = (struct virtq){
        .descriptor = memory,
        .available = (volatile uint16_t *)(void *)(bytes + available),
        .used = (volatile uint16_t *)(void *)(bytes + used),
        .tables = indirect ? (struct virtq_descriptor *)(void *)(bytes + tables) : NULL,
        .tables_physical = physical + tables,
        .index = (uint16_t)index,
        .size = (uint16_t)size,
        .free = (uint16_t)size,
    };
    for (unsigned i = 0; i < size; i++)
        queue->next[i] = (uint16_t)(i + 1);
    part[0] = physical;
    part[1] = physical + available;
    part[2] = physical + used;
}

static uint16_t buffer_flags(unsigned i, unsigned readable, unsigned count)
{
    return (uint16_t)((i >= readable ? DESCRIPTOR_WRITE : 0) | (i + 1 < count ? DESCRIPTOR_NEXT : 0));
}

/* One descriptor that leads to a table of them. */
static void table_fill(struct virtq *queue, uint16_t head, const struct virtq_buffer *buffers, unsigned readable,
                       unsigned count)
{
    /* volatile: the device reads it. */
    volatile struct virtq_descriptor *table = queue->tables + (size_t)head * VIRTQ_INDIRECT;

    for (unsigned i = 0; i < count; i++) {
        table[i].address = buffers[i].physical;
        table[i].length = buffers[i].length;
        table[i].flags = buffer_flags(i, readable, count);
        table[i].next = (uint16_t)(i + 1);
    }
    queue->descriptor[head].address =
        queue->tables_physical + (uint64_t)head * VIRTQ_INDIRECT * sizeof(struct virtq_descriptor);
    queue->descriptor[head].length = (uint32_t)(count * sizeof(struct virtq_descriptor));
    queue->descriptor[head].flags = DESCRIPTOR_INDIRECT;
}

/* Returns the descriptor behind the last one. */
static uint16_t chain_fill(struct virtq *queue, uint16_t head, const struct virtq_buffer *buffers, unsigned readable,
                           unsigned count)
{
    uint16_t at = head;

    for (unsigned i = 0; i < count; i++) {
        queue->descriptor[at].address = buffers[i].physical;
        queue->descriptor[at].length = buffers[i].length;
        queue->descriptor[at].flags = buffer_flags(i, readable, count);
        queue->descriptor[at].next = queue->next[at];
        at = queue->next[at];
    }
    return at;
}

enum virtq_result virtq_add(struct virtq *queue, const struct virtq_buffer *buffers, unsigned readable,
                            unsigned writable, uint32_t token)
{
    unsigned count = readable + writable;
    bool table = queue->tables != NULL && count > 1 && count <= VIRTQ_INDIRECT;
    uint16_t taken = (uint16_t)(table ? 1 : count), head = queue->first;
    uint32_t capacity = 0;

    if (count == 0 || taken > queue->free)
        return VIRTQ_FULL;
    for (unsigned i = readable; i < count; i++)
        capacity += buffers[i].length;
    if (table) {
        table_fill(queue, head, buffers, readable, count);
        queue->first = queue->next[head];
    } else {
        queue->first = chain_fill(queue, head, buffers, readable, count);
    }
    queue->free = (uint16_t)(queue->free - taken);
    queue->chain[head] = taken;
    queue->capacity[head] = capacity;
    queue->token[head] = token;
    queue->available[2 + queue->put % queue->size] = head;
    queue->put++;
    return VIRTQ_OK;
}

/* The request's descriptors are free again; their order in our own list is still that of the chain. */
static void chain_free(struct virtq *queue, uint16_t head)
{
    uint16_t last = head;

    for (unsigned i = 1; i < queue->chain[head]; i++)
        last = queue->next[last];
    queue->next[last] = queue->first;
    queue->first = head;
    queue->free = (uint16_t)(queue->free + queue->chain[head]);
    queue->chain[head] = 0;
}

enum virtq_result virtq_take(struct virtq *queue, uint32_t *token, uint32_t *length)
{
    uint16_t there = (uint16_t)(queue->used[1] - queue->taken);

    if (there == 0)
        return VIRTQ_EMPTY;
    if (there > virtq_outstanding(queue))
        return VIRTQ_BROKEN;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    volatile struct virtq_used_entry *entry =
        (volatile struct virtq_used_entry *)(volatile void *)(queue->used + 2) + queue->taken % queue->size;
    uint32_t id = entry->id, written = entry->length;
    if (id >= queue->size || queue->chain[id] == 0)
        return VIRTQ_BROKEN;
    *token = queue->token[id];
    *length = written < queue->capacity[id] ? written : queue->capacity[id];
    chain_free(queue, (uint16_t)id);
    queue->taken++;
    return VIRTQ_OK;
}
