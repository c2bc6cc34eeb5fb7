/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of file content.  They come in chunks from whoever runs the tree, and one file's pages lie side by side where that can
 * be had, so that a long read is one piece.
 */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include <stdbool.h>
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
/*
 * A file that was mapped has a Memory: clients see its pages, and so does the tree, at `base`.  A page lies in it once it was
 * supplied; from then on it is there that the file has it, for reading, writing and mappings alike.  The tree never touches
 * another page of it.
 */
#define FILE_MEMORY_SPAN   (UINT64_C(4) << 30) /* the largest file that can be mapped */
#define FILE_MEMORY_REGION (UINT64_C(2) << 20) /* what one table finds */
struct file_memory {
    unsigned char *base;
    uint64_t handle;
    uint64_t regions; /* bits that are set */
    uint64_t
        region[FILE_MEMORY_SPAN / FILE_MEMORY_REGION / 64]; /* bit: pages were supplied there, which costs tables */
};
struct memory_source {
    /* Fills in base and handle; `number` is the file's.  False: no memory. */
    bool (*make)(struct file_memory *memory, uint64_t number, uint64_t pages);
    /* Pages that are not in it any more are gone.  False: no memory; not when it gets smaller. */
    bool (*resize)(struct file_memory *memory, uint64_t pages);
    bool (*supply)(struct file_memory *memory, uint64_t page, const void *bytes);
    /* All pages but the tables: the file is empty. */
    void (*empty)(struct file_memory *memory);
    /* It is taken from whoever has it. */
    void (*end)(struct file_memory *memory);
};
extern struct memory_source memory_source;

static inline bool in_file_memory(const struct file_memory *memory, const void *page)
{
    return memory && (uintptr_t)page - (uintptr_t)memory->base < FILE_MEMORY_SPAN;
}

/* Pages out, and chunks taken from the source. */
uint64_t pages_out(void);
uint64_t pages_chunks(void);

#endif
