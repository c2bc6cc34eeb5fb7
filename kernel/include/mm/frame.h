/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical frames: a bitmap, one bit a 4 KiB frame (1: used), scanned a 64-bit word at a time, up to the highest usable
 * address; a small cache per core in front of it; and share counts for frames that several Memory objects hold
 * (copy-on-write).  Frames are not zeroed here.  Payment is mm/pool.h's business: a frame is
 * taken only by who has charged a pool for it, so that a failure here means that the kernel's own reserve is gone.
 */
#pragma once

#include <types.h>

struct limine_memmap_entry;

#define FRAME_NONE PADDR(0)

/* Boot, once; this_core() must work, hhdm_offset is set.  The map is kept. */
void frame_init(const struct limine_memmap_entry *map, u32 count);
u64 frame_reclaim_boot(void);   /* frames of the loader's memory, now free; nothing of the loader is used any more.  See
                                   pool_reclaim_boot, which gives them to the root pool */
u64 frame_reserve(void);        /* frames that no pool may have: for the cores' caches */
u64 frame_bitmap_bytes(void);
MUST_CHECK paddr_t frame_alloc(void);                      /* FRAME_NONE: none left */
/* Last byte at or below `highest` (0: anywhere); align in bytes, a power of two. */
MUST_CHECK paddr_t frame_alloc_contiguous(u64 count, paddr_t highest, u64 align);
void frame_free(paddr_t frame);
void frame_free_contiguous(paddr_t frame, u64 count);

/* Share counts: a frame starts with one holder.  frame_init makes room for those of so many frames. */
u64 share_bytes(u64 frames);
void share_init(void *memory, u64 frames);
MUST_CHECK bool frame_share(paddr_t frame);                /* one more holder; false: no memory for the count */
u32 frame_holders(paddr_t frame);
bool frame_release(paddr_t frame);                         /* one holder less; true: it was the last, the frame is free now */

u64 frame_count_total(void);                               /* usable at boot */
u64 frame_count_free(void);                                /* bitmap and caches */
void frame_drain_cache(void);                              /* this core's cache back to the bitmap */
bool frame_range_is_ram(paddr_t start, u64 length);        /* any of it lies in a usable, reclaimable or kernel range of the map */
