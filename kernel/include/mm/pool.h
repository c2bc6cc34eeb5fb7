/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools: budgets of memory, in bytes that are multiples of a page; and the slabs of kernel objects that live on them.
 *
 * A pool is split off another (the parent is charged its whole size); what it has is guaranteed, because the sum of all
 * pools is the RAM that was free at boot.  Kernel objects come from slabs of whole frames that belong to one pool
 * and one type, so that the charge is exact and no pool can starve another by fragmentation.
 */
#pragma once

#include <core/list.h>
#include <lock.h>
#include <object.h>

enum slab_type {
    SLAB_CAP_NODE, SLAB_CAP_CHUNK, SLAB_THREAD, SLAB_PROCESS, SLAB_MEMORY, SLAB_MAPPING, SLAB_ENDPOINT, SLAB_BADGE,
    SLAB_NOTIFICATION, SLAB_REPLY, SLAB_POOL, SLAB_SMALL /* 64 bytes */, SLAB_TYPES
};

struct slab_list { struct list partial; };

struct pool {
    struct object object;
    struct spinlock lock;         /* RANK_POOL: guards all below */
    struct pool *parent;          /* reference held; NULL: the root */
    u64 size, used;               /* bytes; used <= size */
    struct slab_list slabs[SLAB_TYPES];
};

extern struct pool *root_pool;

void pool_init(void);                                                /* boot: the root pool, all free frames */
void pool_reclaim_boot(void);                                        /* the loader's memory joins the root pool */
MUST_CHECK status_t pool_create(struct pool *parent, u64 bytes, struct pool **out);
MUST_CHECK bool pool_charge(struct pool *p, u64 bytes);              /* false: exhausted, nothing changed */
void pool_uncharge(struct pool *p, u64 bytes);
object_reap_fn pool_reap;

/* Objects: zeroed, aligned to 16 bytes.  NULL: the pool is exhausted.  slab_free finds pool and type by the address; a pool that has slabs or
 * charges is kept alive by them (each slab frame and each charged object holds a reference through object_get). */
MUST_CHECK void *slab_alloc(struct pool *p, enum slab_type type);
void slab_free(void *object);

/* A frame on this pool's charge; NULL: nobody pays, or it is paid already.  FRAME_NONE: exhausted. */
MUST_CHECK paddr_t pool_frame(struct pool *p);
/* Whole zeroed frames for the kernel's own structures (page tables, table directories, FPU areas); p as above. */
MUST_CHECK void *kframe_alloc(struct pool *p);
void kframe_free(struct pool *p, void *frame);
u64 slab_frames_total(void);
