/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mappings of an address space, under its lock.
 *
 * start, end and offset change under the address space's lock and the memory's lock together, so that either suffices to read
 * them.  cap_lock is held by whoever adds or removes a mapping.
 */
#pragma once

#include <cap.h>
#include <mm/aspace.h>

TREE_DEFINE(mappings, struct mapping, node, u64, start)

/* The one that contains the address, or NULL. */
static inline struct mapping *mapping_at(struct aspace *as, u64 address)
{
    struct mapping *map = as->last;

    if (likely(map != NULL && address - map->start < map->end - map->start))
        return map;
    map = mappings_floor(&as->mappings, address);
    if (map == NULL || address >= map->end)
        return NULL;
    as->last = map;
    return map;
}

/* The first one that ends above `address`. */
static inline struct mapping *mapping_from(struct aspace *as, u64 address)
{
    struct mapping *map = mappings_floor(&as->mappings, address);

    if (map == NULL)
        return mappings_first(&as->mappings);
    return map->end > address ? map : mappings_next(map);
}

/* `map` keeps [start, at); `rest`, a new record, becomes [at, end).  Under cap_lock. */
void mapping_split(struct mapping *map, u64 at, struct mapping *rest);

/* Removes its entries from the front, at most MAPPING_STEP of them, TLBs included.  When all are gone, the mapping too:
 * returns the memory as mapping_remove does, else NULL. */
#define MAPPING_STEP 128u
MUST_CHECK struct memory *mapping_remove_some(struct mapping *map, u64 *reached);
/* Translations for the resident pages, as far as memory for tables lasts.  The memory is locked, too. */
void mapping_populate(struct mapping *map);

/* The list of a capability; under cap_lock. */
static inline void via_link(struct mapping *map, struct cap_node *via)
{
    map->via = via;
    map->via_prev = NULL;
    map->via_next = via->maps;
    if (via->maps != NULL)
        via->maps->via_prev = map;
    via->maps = map;
}

static inline void via_unlink(struct mapping *map)
{
    if (map->via_prev != NULL)
        map->via_prev->via_next = map->via_next;
    else
        map->via->maps = map->via_next;
    if (map->via_next != NULL)
        map->via_next->via_prev = map->via_prev;
    map->via = NULL;
    map->via_next = map->via_prev = NULL;
}

/*
 * Records.  One free one is kept, but never a frame for it alone: it lies in the frame of the tree's root.
 */
static inline bool mapping_in_one_frame(const struct mapping *a, const struct mapping *b)
{
    return (((u64)a ^ (u64)b) & PAGE_MASK) == 0;
}

/* To fill in, all of it.  NULL: no memory. */
MUST_CHECK static inline struct mapping *mapping_record(struct aspace *as)
{
    struct mapping *map = as->spare;

    if (unlikely(map == NULL))
        return slab_alloc(as->pool, SLAB_MAPPING);
    as->spare = NULL;
    return map;
}

void mapping_give_slow(struct aspace *as, struct mapping *map);
static inline void mapping_give(struct aspace *as, struct mapping *map)
{
    const struct mapping *root = mappings_of(as->mappings.root);

    if (likely(as->spare == NULL && root != NULL && mapping_in_one_frame(map, root)))
        as->spare = map;
    else
        mapping_give_slow(as, map);
}

/* Out of tree, memory and capability; its translations are gone.  The caller puts the memory once it has unlocked the address
 * space. */
MUST_CHECK static inline struct memory *mapping_remove(struct mapping *map)
{
    struct aspace *as = map->aspace;
    struct memory *m = map->memory;

    tree_remove(&as->mappings, &map->node);
    as->last = NULL;
    spin_lock(&m->lock);
    list_remove(&map->memory_link);
    spin_unlock(&m->lock);
    if (map->via != NULL)
        via_unlink(map);
    mapping_give(as, map);
    return m;
}
