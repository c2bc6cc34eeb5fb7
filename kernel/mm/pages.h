/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page words of a Memory: which frame a page has.  Under the memory's lock.
 *
 *   word: 63..52 0 | 51..12 frame address, 0: none | 11..0 PAGE_*
 *
 *   levels 0: the words lie in the record (up to 8 pages)
 *   levels n: a tree of frames of 512 words, n deep; missing subtrees are NULL
 */
#pragma once

#include <mm/frame.h>
#include <mm/memory.h>
#include <mm/phys.h>

#define PAGE_COW     0x1ull    /* another Memory may hold the frame: copy before writing, unless we are the last */
#define PAGE_DIRTY   0x2ull    /* written since the last query, by a mapping that is gone or by the kernel */
#define PAGE_REFUSED 0x4ull    /* no frame: the pager will not supply it */
#define PAGE_FRAME   0x000ffffffffff000ull

#define PAGES_STEP   32u       /* pages handled at once; between steps no lock is held and interrupts are let in */
#define PAGES_INLINE 8u
#define PAGES_MAX    (1ull << 27)     /* 512 GiB */

/*
 * Work that is long goes in steps.  Between two of them no lock is held and interrupts are let in; what they want of this
 * core is done when the system call ends.  Other cores take it for a moment outside the kernel (see object.h): whatever is used
 * on both sides is referenced.
 */
bool preempt_point(void);          /* sched/ */
static inline void step_end(void) { (void)preempt_point(); }
/* The same with the memory's lock, which is dropped meanwhile. */
static inline void memory_step_end(struct memory *m)
{
    spin_unlock(&m->lock);
    step_end();
    spin_lock(&m->lock);
}

static inline bool memory_has_words(const struct memory *m)
{
    return m->kind != MEMORY_CONTIG && m->kind != MEMORY_PHYS;
}

static inline u64 *pages_find(struct memory *m, u64 page)
{
    if (m->levels == 0)
        return &m->small[page];
    u64 *table = m->table;
    for (u64 level = m->levels; table != NULL && level > 1; level--)
        table = (u64 *)table[page >> (9 * (level - 1)) & 511];
    return likely(table != NULL) ? &table[page & 511] : NULL;
}

/* NULL: no memory for a table. */
u64 *pages_make_slow(struct memory *m, u64 page);
static inline u64 *pages_make(struct memory *m, u64 page)
{
    u64 *word = pages_find(m, page);
    return likely(word != NULL) ? word : pages_make_slow(m, page);
}

static inline u64 pages_word(struct memory *m, u64 page)
{
    u64 *word = pages_find(m, page);
    return word == NULL ? 0 : *word;
}

static inline void pages_mark_dirty(struct memory *m, u64 page)
{
    u64 *word = pages_find(m, page);
    if (word != NULL && (*word & PAGE_FRAME) != 0)
        *word |= PAGE_DIRTY;
}

/* `page`, which has no frame, gets the one in `word`, on the charge of a lazy Memory.  -BUSY: it has one; -NO_MEMORY. */
MUST_CHECK status_t pages_put(struct memory *m, u64 page, u64 word);

/* The first page in [page, end) whose leaf table exists, `end` if none; *stop: end of that leaf table.  After many missing
 * tables *stop is the page itself: there is nothing before it, and the search goes on from there. */
u64 pages_skip(struct memory *m, u64 page, u64 end, u64 *stop);

/* Deep enough for so many pages; the words stay.  False: no memory. */
MUST_CHECK bool pages_grow(struct memory *m, u64 pages);
/* Frees tables that lie wholly in [first, end of the memory), some at a time; their words are 0, and `first` is not.  True: none
 * is left. */
MUST_CHECK bool pages_free_tables(struct memory *m, u64 first);

/* All words are 0: frees tables in bounded steps; true: none is left. */
bool pages_free_some(struct memory *m);

/* What a Memory of so many pages is charged when it is paid at once: frames and tables. */
u64 pages_full_charge(u64 pages, u64 levels);
u64 pages_levels(u64 pages);
/* What it has: resident frames and tables, in bytes. */
u64 pages_held(const struct memory *m);

/* Who pays for a frame that it gets: a lazy Memory page by page, others did when they were made. */
static inline struct pool *pages_payer(const struct memory *m)
{
    return m->lazy ? m->pool : NULL;
}

/* Gives up the frames of [first, first + count); no mapping has them.  At most `budget` words are looked at; returns where
 * it stopped. */
u64 pages_release(struct memory *m, u64 first, u64 end, u64 budget);

/* mm/fault.c's question: what a page is to be mapped to.  m->lock and the lock of `as`, where the fault was, are held. */
struct aspace;
struct page_view {
    u64 frame;               /* address */
    bool writable;           /* may be mapped so, if the mapping allows it */
    paddr_t release;         /* to release after the mapping was changed and TLBs are clean; FRAME_NONE: nothing */
};
enum page_result { PAGE_OK, PAGE_NO_MEMORY, PAGE_PAGER, PAGE_FROM_SOURCE /* memory_from_source, without locks on m */,
                   PAGE_AGAIN /* drop all locks, let others go on, try again */, PAGE_PAST_END };
enum page_result memory_page(struct memory *m, u64 page, bool write, struct aspace *as, struct page_view *view);
/* A missing page of a child of a PAGED Memory.  No memory lock is held.  PAGE_AGAIN: it is there now. */
enum page_result memory_from_source(struct memory *m, u64 page);

/* mm/zap.c: all under m->lock, which may be dropped and taken again meanwhile; when they return, it was held since
 * the last mapping was done.  `held`: an address space that the caller has locked, or NULL. */
enum visit { VISIT_CLEAR, VISIT_PROTECT, VISIT_CLEAN };
/* The pages lose all translations, may not be written, or are not dirty any more: bit i tells whether page first + i was. */
u64 memory_visit(struct memory *m, u64 first, u64 count, enum visit what);
/* Without waiting.  False: an address space is locked by somebody else; drop all locks, try again. */
MUST_CHECK bool memory_try_unmap_page(struct memory *m, u64 page, struct aspace *held);
