/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of page words: growing, shrinking, releasing. */

#include "pages.h"
#include "zero.h"

#define SKIP_TABLES 16u            /* missing tables passed over at once */
#define FREE_TABLES 16u            /* tables given back at once */

u64 pages_levels(u64 pages)
{
    if (pages <= PAGES_INLINE)
        return 0;
    return pages <= 512 ? 1 : pages <= 512 * 512 ? 2 : 3;
}

u64 pages_full_charge(u64 pages, u64 levels)
{
    u64 frames = pages;

    for (u64 level = 1; level <= levels; level++)
        frames += max_u64(1, div_round_up(pages, 1ull << (9 * level)));
    return frames << PAGE_SHIFT;
}

static u64 tables_below(const u64 *table, u64 level)
{
    u64 count = 1;

    for (u32 i = 0; level > 1 && i < 512; i++)
        if (table[i] != 0)
            count += tables_below((const u64 *)table[i], level - 1);
    return count;
}

u64 pages_held(const struct memory *m)
{
    u64 tables = m->levels == 0 || m->table == NULL ? 0 : tables_below(m->table, m->levels);

    return (m->resident + tables) << PAGE_SHIFT;
}

u64 *pages_make_slow(struct memory *m, u64 page)
{
    u64 *table = m->table;

    if (table == NULL && (m->table = table = kframe_alloc(pages_payer(m))) == NULL)
        return NULL;
    for (u64 level = m->levels; level > 1; level--) {
        u64 *entry = &table[page >> (9 * (level - 1)) & 511];
        if (*entry == 0) {
            u64 *below = kframe_alloc(pages_payer(m));
            if (below == NULL)
                return NULL;
            *entry = (u64)below;
        }
        table = (u64 *)*entry;
    }
    return &table[page & 511];
}

status_t pages_put(struct memory *m, u64 page, u64 word)
{
    u64 *place = pages_make(m, page);

    REFUSE_IF(place == NULL, NO_MEMORY);
    REFUSE_IF((*place & PAGE_FRAME) != 0, BUSY);
    REFUSE_IF(m->lazy && !pool_charge(m->pool, PAGE_SIZE), NO_MEMORY);
    *place = word;
    m->resident++;
    return 0;
}

u64 pages_skip(struct memory *m, u64 page, u64 end, u64 *stop)
{
    if (m->levels == 0) {
        *stop = end;
        return page;
    }
    for (u32 n = 0; page < end; n++) {
        if (n == SKIP_TABLES) {
            *stop = page;
            return page;
        }
        u64 *table = m->table, level = m->levels;
        for (; table != NULL && level > 1; level--)
            table = (u64 *)table[page >> (9 * (level - 1)) & 511];
        if (table != NULL) {
            *stop = min_u64(end, (page | 511) + 1);
            return page;
        }
        /* `level` is that of the missing table: it would cover 512^level pages. */
        page = (page | ((1ull << (9 * level)) - 1)) + 1;
    }
    *stop = end;
    return end;
}

bool pages_grow(struct memory *m, u64 pages)
{
    u64 want = pages_levels(pages);

    while (m->levels < want) {
        u64 *top = kframe_alloc(pages_payer(m));
        if (top == NULL)
            return false;
        if (m->levels == 0) {
            for (u32 i = 0; i < PAGES_INLINE; i++) {
                top[i] = m->small[i];
                m->small[i] = 0;
            }
        } else {
            top[0] = (u64)m->table;
        }
        m->table = top;
        m->levels++;
    }
    return true;
}

static bool free_below(struct memory *m, u64 *table, u64 level, u64 base, u64 first, u32 *budget)
{
    u64 span = 1ull << (9 * (level - 1));    /* pages an entry covers */
    u64 i = first > base ? (first - base) / span : 0;

    for (; level > 1 && (i = words_next(table, i, 512)) < 512; i++) {
        u64 *below = (u64 *)table[i], start = base + i * span;
        if (*budget == 0 || !free_below(m, below, level - 1, start, first, budget))
            return false;
        if (start >= first) {
            kframe_free(pages_payer(m), below);
            table[i] = 0;
            (*budget)--;
        }
    }
    return true;
}

bool pages_free_tables(struct memory *m, u64 first)
{
    u32 budget = FREE_TABLES;

    return m->levels == 0 || m->table == NULL || free_below(m, m->table, m->levels, 0, first, &budget);
}

bool pages_free_some(struct memory *m)
{
    if (!pages_free_tables(m, 0))
        return false;
    if (m->levels > 0 && m->table != NULL)
        kframe_free(pages_payer(m), m->table);
    return true;
}

u64 pages_release(struct memory *m, u64 first, u64 end, u64 budget)
{
    u64 page = first, released = 0;

    while (page < end && budget > 0) {
        u64 stop;
        budget -= min_u64(budget, 2 * SKIP_TABLES);
        page = pages_skip(m, page, end, &stop);
        if (page >= end)
            break;
        u64 *word = pages_find(m, page);
        for (; page < stop && budget > 0; page++, word++) {
            u64 value = *word;
            budget--;
            if (value == 0)
                continue;
            *word = 0;
            if ((value & PAGE_FRAME) == 0)
                continue;
            frame_release(PADDR(value & PAGE_FRAME));
            released++;
            budget = budget > 8 ? budget - 8 : 0;
        }
    }
    m->resident -= released;
    if (m->lazy && released > 0)
        pool_uncharge(m->pool, released << PAGE_SHIFT);
    return min_u64(page, end);
}
