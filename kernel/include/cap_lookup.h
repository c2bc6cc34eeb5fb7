/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a handle to what it names, without a lock.
 *
 * A slot is emptied by changing its meta word first, and objects are freed only after every core has left the kernel:
 * if meta is the same before and after the node was read, what was read belongs together and stays valid until this core leaves.
 */
#pragma once

#include <process.h>

/* A consistent copy of a capability. */
struct cap_view {
    struct object *object;
    struct cap_node *node;       /* to name it under cap_lock; may be gone by then */
    struct badge *badge;         /* endpoints */
    u64 base, length;
    u8 type, rights;
};

#define META_TYPE(meta)   ((u8)(meta))
#define META_RIGHTS(meta) ((u8)((meta) >> 8))
#define META_GEN(meta)    ((u32)((meta) >> 32))

/* Does the index lie below size?  *mask is all ones then, else 0, without a branch that could be mispredicted. */
static ALWAYS_INLINE bool index_below(u64 index, u64 size, u64 *mask)
{
#ifdef HOST_TEST
    *mask = index < size ? UINT64_MAX : 0;
    return index < size;
#else
    bool below;
    /* CMP sets the carry exactly when index < size, SBB turns it into the mask and keeps it. */
    __asm__("cmp %3, %2; sbb %0, %0" : "=r"(*mask), "=@ccc"(below) : "r"(index), "rm"(size) : "cc");
    return below;
#endif
}

/* The slot that a handle addresses, whatever is in it; NULL: out of range.  The table is in use. */
static ALWAYS_INLINE struct cap_slot *cap_slot_of(const struct cap_table *t, u64 handle)
{
    u64 index = (u32)handle, mask;

    /* The first chunk needs no look at the directory; the masks serve the processor's guesses too. */
    if (likely(index < CAP_CHUNK_SLOTS)) {
        if (t->first == NULL)
            __builtin_unreachable();
        return &t->first[index & (CAP_CHUNK_SLOTS - 1)];
    }
    if (unlikely(!index_below(index, t->slots, &mask)))
        return NULL;
    index &= mask;
    return &t->chunk[index / CAP_CHUNK_SLOTS][index % CAP_CHUNK_SLOTS];
}

/*
 * The hot form: object and node of a capability of this type with these rights, or NULL for any reason.
 * want = CAP_WANT(type, rights).
 */
static ALWAYS_INLINE struct cap_node *cap_find_slot(const struct cap_table *t, u64 handle, u32 want,
                                                    struct object **object, const u32 **where)
{
    struct cap_slot *slot = cap_slot_of(t, handle);

    if (unlikely(slot == NULL))
        return NULL;
    const u32 *half = (const u32 *)(const void *)&slot->meta;   /* type and rights, generation */
    u32 generation = (u32)(handle >> 32);
    if (unlikely(half[1] != generation || (half[0] & (want | 0xff)) != want))
        return NULL;
    READ_ORDER();
    struct cap_node *node = slot->node;
    *object = node->object;
    READ_ORDER();
    if (unlikely(half[1] != generation))
        return NULL;
    *where = half;
    return node;
}

static ALWAYS_INLINE struct cap_node *cap_find(const struct cap_table *t, u64 handle, u32 want, struct object **object)
{
    const u32 *where;

    return cap_find_slot(t, handle, want, object, &where);
}

/*
 * Does the slot still hold what was found there?  Asked with the endpoint's lock held, before a message is delivered or queued:
 * whoever deletes a capability empties the slot first and takes that lock then, to end what is queued with its badge.  So
 * what was read from the node belongs to a living capability, and nothing arrives after its closed(badge).
 */
static ALWAYS_INLINE bool cap_unchanged(const u32 *where, u64 handle)
{
    READ_ORDER();
    return likely(where[1] == (u32)(handle >> 32));
}

/* The meta word of what a handle names, 0: nothing.  As long as the generation is the same, so is the capability. */
static ALWAYS_INLINE u64 cap_meta(const struct cap_table *t, u64 handle)
{
    const struct cap_slot *slot = cap_slot_of(t, handle);
    u64 meta = slot != NULL ? *(const volatile u64 *)&slot->meta : 0;

    return likely(META_GEN(meta) == (u32)(handle >> 32) && META_TYPE(meta) != MNOS_TYPE_NONE) ? meta : 0;
}
#define CAP_WANT(type, rights) ((u32)(rights) << 8 | (type))

/* The general form.  type MNOS_TYPE_NONE: any.  -BADCAP, -BADTYPE or -NO_RIGHTS. */
MUST_CHECK status_t cap_lookup(const struct cap_table *t, u64 handle, u8 type, u8 rights, struct cap_view *out);
