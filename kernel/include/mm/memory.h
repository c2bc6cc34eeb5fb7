/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory objects: ranges of pages that can be mapped.
 *
 *   ANON     zeroed on first touch; charged when created, or page by page (lazy)
 *   CONTIG   physically contiguous, zeroed and resident
 *   COW      child: shares its source's resident frames until either side writes
 *   PAGED    missing pages are asked from a pager endpoint
 *   PHYS     device memory, boot package, framebuffer: frames that are nobody's to free
 *
 * Pages are found through a two- or three-level table of frame words (a frame and flags), charged to the pool.
 * Locking: memory->lock guards pages and the mapping list.  A page leaves in this order: out of the page table of the
 * object, out of all address spaces and TLBs, then the frame is free.
 */
#pragma once

#include <mnos/memory.h>
#include <mm/pool.h>

struct badge;
struct cap_node;

enum memory_kind { MEMORY_ANON, MEMORY_CONTIG, MEMORY_COW, MEMORY_PAGED, MEMORY_PHYS };

struct memory {
    struct object object;
    struct spinlock lock;         /* RANK_MEMORY */
    u8 kind;                      /* enum memory_kind */
    u8 cache;                     /* PHYS: 0 write-back, 1 uncached, 2 write-combining */
    bool lazy;
    bool resizing;                /* being shrunk: the lock may be dropped meanwhile */
    struct pool *pool;            /* who pays; reference held */
    u64 pages;                    /* size */
    u64 resident;
    u64 small[8];                 /* page words (mm/pages.h) of small ones */
    void *table;                  /* page words of others */
    u64 levels;
    u64 reaped;                   /* pages given back by memory_reap */
    paddr_t phys;                 /* CONTIG, PHYS: first frame */
    struct memory *source;        /* COW of PAGED: where missing pages come from; reference held */
    u64 source_offset;
    struct list mappings;         /* struct mapping.memory_link */
    struct badge *pager;          /* PAGED: of the endpoint that is asked; held */
};

/* Creation of contiguous Memory and children, moving, resizing and decommitting let interrupts in between their steps: no locks
 * are held, and the caller keeps references to what it gives.  A child shows what the source held at some moment of the call
 * for each page: who wants one moment for all lets nobody write meanwhile. */
MUST_CHECK status_t memory_create(struct pool *pool, enum memory_kind kind, u64 pages, bool lazy, struct memory **out);
MUST_CHECK status_t memory_create_contiguous(struct pool *pool, u64 pages, paddr_t highest, struct memory **out);
MUST_CHECK status_t memory_create_phys(paddr_t first, u64 pages, u8 cache, struct memory **out);  /* boot */
/* Copy-on-write child of pages [offset, offset+pages): takes references on the resident frames and write-protects the
 * source in all address spaces, with one shootdown a step; children of PAGED Memory ask the source for what is missing. */
MUST_CHECK status_t memory_create_cow(struct pool *pool, struct memory *source, u64 offset, u64 pages, struct memory **out);
/* Moves the frames of [offset, offset+pages) of an ANON Memory into a new one charged to `pool`; the source reads zero.
 * The pool must have room for the whole range until it is done. */
MUST_CHECK status_t memory_move(struct pool *pool, struct memory *source, u64 offset, u64 pages, struct memory **out);
MUST_CHECK status_t memory_resize(struct memory *m, u64 pages);
MUST_CHECK status_t memory_decommit(struct memory *m, u64 offset, u64 pages);
/* PAGED: one page with these bytes (a frame nobody was charged for; the page's, and charged, on success). BUSY: present. */
MUST_CHECK status_t memory_supply(struct memory *m, u64 page, paddr_t frame);
/* PAGED: accesses to missing pages of the range are FAULT_PAST_END until a page is supplied, decommitted or resized. */
MUST_CHECK status_t memory_refuse(struct memory *m, u64 offset, u64 pages);
/* Bit i: was page first + i written since the last query?  At most 64 pages; clears the dirty bits everywhere. */
u64 memory_clean(struct memory *m, u64 first, u64 count);
MUST_CHECK status_t memory_phys(struct memory *m, u64 offset);   /* the physical address */
object_reap_fn memory_reap;
