/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a pipe: a ring whose pieces are shown to whoever copies, so that bytes count only when they were copied. */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include <stddef.h>
#include <stdint.h>

#define PIPE_ATOMIC 4096u /* PIPE_BUF: so many bytes are written in one piece */
#define PIPE_BYTES  16384u

struct ring_bytes {
    unsigned char *bytes; /* PIPE_BYTES */
    uint64_t head, tail;  /* bytes ever written and read */
};

static inline size_t ring_used(const struct ring_bytes *ring)
{
    return (size_t)(ring->head - ring->tail);
}

static inline size_t ring_room(const struct ring_bytes *ring)
{
    return PIPE_BYTES - ring_used(ring);
}

/* The next piece with (or for) at most `want` bytes; 0: none.  It counts after ring_took (ring_put). */
static inline size_t ring_next(const struct ring_bytes *ring, size_t want, unsigned char **at)
{
    size_t start = (size_t)(ring->tail % PIPE_BYTES), n = PIPE_BYTES - start;

    n = n < ring_used(ring) ? n : ring_used(ring);
    *at = ring->bytes + start;
    return n < want ? n : want;
}

static inline size_t ring_place(const struct ring_bytes *ring, size_t want, unsigned char **at)
{
    size_t start = (size_t)(ring->head % PIPE_BYTES), n = PIPE_BYTES - start;

    n = n < ring_room(ring) ? n : ring_room(ring);
    *at = ring->bytes + start;
    return n < want ? n : want;
}

static inline void ring_took(struct ring_bytes *ring, size_t n)
{
    ring->tail += n;
}

static inline void ring_put(struct ring_bytes *ring, size_t n)
{
    ring->head += n;
}

#endif
