/* SPDX-License-Identifier: BSD-2-Clause */
/* Making, moving and deleting capabilities. */
#include <obj.h>

#include "node.h"
#include "slot.h"

#define DEPTH_MAX 250u

struct spinlock cap_lock = SPINLOCK(RANK_CAP);
u64 cap_count;
static u64 last_id; /* under cap_lock */

/* Processes that nobody can name any more, not yet ended; under cap_lock, with a reference each. */
struct process *cap_orphans;

/* The kernel itself keeps init. */
static void orphan_check(struct process *p)
{
    if (--p->caps > 0 || p->state == MNOS_STATE_DEAD || p == init_process)
        return;
    object_get(&p->object);
    p->orphan_next = cap_orphans;
    cap_orphans = p;
}

void cap_end_orphans_slow(void)
{
    for (;;) {
        spin_lock(&cap_lock);
        struct process *p = cap_orphans;
        if (p != NULL)
            cap_orphans = p->orphan_next;
        spin_unlock(&cap_lock);
        if (p == NULL)
            return;
        process_kill(p, MNOS_EXIT_KILLED);
        object_put(&p->object);
    }
}

void node_release_special(struct cap_node *node)
{
    if (node->type == MNOS_TYPE_PROCESS)
        orphan_check(container_of(node->object, struct process, object));
    else if (node->type == MNOS_TYPE_REPLY)
        reply_close(container_of(node->object, struct reply, object));
    else if (node->type == MNOS_TYPE_INTERRUPT)
        interrupt_release_via(node);
    else if (node->type == MNOS_TYPE_IOPORT)
        ioport_release_via(node);
}

/* A new node and its slot; the object's reference passes to it.  range: base and length; badge: an endpoint's. */
static ALWAYS_INLINE status_t install(struct cap_table *t, const struct cap_make *make, const u64 *range,
                                      struct badge *badge, struct cap_node *parent, u64 want_slot)
{
    struct cap_slot *slot;
    status_t index = slot_reserve(t, want_slot, &slot);

    TRY(index);
    struct cap_node *node = slab_alloc(t->pool, SLAB_CAP_NODE);
    REFUSE_IF(node == NULL, NO_MEMORY);
    node->id = ++last_id;
    node->object = make->object;
    node->type = make->type;
    node->rights = make->rights;
    node->base = range[0];
    node->length = range[1];
    node->flags = make->flags;
    if (make->type == MNOS_TYPE_ENDPOINT) {
        if ((make->rights & MNOS_RIGHT_RECV) != 0)
            container_of(make->object, struct endpoint, object)->recv_caps++;
        node->badge = badge;
        node->badge_value = badge->value;
        badge_get(badge);
    } else if (make->type == MNOS_TYPE_PROCESS) {
        container_of(make->object, struct process, object)->caps++;
    }
    if (parent != NULL)
        node->depth = (u8)(parent->depth + 1);
    tree_attach(parent, node);
    cap_count++;
    return slot_fill(t, slot, (u32)index, node);
}

/* A table of a dead process takes nothing any more. */
static bool table_open(const struct cap_table *t)
{
    return t->process->state != MNOS_STATE_DEAD;
}

status_t cap_insert(struct cap_table *t, const struct cap_make *make, u64 want_slot)
{
    struct badge *badge = make->badge;
    status_t s = ERR(PEER_GONE);

    if (make->type == MNOS_TYPE_ENDPOINT && badge == NULL)
        badge = &container_of(make->object, struct endpoint, object)->plain;
    spin_lock(&cap_lock);
    if (table_open(t))
        s = install(t, make, &make->base, badge, NULL, want_slot);
    spin_unlock(&cap_lock);
    return s;
}

/* Below whom a copy of `origin` hangs: the nearest that can be revoked, from itself upwards; NULL: a root. */
static struct cap_node *parent_for(struct cap_node *origin)
{
    while (origin != NULL && (origin->table == NULL || (origin->rights & MNOS_RIGHT_REVOKE) == 0))
        origin = origin->parent;
    return origin;
}

static status_t may_derive(const struct cap_node *parent)
{
    REFUSE_IF(parent != NULL && parent->depth >= DEPTH_MAX, RANGE);
    for (; parent != NULL; parent = parent->parent)
        REFUSE_IF((parent->flags & (CAP_REVOKING | CAP_BUSY)) != 0, BUSY);
    return 0;
}

static ALWAYS_INLINE status_t derive_locked(struct cap_node *origin, struct cap_table *to, u8 rights, u64 badge_value,
                                            u64 want_slot, const struct cap_window *window)
{
    struct cap_node *parent = parent_for(origin);
    struct badge *badge = origin->badge;
    struct cap_make make = {
        .object = origin->object, .type = origin->type, .rights = rights, .flags = window != NULL ? window->flags : 0};

    TRY(may_derive(parent));
    if (badge_value != 0) {
        TRY(badge_find_or_create(container_of(make.object, struct endpoint, object), badge_value, to->pool, &badge));
        badge_get(badge); /* keeps a new one if installing fails */
    }
    status_t s = install(to, &make, window != NULL ? &window->base : &origin->base, badge, parent, want_slot);
    if (s >= 0)
        object_get(make.object);
    if (badge_value != 0)
        badge_put(badge);
    return s;
}

