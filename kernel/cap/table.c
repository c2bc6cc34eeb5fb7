/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability tables: slots in chunks of 64, and the lookup. */
#include <core/assert.h>

#include "slot.h"

#define SMALL_CHUNKS 8u /* a directory of so many pointers fits into a small slab object */
#define STEP_CHUNKS  8u /* freed in one step */

static status_t table_grow(struct cap_table *t)
{
    REFUSE_IF(t->slots >= t->limit, NO_SLOTS);
    struct cap_slot *chunk = slab_alloc(t->pool, SLAB_CAP_CHUNK);
    REFUSE_IF(chunk == NULL, NO_MEMORY);
    t->chunk[t->slots / CAP_CHUNK_SLOTS] = chunk;
    t->first = t->chunk[0];
    /* Lookups on other cores see the chunk before they see that it exists. */
    __atomic_store_n(&t->slots, t->slots + CAP_CHUNK_SLOTS, __ATOMIC_RELEASE);
    return 0;
}

status_t cap_table_init(struct cap_table *t, struct process *p, struct pool *pool, u32 limit)
{
    u32 chunks = limit / CAP_CHUNK_SLOTS;

    *t = (struct cap_table){ .limit = limit, .pool = pool, .process = p };
    t->chunk = chunks <= SMALL_CHUNKS ? slab_alloc(pool, SLAB_SMALL) : kframe_alloc(pool);
    REFUSE_IF(t->chunk == NULL, NO_MEMORY);
    status_t s = table_grow(t);
    if (s < 0) {
        bool freed = cap_table_free_step(t);
        KASSERT(freed); /* it has no chunk */
        return s;
    }
    return 0;
}

/* The System view may be looking at it, under the lock. */
static void chunks_free(struct cap_table *t, u32 count)
{
    spin_lock(&cap_lock);
    for (; count > 0 && t->slots > 0; count--) {
        t->slots -= CAP_CHUNK_SLOTS;
        slab_free(t->chunk[t->slots / CAP_CHUNK_SLOTS]);
    }
    spin_unlock(&cap_lock);
}

bool cap_table_free_step(struct cap_table *t)
{
    chunks_free(t, STEP_CHUNKS);
    if (t->slots > 0)
        return false;
    if (t->limit / CAP_CHUNK_SLOTS <= SMALL_CHUNKS)
        slab_free(t->chunk);
    else
        kframe_free(t->pool, t->chunk);
    t->chunk = NULL;
    return true;
}

status_t slot_reserve_slow(struct cap_table *t, u64 want, struct cap_slot **slot)
{
    if (want == MNOS_NONE) {
        while (t->free_head != 0) {
            u32 head = t->free_head - 1;
            *slot = slot_at(t, head);
            if (META_TYPE((*slot)->meta) == MNOS_TYPE_NONE)
                return head;
            /* It was taken by its number meanwhile. */
            t->free_head = META_NEXT_OF((*slot)->meta);
            (*slot)->meta &= ~META_LINK;
        }
        want = t->fresh;
    } else if (want >= t->limit || want >= t->slots + CAP_CHUNK_SLOTS) {
        return ERR(RANGE);
    }
    if (want >= t->slots)
        TRY(table_grow(t));
    *slot = slot_at(t, (u32)want);
    u64 meta = (*slot)->meta;
    REFUSE_IF(META_TYPE(meta) != MNOS_TYPE_NONE || META_GEN(meta) == UINT32_MAX, BUSY);
    for (; t->fresh <= want; t->fresh++) {
        struct cap_slot *fresh = slot_at(t, t->fresh);
        fresh->meta = slot_listed(t, fresh->meta, t->fresh);
    }
    return (status_t)want;
}

status_t cap_lookup(const struct cap_table *t, u64 handle, u8 type, u8 rights, struct cap_view *out)
{
    for (;;) {
        u64 meta = cap_meta(t, handle);
        REFUSE_IF(meta == 0, BADCAP);
        REFUSE_IF(type != MNOS_TYPE_NONE && META_TYPE(meta) != type, BADTYPE);
        REFUSE_IF((META_RIGHTS(meta) & rights) != rights, NO_RIGHTS);
        /* Volatile: read once each, and between the two reads of meta. */
        struct cap_node *node = *(struct cap_node *volatile *)&cap_slot_of(t, handle)->node;
        const volatile struct cap_node *n = node;
        *out = (struct cap_view){ .object = n->object, .node = node, .badge = n->badge, .base = n->base, .length = n->length,
                                  .type = META_TYPE(meta), .rights = META_RIGHTS(meta) };
        /* The same again means that the node was this slot's all the time. */
        if (likely(cap_meta(t, handle) == meta))
            return 0;
    }
}
