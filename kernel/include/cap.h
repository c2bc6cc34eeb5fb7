/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities: nodes of the derivation tree, and the tables of slots that name them.
 *
 *   slot (16 bytes, in the table)            node (in the tree, pool of its creator)
 *   +----------------------------------+     +-----------------------------+
 *   | meta: gen:32 type:8 rights:8 ... | --> | object, range or badge      |
 *   | node                             |     | parent, children, siblings  |
 *   +----------------------------------+     +-----------------------------+
 *
 * A lookup takes no lock: it reads meta, node, object, and meta again (cap_lookup.h).  Everything that changes a slot
 * or the tree holds cap_lock.
 */
#pragma once

#include <lock.h>
#include <object.h>

struct badge;
struct mapping;
struct mnos_ipc_ext;
struct port_map;
struct cap_table;

struct cap_node {
    struct object *object;
    struct cap_node *parent, *child, *next, *prev;
    struct cap_table *table;      /* NULL: deleted, kept for its children */
    u32 index;                    /* slot in table */
    u8 type, rights, flags, depth;
    union {
        struct badge *badge;      /* endpoints: never NULL */
        struct port_map *ports;   /* IoPort: uses of these ports by processes, see obj/ioport.c */
        struct mapping *maps;     /* Memory: mappings made through this capability, linked by via_next */
    };
    u64 badge_value;              /* endpoints: badge->value, for the fast path */
    u64 id;                       /* for the System view; never an address */
    u64 base, length;             /* Memory: window in bytes; IoPort: ports; Interrupt: lines */
};

#define CAP_REVOKING 0x1u         /* flags: a revocation below is under way, nothing may be derived below */

#define CAP_BUSY     0x2u         /* flags: being revoked by somebody, whose business its end is */

#define CAP_VECTOR   0x4u         /* flags: the MSI vector goes back when this capability goes */

extern struct spinlock cap_lock;

struct cap_slot;
struct pool;
struct process;

/* cap/table.c */
MUST_CHECK status_t cap_table_init(struct cap_table *t, struct process *p, struct pool *pool, u32 limit);
/* All slots are empty: frees a bounded number of chunks, and last the directory; true: nothing is left. */
bool cap_table_free_step(struct cap_table *t);

/* cap/derive.c: everything below takes cap_lock itself, and returns a handle or an error */
struct cap_make {                 /* what a new capability is to be */
    struct object *object;        /* its reference passes to the new capability, also on failure the caller keeps it */
    u8 type, rights;
    struct badge *badge;          /* endpoints: NULL stands for the plain badge */
    u64 base, length;
    u8 flags;
};
/* A root of the derivation tree in this table. */
MUST_CHECK status_t cap_insert(struct cap_table *t, const struct cap_make *make, u64 want_slot);
struct cap_window {               /* a part of a capability's range */
    u64 base, length;
    u8 flags;                     /* CAP_VECTOR or 0 */
};
/* A capability derived from the one that `handle` names in the current process's table (it was just looked up, and its rights
 * were checked), with some of its rights and what it covers, or a part of that (window, unless NULL).  badge: 0, or an endpoint's new one. */
MUST_CHECK status_t cap_derive(u64 handle, struct cap_table *to, u8 rights, u64 badge, u64 want_slot,
                               const struct cap_window *window);
/* The capability itself changes tables and keeps its place in the tree. */
MUST_CHECK status_t cap_move(struct cap_table *from, u64 handle, struct cap_table *to, u64 want_slot);
/* The capabilities that x sends move or are copied, as many as y takes (NULL: none), whose recv_cap gets their handles.
 * Returns their part of the message's info: how many, and whether some stay, because the first that cannot go (no slot, no
 * memory) ends it. */
u64 cap_send(struct cap_table *from, const struct mnos_ipc_ext *x, struct cap_table *to, struct mnos_ipc_ext *y);
MUST_CHECK status_t cap_delete(struct cap_table *t, u64 handle);
/* Deletes the capabilities of a dead process, a bounded number; true: none left. */
bool cap_table_empty_step(struct cap_table *t);

/* cap/revoke.c: one bounded step; true: nothing is left below. */
enum revoke_result { REVOKE_DONE, REVOKE_MORE, REVOKE_WAIT };
MUST_CHECK status_t cap_revoke_begin(struct cap_table *t, u64 handle, struct cap_node **root);
enum revoke_result cap_revoke_step(struct cap_node *root);
void cap_revoke_end(struct cap_node *root);

/* cap/tree.c, under cap_lock */
void tree_drop(struct cap_node *node);          /* the node is not in a table any more: hand its children on, free it */

static inline void tree_attach(struct cap_node *parent, struct cap_node *node)
{
    struct cap_node *next = NULL;

    if (parent != NULL) {
        next = parent->child;
        parent->child = node;
        if (next != NULL)
            next->prev = node;
    }
    node->parent = parent;
    node->prev = NULL;
    node->next = next;
}

/* Its links are stale afterwards. */
static inline void tree_detach(struct cap_node *node)
{
    struct cap_node *prev = node->prev, *next = node->next;

    if (prev != NULL)
        prev->next = next;
    else if (node->parent != NULL)
        node->parent->child = next;
    if (next != NULL)
        next->prev = prev;
}

extern u64 cap_count;
