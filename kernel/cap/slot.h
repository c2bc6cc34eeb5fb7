/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots of a table: a list of free ones, and behind it those that were never used.  All under cap_lock.
 *
 * The list's links are in the meta words, gen:32 listed:1 next:15 rights:8 type:8 (next is index + 1), and not where the
 * node pointer is: a lookup on another core may follow that pointer at any moment, before it sees that the slot was emptied.
 * A slot that is taken by its number stays listed until it comes to the front.
 */
#pragma once

#include <cap_lookup.h>

static ALWAYS_INLINE struct cap_slot *slot_at(const struct cap_table *t, u32 index)
{
    if (unlikely(index >= CAP_CHUNK_SLOTS))
        return &t->chunk[index / CAP_CHUNK_SLOTS][index % CAP_CHUNK_SLOTS];
    return &t->first[index];
}

#define META_LISTED        0x80000000ull
#define META_NEXT          0x7fff0000ull
#define META_LINK          (META_LISTED | META_NEXT)
#define META_NEXT_OF(meta) ((u32)((meta) >> 16) & 0x7fff)
#define META_GEN_ONE       (1ull << 32)

/* The word of an empty slot, which goes to the front of the list unless it is in it. */
static inline u64 slot_listed(struct cap_table *t, u64 meta, u32 index)
{
    /* The one index that no link can name is not used again, nor is a slot that has used up its generations: no handle ever
     * names two things. */
    if (unlikely((meta & META_LISTED) != 0 || meta >= (u64)UINT32_MAX << 32 || index + 1 > META_NEXT >> 16))
        return meta;
    meta |= META_LISTED | (u64)t->free_head << 16;
    t->free_head = index + 1;
    return meta;
}

/* The next slot of the list, its index is free_head - 1; NULL: there is none, or it was taken by its number. */
static ALWAYS_INLINE struct cap_slot *slot_next(const struct cap_table *t)
{
    if (unlikely(t->free_head == 0))
        return NULL;
    struct cap_slot *slot = slot_at(t, t->free_head - 1);
    return likely(META_TYPE(slot->meta) == MNOS_TYPE_NONE) ? slot : NULL;
}

/* cap/table.c: a certain slot, or there is no next one. */
MUST_CHECK status_t slot_reserve_slow(struct cap_table *t, u64 want, struct cap_slot **slot);

/* A free slot (want: that index, MNOS_NONE: any) for slot_fill; nothing is to be undone without it.  Its index, or
 * -NO_SLOTS, -NO_MEMORY, -BUSY, -RANGE. */
static ALWAYS_INLINE MUST_CHECK status_t slot_reserve(struct cap_table *t, u64 want, struct cap_slot **slot)
{
    *slot = slot_next(t);
    if (unlikely(want != MNOS_NONE || *slot == NULL))
        return slot_reserve_slow(t, want, slot);
    return t->free_head - 1;
}

/* After slot_reserve; returns the handle. */
static inline status_t slot_fill(struct cap_table *t, struct cap_slot *slot, u32 index, struct cap_node *node)
{
    u64 meta = slot->meta, gen = meta >> 32 << 32;

    if (likely(t->free_head == index + 1)) {
        t->free_head = META_NEXT_OF(meta);
        meta = gen;
    }
    node->table = t;
    node->index = index;
    slot->node = node;
    __atomic_store_n(&slot->meta, meta | CAP_WANT(node->type, node->rights), __ATOMIC_RELEASE);
    t->used++;
    return (status_t)(gen | index);
}

/* Empties it; next generation. */
static inline void slot_clear(struct cap_table *t, struct cap_slot *slot, u32 index)
{
    u64 meta = (slot->meta & ~0xffffull) + META_GEN_ONE;

    __atomic_store_n(&slot->meta, slot_listed(t, meta, index), __ATOMIC_RELEASE);
    t->used--;
}

/* The slot of this handle; NULL: it names nothing. */
static inline struct cap_slot *slot_of(const struct cap_table *t, u64 handle)
{
    return likely(cap_meta(t, handle) != 0) ? cap_slot_of(t, handle) : NULL;
}
