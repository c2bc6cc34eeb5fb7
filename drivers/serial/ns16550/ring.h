/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of bytes.  `get` and `put` count for ever; their difference is what is inside. */
#ifndef RING_H
#define RING_H

#include <stdint.h>

#define RING_SIZE 4096u /* a power of two */

struct ring {
    uint32_t get, put;
    char byte[RING_SIZE];
};

static inline uint32_t ring_used(const struct ring *ring)
{
    return ring->put - ring->get;
}

static inline uint32_t ring_room(const struct ring *ring)
{
    return RING_SIZE - ring_used(ring);
}

static inline void ring_put(struct ring *ring, char byte)
{
    ring->byte[ring->put++ % RING_SIZE] = byte;
}

static inline char ring_get(struct ring *ring)
{
    return ring->byte[ring->get++ % RING_SIZE];
}

/* The free bytes that lie in one piece, and where. */
static inline char *ring_space(struct ring *ring, uint32_t *length)
{
    uint32_t at = ring->put % RING_SIZE;
    uint32_t straight = RING_SIZE - at;

    *length = straight < ring_room(ring) ? straight : ring_room(ring);
    return ring->byte + at;
}

/* The bytes inside that lie in one piece, and where. */
static inline const char *ring_content(const struct ring *ring, uint32_t *length)
{
    uint32_t at = ring->get % RING_SIZE;
    uint32_t straight = RING_SIZE - at;

    *length = straight < ring_used(ring) ? straight : ring_used(ring);
    return ring->byte + at;
}

#endif
