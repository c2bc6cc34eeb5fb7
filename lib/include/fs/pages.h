/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of file content.  They come in chunks from whoever runs the tree, and one file's pages lie side by side where that can
 * be had, so that a long read is one piece.
 */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES       4096u
#define PAGE_CHUNK_BYTES (64u * PAGE_BYTES)

struct page_source {
    void *(*take)(void); /* PAGE_CHUNK_BYTES bytes, aligned to as much; NULL: no memory */
    void (*give)(void *chunk);
};
extern struct page_source page_source;

/* A page of zeros, behind `near` if that is wanted (not NULL) and free.  NULL: no memory. */
void *page_take(const void *near);
void page_give(void *page);
/* Pages out, and chunks taken from the source. */
uint64_t pages_out(void);
uint64_t pages_chunks(void);

#endif
