/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of fixed-size entries in memory that two processes share: one puts, the other takes.
 *
 * The two sides do not trust each other.  Each keeps its own counter and size privately (struct ring), writes its counter
 * into the shared page, reads the other's once per look, and copies an entry out before it looks at it.  A counter that
 * cannot be (more entries than the ring has) is told as RING_BROKEN and touches nothing.
 *
 * A side that is going to sleep says so in the shared page, so that the other notifies it only then:
 *
 *     while (ring_take(...) == RING_EMPTY) { if (ring_sleep(ring)) wait; ring_wake(ring); }
 *
 * Layout: struct ring_shared, then the entries.  Any context; nothing is allocated.
 */
#ifndef MNOS_SHARED_RING_H
#define MNOS_SHARED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_shared {
    uint32_t put; /* entries ever put; written by the producer */
    uint32_t producer_pad[15];
    uint32_t taken;  /* entries ever taken; written by the consumer */
    uint32_t asleep; /* by the consumer: it wants to be notified */
    uint32_t consumer_pad[14];
};

struct ring {
    struct ring_shared *shared;
    unsigned char *entries;
    uint32_t size;       /* entries, a power of two */
    uint32_t entry_size; /* bytes, a multiple of 8 */
    uint32_t own;        /* this side's counter */
    uint32_t other;      /* the other side's, as last read */
};

enum ring_result { RING_OK, RING_EMPTY, RING_FULL, RING_BROKEN };

/* Bytes that a ring of this shape takes. */
static inline size_t ring_bytes(uint32_t size, uint32_t entry_size)
{
    return sizeof(struct ring_shared) + (size_t)size * entry_size;
}

/* Both sides, each its own struct.  The memory is zero when the first one comes. */
void ring_open(struct ring *ring, void *memory, uint32_t size, uint32_t entry_size);

/* Producer. */
enum ring_result ring_put(struct ring *ring, const void *entry);
/* Has the consumer said that it sleeps, since the last call that returned true?  Ask after the entries were put. */
bool ring_must_notify(struct ring *ring);

/* Consumer. */
enum ring_result ring_take(struct ring *ring, void *entry);
/* Says that the consumer goes to sleep; false: something has come meanwhile, so it must not. */
bool ring_sleep(struct ring *ring);
void ring_wake(struct ring *ring);

#endif
