/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shared counters are read and written by atomic loads and stores: an entry is in memory before the counter that
 * announces it, and out of it before the counter that frees its place.
 */
#include <ring.h>
#include <str.h>

void ring_open(struct ring *ring, void *memory, uint32_t size, uint32_t entry_size)
{
    *ring = (struct ring){
        .shared = memory,
        .entries = (unsigned char *)memory + sizeof(struct ring_shared),
        .size = size,
        .entry_size = entry_size,
    };
}

static unsigned char *place(const struct ring *ring, uint32_t counter)
{
    return ring->entries + (size_t)(counter & (ring->size - 1)) * ring->entry_size;
}

enum ring_result ring_put(struct ring *ring, const void *entry)
{
    if (ring->own - ring->other >= ring->size) {
        ring->other = __atomic_load_n(&ring->shared->taken, __ATOMIC_ACQUIRE);
        if (ring->own - ring->other > ring->size)
            return RING_BROKEN;
        if (ring->own - ring->other == ring->size)
            return RING_FULL;
    }
    memcpy(place(ring, ring->own), entry, ring->entry_size);
    __atomic_store_n(&ring->shared->put, ++ring->own, __ATOMIC_RELEASE);
    return RING_OK;
}

bool ring_must_notify(struct ring *ring)
{
    /* The look at `asleep` must not overtake the store of `put`; the consumer has the same between its two. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->shared->asleep, __ATOMIC_RELAXED) == 0)
        return false;
    __atomic_store_n(&ring->shared->asleep, 0, __ATOMIC_RELAXED);
    return true;
}

enum ring_result ring_take(struct ring *ring, void *entry)
{
    if (ring->other == ring->own) {
        ring->other = __atomic_load_n(&ring->shared->put, __ATOMIC_ACQUIRE);
        if (ring->other == ring->own)
            return RING_EMPTY;
    }
    if (ring->other - ring->own > ring->size)
        return RING_BROKEN;
    memcpy(entry, place(ring, ring->own), ring->entry_size);
    __atomic_store_n(&ring->shared->taken, ++ring->own, __ATOMIC_RELEASE);
    return RING_OK;
}

bool ring_sleep(struct ring *ring)
{
    __atomic_store_n(&ring->shared->asleep, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->shared->put, __ATOMIC_RELAXED) == ring->own)
        return true;
    ring_wake(ring);
    return false;
}

void ring_wake(struct ring *ring)
{
    __atomic_store_n(&ring->shared->asleep, 0, __ATOMIC_RELAXED);
}
