/* SPDX-License-Identifier: BSD-2-Clause */
/* How large the kernel's objects are.  Whatever room an object belongs to, its structure is a shared header's. */

#include <ipc.h>
#include <process.h>

#include "slab.h"

#define ROUND(bytes) ((u16)(((bytes) + 15) & ~(size_t)15))

const u16 slab_size[SLAB_TYPES] = {
    [SLAB_CAP_NODE] = ROUND(sizeof(struct cap_node)),
    [SLAB_CAP_CHUNK] = ROUND(sizeof(struct cap_slot) * CAP_CHUNK_SLOTS),
    [SLAB_THREAD] = ROUND(sizeof(struct thread)),
    [SLAB_PROCESS] = ROUND(sizeof(struct process)),
    [SLAB_MEMORY] = ROUND(sizeof(struct memory)),
    [SLAB_MAPPING] = ROUND(sizeof(struct mapping)),
    [SLAB_ENDPOINT] = ROUND(sizeof(struct endpoint)),
    [SLAB_BADGE] = ROUND(sizeof(struct badge)),
    [SLAB_NOTIFICATION] = ROUND(sizeof(struct notification)),
    [SLAB_REPLY] = ROUND(sizeof(struct reply)),
    [SLAB_POOL] = ROUND(sizeof(struct pool)),
    [SLAB_SMALL] = 64,
};

_Static_assert(sizeof(struct thread) <= 1984 && sizeof(struct process) <= 1984, "two of them fit into a frame");
_Static_assert(sizeof(struct cap_node) >= 64 && sizeof(struct badge) >= 64, "at most 63 in a frame");
