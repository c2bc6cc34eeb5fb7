/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping records: cutting them, taking them out, and the lists by capability. */

#include "mapping.h"

void mapping_split(struct mapping *map, u64 at, struct mapping *rest)
{
    struct memory *m = map->memory;

    DEBUG_ASSERT(map->start < at && at < map->end);
    rest->start = at;
    rest->end = map->end;
    rest->offset = map->offset + (at - map->start);
    rest->aspace = map->aspace;
    rest->memory = m;
    rest->flags = map->flags;
    rest->limit = map->limit;
    rest->via = NULL;
    object_get(&m->object);
    spin_lock(&m->lock);
    map->end = at;
    list_push_back(&m->mappings, &rest->memory_link);
    spin_unlock(&m->lock);
    mappings_insert(&map->aspace->mappings, rest);
    if (map->via != NULL)
        via_link(rest, map->via);
}

void mapping_give_slow(struct aspace *as, struct mapping *map)
{
    const struct mapping *root = mappings_of(as->mappings.root);

    slab_free(map);
    if (as->spare != NULL && (root == NULL || !mapping_in_one_frame(as->spare, root))) {
        slab_free(as->spare);
        as->spare = NULL;
    }
}

void aspace_inherit_via(struct cap_node *node, struct cap_node *heir)
{
    struct mapping *map;

    while ((map = node->maps) != NULL) {
        via_unlink(map);
        /* Without an heir nobody can revoke it any more: it stays until it is unmapped. */
        if (heir != NULL && heir->type == MNOS_TYPE_MEMORY)
            via_link(map, heir);
    }
}