status_t cap_derive(u64 handle, struct cap_table *to, u8 rights, u64 badge, u64 want_slot, const struct cap_window *window)
{
    status_t s = ERR(BADCAP);

    spin_lock(&cap_lock);
    /* The same generation: it is still what was looked up without the lock. */
    struct cap_slot *slot = cap_slot_of(&current_thread()->process->table, handle);
    if (likely(slot != NULL && META_GEN(slot->meta) == (u32)(handle >> 32)))
        s = unlikely(!table_open(to)) ? ERR(PEER_GONE)
            : likely(window == NULL)  ? derive_locked(slot->node, to, rights, badge, want_slot, NULL)
                                      : derive_locked(slot->node, to, rights, 0, want_slot, window);
    spin_unlock(&cap_lock);
    return s;
}

static ALWAYS_INLINE status_t move_locked(struct cap_slot *slot, struct cap_table *from, struct cap_table *to,
                                          u64 want_slot)
{
    struct cap_node *node = slot->node;
    struct cap_slot *free;

    REFUSE_IF((node->flags & CAP_BUSY) != 0, BUSY);
    status_t index = slot_reserve(to, want_slot, &free);
    TRY(index);
    slot_clear(from, slot, node->index);
    return slot_fill(to, free, (u32)index, node);
}

status_t cap_move(struct cap_table *from, u64 handle, struct cap_table *to, u64 want_slot)
{
    status_t s = ERR(BADCAP);

    spin_lock(&cap_lock);
    struct cap_slot *slot = slot_of(from, handle);
    if (slot != NULL)
        s = table_open(to) ? move_locked(slot, from, to, want_slot) : ERR(PEER_GONE);
    spin_unlock(&cap_lock);
    return s;
}

/* cap_lock is held, and released. */
static __attribute__((noinline)) u64 send_any(struct cap_table *from, const struct mnos_ipc_ext *x,
                                              struct cap_table *to, struct mnos_ipc_ext *y)
{
    u64 done = 0;

    for (; y != NULL && done < x->send_caps && done < y->recv_caps && table_open(to); done++) {
        /* That it has GRANT was seen when x was read: the generation says that it is still the same. */
        struct cap_slot *slot = slot_of(from, x->send_cap[done]);
        if (slot == NULL)
            break;
        /* There is one capability to a Reply, ever: it always moves. */
        bool moves = (x->move_mask >> done & 1) != 0 || META_TYPE(slot->meta) == MNOS_TYPE_REPLY;
        status_t s = moves ? move_locked(slot, from, to, MNOS_NONE)
                           : derive_locked(slot->node, to, slot->node->rights, 0, MNOS_NONE, NULL);
        if (s < 0)
            break;
        y->recv_cap[done] = (u64)s;
    }
    spin_unlock(&cap_lock);
    return done << 48 | (done < x->send_caps ? (u64)MNOS_INFO_TRUNCATED << 40 : 0);
}

u64 cap_send(struct cap_table *from, const struct mnos_ipc_ext *x, struct cap_table *to, struct mnos_ipc_ext *y)
{
    spin_lock(&cap_lock);
    /* One that moves is the usual case, and does without calls.  The same generation says that it may be sent, as above. */
    u64 handle = x->send_cap[0];
    struct cap_slot *slot = cap_slot_of(from, handle), *free = slot_next(to);
    if (unlikely(x->send_caps != 1 || (x->move_mask & 1) == 0 || y == NULL || y->recv_caps == 0 || slot == NULL ||
                 META_GEN(slot->meta) != (u32)(handle >> 32) || (slot->node->flags & CAP_BUSY) != 0 ||
                 !table_open(to) || free == NULL))
        return send_any(from, x, to, y);
    struct cap_node *node = slot->node;
    u32 index = to->free_head - 1;
    slot_clear(from, slot, (u32)handle);
    y->recv_cap[0] = (u64)slot_fill(to, free, index, node);
    spin_unlock(&cap_lock);
    return 1ull << 48;
}

static ALWAYS_INLINE void delete_locked(struct cap_table *t, struct cap_slot *slot, u32 index)
{
    struct cap_node *node = slot->node;

    slot_clear(t, slot, index);
    cap_count--;
    node->table = NULL;
    node_release(node);
    node_drop(node);
}

status_t cap_delete(struct cap_table *t, u64 handle)
{
    status_t s = ERR(BADCAP);

    spin_lock(&cap_lock);
    struct cap_slot *slot = slot_of(t, handle);
    if (slot != NULL) {
        delete_locked(t, slot, (u32)handle);
        s = 0;
    }
    spin_unlock(&cap_lock);
    cap_end_orphans();
    return s;
}

bool cap_table_empty_step(struct cap_table *t)
{
    spin_lock(&cap_lock);
    for (u32 n = 0, scanned = 0; t->used > 0 && n < 8 && scanned < 128; scanned++) {
        if (t->sweep >= t->slots)
            t->sweep = 0;
        struct cap_slot *slot = &t->chunk[t->sweep / CAP_CHUNK_SLOTS][t->sweep % CAP_CHUNK_SLOTS];
        t->sweep++;
        if (META_TYPE(slot->meta) == MNOS_TYPE_NONE)
            continue;
        delete_locked(t, slot, slot->node->index);
        n++;
    }
    bool empty = t->used == 0;
    spin_unlock(&cap_lock);
    cap_end_orphans();
    return empty;
}
