/* SPDX-License-Identifier: BSD-2-Clause */
/* References, the ledger of live objects, and the objects that there is one of. */
#include <core/assert.h>
#include <obj.h>

u64 object_count[MNOS_TYPE_COUNT];
static u64 next_id = 1;

/* Ranges of these are capabilities to one object; it has no state of its own and is never freed. */
struct object interrupt_object = { .refs = 1, .type = MNOS_TYPE_INTERRUPT };
struct object ioport_object = { .refs = 1, .type = MNOS_TYPE_IOPORT };
struct object system_object = { .refs = 1, .type = MNOS_TYPE_SYSTEM };

static bool never(struct object *o)
{
    panic("object of type %u reaped", o->type);
}

object_reap_fn *const object_reap[MNOS_TYPE_COUNT] = {
    [MNOS_TYPE_NONE] = never,         [MNOS_TYPE_POOL] = pool_reap,
    [MNOS_TYPE_MEMORY] = memory_reap, [MNOS_TYPE_PROCESS] = process_reap,
    [MNOS_TYPE_THREAD] = thread_reap, [MNOS_TYPE_ENDPOINT] = endpoint_reap,
    [MNOS_TYPE_NOTIFICATION] = notification_reap, [MNOS_TYPE_REPLY] = reply_reap,
    [MNOS_TYPE_INTERRUPT] = never,    [MNOS_TYPE_IOPORT] = never,
    [MNOS_TYPE_IOSPACE] = never,      [MNOS_TYPE_SYSTEM] = never,
};

void object_init(struct object *o, enum mnos_type type)
{
    o->refs = 1;
    o->type = (u8)type;
    o->id = __atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&object_count[type], 1, __ATOMIC_RELAXED);
}

void object_fini(struct object *o)
{
    __atomic_fetch_sub(&object_count[o->type], 1, __ATOMIC_RELAXED);
}

struct object *object_new(struct pool *pool, unsigned slab, enum mnos_type type)
{
    struct object *o = slab_alloc(pool, slab);

    if (o != NULL)
        object_init(o, type);
    return o;
}

void object_free(struct object *o)
{
    object_fini(o);
    slab_free(o);
}

/* The one who leaves a process with nothing but its own reference looks first, while it cannot go away. */
static bool process_put(struct object *o)
{
    u32 refs = __atomic_load_n(&o->refs, __ATOMIC_ACQUIRE);

    do {
        if (refs == 2)
            process_forsaken(container_of(o, struct process, object));
    } while (!__atomic_compare_exchange_n(&o->refs, &refs, refs - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    return refs == 1;
}

static __attribute__((noinline)) void last_put(struct object *o)
{
    u32 none = 0;

    /* Not if somebody took another one meanwhile, or it is queued already. */
    if (__atomic_compare_exchange_n(&o->refs, &none, OBJECT_QUEUED, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        reaper_push(o);
}

void object_put(struct object *o)
{
    if (o->type == MNOS_TYPE_PROCESS ? process_put(o) : __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0)
        last_put(o);
}
