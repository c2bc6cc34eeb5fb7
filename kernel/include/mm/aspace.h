/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: a tree of mappings over the processor's page tables.
 *
 *   aspace -- tree by start --> mapping -- memory, offset --> memory
 *                                  |  via_next: mappings made through one capability (cap_node.maps)
 *                                  |  memory_link: all mappings of one Memory
 *
 * Locking: aspace->lock guards the tree and the page tables; aspace before memory.  Going from a memory to its mappings
 * (decommit, copy-on-write, revocation) therefore takes a reference and goes one by one: see mm/zap.c.
 * cap_node.maps is guarded by cap_lock.
 */
#pragma once

#include <core/tree.h>
#include <mm/memory.h>

struct cap_node;
struct process;

struct aspace {
    struct spinlock lock;        /* RANK_ASPACE */
    struct tree mappings;
    struct mapping *last;        /* last hit */
    struct mapping *spare;       /* a free record, in the same slab frame as one in use: it costs nothing; or NULL */
    paddr_t root;                /* top page table: what CR3 gets */
    struct pool *pool;           /* pays for page tables and mappings; reference held */
    u64 walk_base;               /* last page table walked to: the 2 MiB that it covers; UINT64_MAX: none */
    u64 *walk_table, *walk_directory; /* that table, and the entry that points at it */
    u64 tables;                  /* frames used by page tables */
    u64 resident;                /* pages of 4 KiB present */
    bool dead;
};

struct mapping {
    struct tree_node node;
    u64 start, end;              /* user addresses, page aligned */
    u64 offset;                  /* in the memory, bytes */
    struct aspace *aspace;
    struct memory *memory;       /* reference held */
    u32 flags;                   /* MNOS_MAP_READ, WRITE, EXEC, NOCACHE, WRITECOMBINE */
    u32 limit;                   /* READ/WRITE/EXEC that the capability allows: the most that PROTECT may give */
    struct list_node memory_link;
    struct cap_node *via;        /* NULL: that capability and all its ancestors are gone */
    struct mapping *via_next, *via_prev;
};

enum fault_access { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_EXEC = 4 };

enum fault_result {
    FAULT_RESOLVED,              /* run the instruction again */
    FAULT_INVALID,               /* no mapping, or not with this access */
    FAULT_NO_MEMORY,             /* pool exhausted */
    FAULT_PAST_END,              /* beyond the end of the memory */
    FAULT_PAGER,                 /* ask memory's pager for this page */
    FAULT_AGAIN                  /* mm/fault.c only: something stood in the way and is gone */
};

struct fault_info {              /* filled for FAULT_PAGER */
    struct memory *memory;       /* source of a COW child where that is missing; it stays until the kernel is left */
    u64 offset;                  /* bytes, page aligned */
};

MUST_CHECK status_t aspace_init(struct aspace *as, struct pool *pool);   /* an empty one; kernel half shared */
/* Gives back mappings and tables in bounded steps; true when finished.  Nobody runs in it any more. */
bool aspace_reap(struct aspace *as);

/* Arguments are checked for alignment and range by the caller (sys/).  via: whose maps list it joins: the caller holds
 * cap_lock since it looked that capability up (NULL: boot, tests; cap_lock all the same).  -INVALID: both writable and executable, or a cache attribute for what is no
 * device; -BUSY: something is mapped there; -PEER_GONE: the address space is dead. */
MUST_CHECK status_t aspace_map(struct aspace *as, struct memory *m, u64 start, u64 length, u64 offset, u32 flags,
                               u32 limit, struct cap_node *via);
/* These two are called without locks, and let interrupts in between their steps: the caller keeps a reference to the process
 * if it is not its own.  Unmapping: -NO_MEMORY only where a mapping has to be cut; nothing changed then. */
MUST_CHECK status_t aspace_unmap(struct aspace *as, u64 start, u64 length);
/* -NOT_FOUND: part of it is not mapped; -NO_RIGHTS: more than the mapping's limit; -INVALID: both writable and
 * executable; -NO_MEMORY.  Nothing changed then. */
MUST_CHECK status_t aspace_protect(struct aspace *as, u64 start, u64 length, u32 flags);

/* Resolves a fault by the rules of the mapping.  Hot path: first touch, copy-on-write, present elsewhere. */
enum fault_result aspace_fault(struct aspace *as, u64 address, enum fault_access access, struct fault_info *info);

/* Key of a shared word: the memory object's id and the offset.  False: not mapped with that access. */
bool aspace_word_key(struct aspace *as, u64 address, enum fault_access access, u64 key[2]);

/* Revocation: removes all mappings made through this capability, TLBs included.  Called without cap_lock but with the node
 * flagged so that no new mapping appears; bounded: returns false when there is more to do. */
bool aspace_unmap_via(struct cap_node *node);
/* Deletion: mappings of `node` now belong to `heir` (NULL: nobody).  Under cap_lock. */
void aspace_inherit_via(struct cap_node *node, struct cap_node *heir);

/* Translation as the processor sees it, for tests and the System view: FRAME_NONE when not present. */
paddr_t aspace_translate(struct aspace *as, u64 address, u64 *pte_flags);
