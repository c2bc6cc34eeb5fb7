/* SPDX-License-Identifier: BSD-2-Clause */
/* What an access to a page of a Memory leads to: first touch, copy-on-write, the pager. */
#include <mm/aspace.h>

#include "pages.h"
#include "zero.h"

static enum page_result first_touch(struct memory *m, u64 page, u64 *word, struct page_view *view)
{
    if (unlikely(word == NULL) && (word = pages_make_slow(m, page)) == NULL)
        return PAGE_NO_MEMORY;
    paddr_t frame = pool_frame(pages_payer(m));
    if (unlikely(frame.value == 0))
        return PAGE_NO_MEMORY;
    frame_zero(phys_to_virt(frame));
    *word = frame.value;
    m->resident++;
    view->frame = frame.value;
    view->writable = true;
    return PAGE_OK;
}

/* A write to a frame that others may hold.  The page is paid already: the frame that it gets takes the place of one that
 * the others pay for themselves. */
static enum page_result copy_page(struct memory *m, u64 page, u64 *word, struct aspace *as, struct page_view *view)
{
    paddr_t old = PADDR(*word & PAGE_FRAME);

    if (frame_holders(old) == 1) {
        *word &= ~PAGE_COW;
        view->frame = old.value;
        view->writable = true;
        return PAGE_OK;
    }
    /* With one mapping the caller replaces the only translation; else all go first. */
    if (m->mappings.head.next != m->mappings.head.prev && !memory_try_unmap_page(m, page, as))
        return PAGE_AGAIN;
    paddr_t frame = frame_alloc();
    if (unlikely(frame.value == 0))
        return PAGE_NO_MEMORY;
    frame_copy(phys_to_virt(frame), phys_to_virt(old));
    *word = frame.value | (*word & PAGE_DIRTY);
    view->frame = frame.value;
    view->writable = true;
    view->release = old;
    return PAGE_OK;
}

enum page_result memory_page(struct memory *m, u64 page, bool write, struct aspace *as, struct page_view *view)
{
    view->release = FRAME_NONE;
    if (unlikely(page >= m->pages))
        return PAGE_PAST_END;
    if (unlikely(m->kind == MEMORY_PHYS || m->kind == MEMORY_CONTIG)) {
        view->frame = m->phys.value + (page << PAGE_SHIFT);
        view->writable = true;
        return PAGE_OK;
    }
    u64 *word = pages_find(m, page);
    u64 value = word != NULL ? *word : 0;
    if ((value & PAGE_FRAME) == 0) {
        if (likely(m->kind == MEMORY_ANON || (m->kind == MEMORY_COW && m->source == NULL)))
            return first_touch(m, page, word, view);
        if (m->kind == MEMORY_COW)
            return PAGE_FROM_SOURCE;
        return (value & PAGE_REFUSED) != 0 ? PAGE_PAST_END : PAGE_PAGER;
    }
    if (write && (value & PAGE_COW) != 0)
        return copy_page(m, page, word, as, view);
    view->frame = value & PAGE_FRAME;
    view->writable = (value & PAGE_COW) == 0;
    return PAGE_OK;
}

/* A further holder for the source's frame; the source itself goes on writing into it, as MAP_PRIVATE allows. */
static enum page_result borrow(struct memory *source, u64 page, paddr_t *frame)
{
    enum page_result result = PAGE_OK;

    spin_lock(&source->lock);
    u64 value = page < source->pages ? pages_word(source, page) : 0;
    if (page >= source->pages || (value & PAGE_REFUSED) != 0)
        result = PAGE_PAST_END;
    else if ((value & PAGE_FRAME) == 0)
        result = PAGE_PAGER;
    else if (!frame_share(PADDR(value & PAGE_FRAME)))
        result = PAGE_NO_MEMORY;
    *frame = PADDR(value & PAGE_FRAME);
    spin_unlock(&source->lock);
    return result;
}

enum page_result memory_from_source(struct memory *m, u64 page)
{
    paddr_t frame;
    enum page_result result = borrow(m->source, m->source_offset + page, &frame);

    if (result != PAGE_OK)
        return result;
    spin_lock(&m->lock);
    status_t s = page < m->pages ? pages_put(m, page, frame.value | PAGE_COW) : ERR(BUSY);
    spin_unlock(&m->lock);
    if (s != 0)
        frame_release(frame);
    return s == ERR(NO_MEMORY) ? PAGE_NO_MEMORY : PAGE_AGAIN;
}
