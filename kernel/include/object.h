/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all kernel objects begin with.
 *
 * An object lives as long as references to it exist: one for each capability, and one for each pointer that is kept
 * across kernel exits.  When the last goes, object_put() hands it to the reaper, which waits until every core
 * has left the kernel once (lookups take no lock), gives back what the object holds in bounded steps, and frees it.
 */
#pragma once

#include <mnos/object.h>
#include <types.h>

#define OBJECT_QUEUED 0x80000000u  /* in refs: there were none left, and the object is in the dead queue */

struct object {
    u32 refs;               /* atomic */
    u8 type;                /* enum mnos_type */
    u8 flags;
    u16 pad;
    struct object *dead_next; /* in the dead queue */
    u64 id;                 /* unique, never reused */
};

/* Of an object that is held, or that was just found: a call on another core may have dropped the last reference since, and
 * the reaper then lets the object go on. */
static inline void object_get(struct object *o)
{
    __atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}
void object_put(struct object *o);                    /* any context without locks of rank > CAP... the last put only queues */
void object_init(struct object *o, enum mnos_type type); /* refs = 1; counts it in the ledger */

void object_fini(struct object *o);                      /* the reaper is about to free it: out of the ledger */

/* The reaper's step for one dead object: true when it is finished and freed.  At most some 2,000 instructions. */
typedef bool object_reap_fn(struct object *o);
extern object_reap_fn *const object_reap[MNOS_TYPE_COUNT];
