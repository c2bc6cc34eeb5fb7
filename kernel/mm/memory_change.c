/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that changes while it is mapped: its size, its resident pages, what its pager supplies. */

#include "pages.h"

static status_t memory_extend(struct memory *m, u64 pages)
{
    u64 levels = max_u64(m->levels, pages_levels(pages)), old = pages_full_charge(m->pages, m->levels);
    u64 more = pages_full_charge(pages, levels) - old;

    REFUSE_IF(!m->lazy && !pool_charge(m->pool, more), NO_MEMORY);
    if (!pages_grow(m, pages)) {
        /* Levels that were added stay: they are charged (lazy) or count in the full charge of the old size. */
        if (!m->lazy)
            pool_uncharge(m->pool, more - (pages_full_charge(m->pages, m->levels) - old));
        return ERR(NO_MEMORY);
    }
    m->pages = pages;
    return 0;
}

/* Gives up the frames of [first, end), a step at a time. */
static void release_range(struct memory *m, u64 first, u64 end)
{
    u64 stop;

    for (u64 page = first; (page = pages_skip(m, page, end, &stop)) < end;) {
        stop = min_u64(stop, page + PAGES_STEP);
        (void)memory_visit(m, page, stop - page, VISIT_CLEAR);
        page = pages_release(m, page, stop, UINT64_MAX);
        memory_step_end(m);
    }
}

static void memory_shrink(struct memory *m, u64 pages)
{
    u64 old = m->pages;

    m->pages = pages;               /* faults beyond are refused from here on */
    release_range(m, pages, old);
    while (!pages_free_tables(m, align_up(pages, 512)))
        memory_step_end(m);
    if (!m->lazy)
        pool_uncharge(m->pool, pages_full_charge(old, m->levels) - pages_full_charge(pages, m->levels));
}

status_t memory_resize(struct memory *m, u64 pages)
{
    status_t s = 0;

    REFUSE_IF(!memory_has_words(m), NOT_SUPPORTED);
    REFUSE_IF(pages > PAGES_MAX, RANGE);
    spin_lock(&m->lock);
    if (m->resizing)
        s = ERR(BUSY);
    else if (pages > m->pages)
        s = memory_extend(m, pages);
    else if (pages < m->pages) {
        m->resizing = true;
        memory_shrink(m, pages);
        m->resizing = false;
    }
    spin_unlock(&m->lock);
    return s;
}

status_t memory_decommit(struct memory *m, u64 offset, u64 pages)
{
    REFUSE_IF(!memory_has_words(m), NOT_SUPPORTED);
    spin_lock(&m->lock);
    if (offset > m->pages || pages > m->pages - offset) {
        spin_unlock(&m->lock);
        return ERR(RANGE);
    }
    /* It may shrink in between; what is beyond its end has no words then. */
    release_range(m, offset, offset + pages);
    spin_unlock(&m->lock);
    return 0;
}

status_t memory_supply(struct memory *m, u64 page, paddr_t frame)
{
    REFUSE_IF(m->kind != MEMORY_PAGED, NOT_SUPPORTED);
    spin_lock(&m->lock);
    status_t s = page < m->pages ? pages_put(m, page, frame.value) : ERR(RANGE);
    spin_unlock(&m->lock);
    return s;
}

status_t memory_refuse(struct memory *m, u64 offset, u64 pages)
{
    status_t s = 0;

    REFUSE_IF(m->kind != MEMORY_PAGED, NOT_SUPPORTED);
    spin_lock(&m->lock);
    if (offset > m->pages || pages > m->pages - offset)
        s = ERR(RANGE);
    for (u64 page = offset; s == 0 && page < offset + pages; page++) {
        u64 *word = pages_make(m, page);
        if (word == NULL)
            s = ERR(NO_MEMORY);
        else if ((*word & PAGE_FRAME) == 0)
            *word |= PAGE_REFUSED;
        if (page % PAGES_STEP == PAGES_STEP - 1) {
            memory_step_end(m);
            pages = min_u64(pages, m->pages > offset ? m->pages - offset : 0);
        }
    }
    spin_unlock(&m->lock);
    return s;
}

u64 memory_clean(struct memory *m, u64 first, u64 count)
{
    u64 dirty = 0;

    if (!memory_has_words(m))
        return 0;
    spin_lock(&m->lock);
    if (first < m->pages) {
        count = min_u64(min_u64(count, 64), m->pages - first);
        dirty = memory_visit(m, first, count, VISIT_CLEAN);
        count = min_u64(count, m->pages > first ? m->pages - first : 0);
        for (u64 i = 0; i < count; i++) {
            u64 *word = pages_find(m, first + i);
            if (word == NULL || (*word & PAGE_DIRTY) == 0)
                continue;
            *word &= ~PAGE_DIRTY;
            dirty |= 1ull << i;
        }
    }
    spin_unlock(&m->lock);
    return dirty;
}
