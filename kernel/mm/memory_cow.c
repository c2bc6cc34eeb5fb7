/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copy-on-write children and moved pages.
 *
 * A child holds the source's resident frames together with it, by share counts; both have PAGE_COW on these words.  Who
 * writes first copies, the last holder just takes the frame.  There is no chain: a page that the source did not have is
 * zero in the child, or comes from the pager of the PAGED Memory at the root (m->source).
 */
#include <core/assert.h>

#include "pages.h"

/* Nobody knows it yet: it goes as a dead one goes. */
static void discard(struct memory *m)
{
    while (!memory_reap(&m->object))
        step_end();
}

/* Does something with [page, end) of `source`, which lies in one of its tables and is what `to` has from `first` on.  False:
 * no memory. */
typedef bool step_fn(struct memory *to, struct memory *source, u64 first, u64 page, u64 end);

/* All that is there of [first, end), a step at a time, the source locked in each. */
static bool each_step(struct memory *to, struct memory *source, u64 first, u64 end, step_fn *step)
{
    bool good = true;
    u64 stop;

    spin_lock(&source->lock);
    for (u64 page = first; good && page < min_u64(end, source->pages);) {
        page = pages_skip(source, page, min_u64(end, source->pages), &stop);
        stop = min_u64(stop, page + PAGES_STEP);
        if (page < stop)
            good = step(to, source, first, page, stop);
        page = stop;
        memory_step_end(source);
    }
    spin_unlock(&source->lock);
    return good;
}

static bool share_step(struct memory *child, struct memory *source, u64 first, u64 page, u64 end)
{
    u64 *word = pages_find(source, page);

    for (u64 at = page; at < end; at++, word++) {
        paddr_t frame = PADDR(*word & PAGE_FRAME);
        if (frame.value == 0)
            continue;
        if (!frame_share(frame))
            return false;
        if (pages_put(child, at - first, frame.value | PAGE_COW) < 0) {
            frame_release(frame);
            return false;
        }
        *word |= PAGE_COW;
    }
    (void)memory_visit(source, page, end - page, VISIT_PROTECT);
    return true;
}

status_t memory_create_cow(struct pool *pool, struct memory *source, u64 offset, u64 pages, struct memory **out)
{
    struct memory *child, *asked = source->kind == MEMORY_PAGED ? source : source->source;

    REFUSE_IF(!memory_has_words(source), NOT_SUPPORTED);
    REFUSE_IF(offset > source->pages || pages > source->pages - offset, RANGE);
    /* A child is paid like its source; a private copy of a file page by page. */
    TRY(memory_create(pool, MEMORY_COW, pages, source->lazy, &child));
    if (source != asked && !each_step(child, source, offset, offset + pages, share_step)) {
        discard(child);
        return ERR(NO_MEMORY);
    }
    if (asked != NULL) {
        child->source = asked;
        child->source_offset = source->source_offset + offset;
        object_get(&asked->object);
    }
    *out = child;
    return 0;
}

/* False: no memory for a table; nothing of it was moved. */
static bool move_step(struct memory *to, struct memory *source, u64 first, u64 page, u64 end)
{
    u64 moved = 0;

    if (pages_make(to, page - first) == NULL || pages_make(to, end - 1 - first) == NULL)
        return false;
    (void)memory_visit(source, page, end - page, VISIT_CLEAR);
    u64 *word = pages_find(source, page);
    for (; word != NULL && page < end; page++, word++) {
        if (*word == 0)
            continue;
        *pages_find(to, page - first) = *word & (PAGE_FRAME | PAGE_COW);
        moved += (*word & PAGE_FRAME) != 0;
        *word = 0;
    }
    to->resident += moved;
    source->resident -= moved;
    if (source->lazy)
        pool_uncharge(source->pool, moved << PAGE_SHIFT);
    return true;
}

status_t memory_move(struct pool *pool, struct memory *source, u64 offset, u64 pages, struct memory **out)
{
    struct memory *to;

    REFUSE_IF((source->kind != MEMORY_ANON && source->kind != MEMORY_COW) || source->source != NULL, NOT_SUPPORTED);
    REFUSE_IF(offset > source->pages || pages > source->pages - offset, RANGE);
    /* Paid for the whole range and all tables while it is filled, so that nothing can fail half way. */
    TRY(memory_create(pool, MEMORY_ANON, pages, false, &to));
    bool moved = each_step(to, source, offset, offset + pages, move_step);
    KASSERT(moved);
    if (source->lazy) {
        to->lazy = true;
        pool_uncharge(pool, pages_full_charge(pages, to->levels) - pages_held(to));
    }
    *out = to;
    return 0;
}
