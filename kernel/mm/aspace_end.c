/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings that go without their owner's wish: revocation, and the end of the address space; in bounded steps. */
#include <mm/frame.h>

#include "mapping.h"
#include "tables.h"

#define STEP_TABLES  8u
#define STEP_MAPPINGS 4u

bool aspace_unmap_via(struct cap_node *node)
{
    u64 reached;

    spin_lock(&cap_lock);
    struct mapping *map = node->maps;
    if (map == NULL) {
        spin_unlock(&cap_lock);
        return true;
    }
    struct aspace *as = map->aspace;
    spin_lock(&as->lock);
    struct memory *m = mapping_remove_some(map, &reached);
    spin_unlock(&as->lock);
    if (m != NULL)
        object_put(&m->object);
    bool done = node->maps == NULL;
    spin_unlock(&cap_lock);
    return done;
}

/* One mapping of a dead address space; false: there is none.  Nobody uses its tables any more: entries matter only for
 * what they say about dirty pages. */
static bool reap_mapping(struct aspace *as)
{
    struct memory *m = NULL;
    u64 reached;

    spin_lock(&cap_lock);
    spin_lock(&as->lock);
    as->dead = true;
    struct mapping *map = mappings_first(&as->mappings);
    if (map != NULL)
        m = map->memory->kind == MEMORY_PAGED ? mapping_remove_some(map, &reached) : mapping_remove(map);
    spin_unlock(&as->lock);
    if (m != NULL)
        object_put(&m->object);
    spin_unlock(&cap_lock);
    return map != NULL;
}

/* No mapping is left. */
static bool reap_rest(struct aspace *as)
{
    struct pool *pool = as->pool;

    if (!tables_reap(as, STEP_TABLES))
        return false;
    kframe_free(pool, phys_to_virt(as->root));
    as->root = PADDR(0);
    object_put(&pool->object);
    return true;
}

bool aspace_reap(struct aspace *as)
{
    for (u32 n = 0; n < STEP_MAPPINGS; n++)
        if (!reap_mapping(as))
            return reap_rest(as);
    return false;
}
