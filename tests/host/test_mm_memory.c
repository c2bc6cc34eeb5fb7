/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tests/host/fake_mm.c kernel/mm/ kernel/config/debug/slab_check.c kernel/core/ kernel/arch/x86_64/paging.c */
/*
 * Memory, address spaces, copy-on-write and faults against a model that knows nothing of frames: each Memory is an array of
 * words, one a page.  Accesses go through a TLB that forgets only what it is told to forget.
 */
#include "fake_mm.h"

#include <cap.h>

#include "../../kernel/mm/pages.h"

#include "../../kernel/mm/pages.h"

/* The frame of a page as it stands. */
static paddr_t memory_frame(struct memory *m, u64 page)
{
    return PADDR(pages_word(m, page) & PAGE_FRAME);
}

#define MEMORIES 10u
#define SPACES   4u
#define SLOTS    24u           /* places for mappings in a space */
#define MAX_PAGES 1200u
#define SLOT_PAGES 2048u
#define WORD_AT  2040u

static struct model {
    struct memory *m;
    u64 value[MAX_PAGES];
} models[MEMORIES];

static struct space {
    struct aspace as;
    struct {
        struct model *model;   /* NULL: nothing mapped */
        u64 first, count;      /* pages of the memory */
        u32 flags;
    } slot[SLOTS];
} spaces[SPACES];

static u64 slot_address(u32 slot)
{
    return 0x400000 + slot * (SLOT_PAGES * PAGE_SIZE) - (slot % 3) * PAGE_SIZE;
}

static void model_forget(struct model *model)
{
    for (u32 s = 0; s < SPACES; s++)
        for (u32 i = 0; i < SLOTS; i++)
            if (spaces[s].slot[i].model == model)
                return;        /* still mapped: it lives on without capability */
    object_put(&model->m->object);
    model->m = NULL;
}

static struct model *model_empty(void)
{
    for (u32 i = 0; i < MEMORIES; i++)
        if (models[i].m == NULL)
            return &models[i];
    return NULL;
}

static struct model *model_any(struct rng *rng)
{
    u64 first = rng_below(rng, MEMORIES);

    for (u32 i = 0; i < MEMORIES; i++)
        if (models[(first + i) % MEMORIES].m != NULL)
            return &models[(first + i) % MEMORIES];
    return NULL;
}

static void op_create(struct rng *rng)
{
    struct model *model = model_empty();
    u64 pages = 1 + rng_below(rng, rng_below(rng, 3) != 0 ? 10 : MAX_PAGES);

    if (model == NULL || memory_create(root_pool, MEMORY_ANON, pages, rng_below(rng, 2) == 0, &model->m) < 0)
        return;
    memset(model->value, 0, sizeof model->value);
}

static void op_map(struct rng *rng)
{
    struct model *model = model_any(rng);
    struct space *space = &spaces[rng_below(rng, SPACES)];
    u32 slot = (u32)rng_below(rng, SLOTS), flags = rng_below(rng, 4) == 0 ? 1 : 3;

    if (model == NULL || space->slot[slot].model != NULL || model->m->pages == 0)
        return;
    u64 first = rng_below(rng, 2) == 0 ? 0 : rng_below(rng, model->m->pages), count = 1 + rng_below(rng, rng_below(rng, 2) == 0 ? 10 : MAX_PAGES);
    assert_int_equal(fake_map(&space->as, model->m, slot_address(slot), count * PAGE_SIZE, first * PAGE_SIZE, flags, NULL), 0);
    space->slot[slot].model = model;
    space->slot[slot].first = first;
    space->slot[slot].count = count;
    space->slot[slot].flags = flags;
}

static bool any_slot(struct rng *rng, struct space **space, u32 *slot)
{
    *space = &spaces[rng_below(rng, SPACES)];
    *slot = (u32)rng_below(rng, SLOTS);
    return (*space)->slot[*slot].model != NULL;
}

static void op_unmap(struct rng *rng)
{
    struct space *space;
    u32 slot;

    if (!any_slot(rng, &space, &slot))
        return;
    assert_int_equal(fake_unmap(&space->as, slot_address(slot), space->slot[slot].count * PAGE_SIZE), 0);
    space->slot[slot].model = NULL;
}

/* Read or write one page through a mapping. */
static void op_access(struct rng *rng)
{
    struct space *space;
    enum fault_result why;
    struct fault_info info;
    u32 slot;

    if (!any_slot(rng, &space, &slot))
        return;
    struct model *model = space->slot[slot].model;
    u64 index = rng_below(rng, rng_below(rng, 2) == 0 ? space->slot[slot].count : 1 + space->slot[slot].count / 16);
    u64 page = space->slot[slot].first + index, value = rng_next(rng);
    bool write = rng_below(rng, 2) == 0;
    u8 *at = fake_access(&space->as, slot_address(slot) + index * PAGE_SIZE + WORD_AT, write ? ACCESS_WRITE : ACCESS_READ,
                         &why, &info);

    if (write && (space->slot[slot].flags & MNOS_MAP_WRITE) == 0) {
        assert_null(at);
        assert_int_equal(why, FAULT_INVALID);
        return;
    }
    if (page >= model->m->pages) {
        assert_null(at);
        assert_int_equal(why, FAULT_PAST_END);
        return;
    }
    if (at == NULL) {
        assert_int_equal(why, FAULT_NO_MEMORY);
        assert_true(root_pool->size - root_pool->used < PAGE_SIZE * 4);
        return;
    }
    assert_true(*(u64 *)at == model->value[page]);
    assert_true(((u64 *)at)[-1] == model->value[page]);
    if (write)
        ((u64 *)at)[0] = ((u64 *)at)[-1] = model->value[page] = value;
}

static void op_cow(struct rng *rng)
{
    struct model *source = model_any(rng), *child = model_empty();

    if (source == NULL || child == NULL || source->m->pages == 0)
        return;
    u64 first = rng_below(rng, 2) == 0 ? 0 : rng_below(rng, source->m->pages);
    u64 pages = 1 + rng_below(rng, source->m->pages - first);
    if (memory_create_cow(root_pool, source->m, first, pages, &child->m) < 0) {
        child->m = NULL;
        return;
    }
    memset(child->value, 0, sizeof child->value);
    memcpy(child->value, source->value + first, pages * 8);
}

static void op_move(struct rng *rng)
{
    struct model *source = model_any(rng), *to = model_empty();

    if (source == NULL || to == NULL || source->m->pages == 0)
        return;
    u64 first = rng_below(rng, source->m->pages), pages = 1 + rng_below(rng, source->m->pages - first);
    if (memory_move(root_pool, source->m, first, pages, &to->m) < 0) {
        to->m = NULL;
        return;
    }
    memset(to->value, 0, sizeof to->value);
    memcpy(to->value, source->value + first, pages * 8);
    memset(source->value + first, 0, pages * 8);
}

static void op_change(struct rng *rng)
{
    struct model *model = model_any(rng);

    if (model == NULL)
        return;
    if (rng_below(rng, 2) == 0) {
        u64 pages = rng_below(rng, rng_below(rng, 2) == 0 ? 12 : MAX_PAGES), old = model->m->pages;
        if (memory_resize(model->m, pages) == 0 && pages < old)
            memset(model->value + pages, 0, (old - pages) * 8);
    } else if (model->m->pages > 0) {
        u64 first = rng_below(rng, model->m->pages), pages = 1 + rng_below(rng, model->m->pages - first);
        assert_int_equal(memory_decommit(model->m, first, pages), 0);
        memset(model->value + first, 0, pages * 8);
    }
}

static void everything_goes(void)
{
    for (u32 s = 0; s < SPACES; s++) {
        fake_aspace_end(&spaces[s].as);
        memset(spaces[s].slot, 0, sizeof spaces[s].slot);
    }
    for (u32 i = 0; i < MEMORIES; i++)
        if (models[i].m != NULL)
            model_forget(&models[i]);
    fake_reap();
}

static void random_operations_agree_with_a_naive_model(void **state)
{
    struct rng rng = rng_seeded(20);
    (void)state;

    for (u32 round = 0; round < 6; round++) {
        fake_machine(round % 2 == 0 ? 48 : 14);      /* the small one runs out of memory */
        memset(models, 0, sizeof models);
        memset(spaces, 0, sizeof spaces);
        u64 used = root_pool->used, frames = frame_count_free(), slack = 0;
        for (u32 s = 0; s < SPACES; s++)
            assert_int_equal(aspace_init(&spaces[s].as, root_pool), 0);
        for (u32 step = 0; step < 40000; step++) {
            fake_core((u32)rng_below(&rng, FAKE_CORES));
            u64 what = rng_below(&rng, 1000);
            if (what < 20)
                op_create(&rng);
            else if (what < 50)
                op_map(&rng);
            else if (what < 65)
                op_unmap(&rng);
            else if (what < 85)
                op_cow(&rng);
            else if (what < 90)
                op_move(&rng);
            else if (what < 100)
                op_change(&rng);
            else if (what < 115) {
                struct model *model = model_any(&rng);
                if (model != NULL)
                    model_forget(model);
            } else
                op_access(&rng);
            fake_reap();
        }
        everything_goes();
        assert_int_equal(fake_objects(), 1);
        assert_int_equal(root_pool->used, used);
        slack = frames - frame_count_free();         /* tables of share counts stay */
        assert_true(slack <= 8);
    }
}

/* ---- single rules ------------------------------------------------------------------------------------------------ */

static struct aspace *one_space(void)
{
    static struct aspace as;

    fake_machine(16);
    assert_int_equal(aspace_init(&as, root_pool), 0);
    return &as;
}

static u64 *touch(struct aspace *as, u64 address, enum fault_access access)
{
    enum fault_result why;
    struct fault_info info;
    u8 *at = fake_access(as, address, access, &why, &info);

    assert_non_null(at);
    return (u64 *)at;
}

static void a_page_that_nobody_shares_any_more_is_not_copied(void **state)
{
    struct memory *m, *child;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 4, true, &m), 0);
    assert_int_equal(fake_map(as, m, 0x10000, 4 * PAGE_SIZE, 0, 3, NULL), 0);
    *touch(as, 0x10000, ACCESS_WRITE) = 17;
    paddr_t frame = memory_frame(m, 0);
    assert_int_equal(memory_create_cow(root_pool, m, 0, 4, &child), 0);
    assert_int_equal(memory_frame(child, 0).value, frame.value);
    assert_int_equal(frame_holders(frame), 2);
    object_put(&child->object);
    fake_reap();
    assert_int_equal(frame_holders(frame), 1);
    *touch(as, 0x10000, ACCESS_WRITE) = 18;
    assert_int_equal(memory_frame(m, 0).value, frame.value);
    fake_aspace_end(as);
}

static void one_shootdown_a_step_protects_the_source(void **state)
{
    struct memory *m, *child;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 600, false, &m), 0);
    assert_int_equal(fake_map(as, m, 0x10000, 600 * PAGE_SIZE, 0, 3, NULL), 0);
    for (u64 i = 0; i < 600; i++)
        *touch(as, 0x10000 + i * PAGE_SIZE, ACCESS_WRITE) = i;
    fake_shootdowns = 0;
    assert_int_equal(memory_create_cow(root_pool, m, 0, 600, &child), 0);
    assert_int_equal(fake_shootdowns, 16 + 3);  /* 512 pages in one table, 88 in the next, 32 a step */
    fake_shootdowns = 0;
    assert_int_equal(fake_unmap(as, 0x10000, 600 * PAGE_SIZE), 0);
    assert_int_equal(fake_shootdowns, 5);
    fake_aspace_end(as);
}

static void all_cores_see_the_copy(void **state)
{
    struct memory *m, *child;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 2, true, &m), 0);
    assert_int_equal(fake_map(as, m, 0x10000, PAGE_SIZE, 0, 3, NULL), 0);
    *touch(as, 0x10000, ACCESS_WRITE) = 1;
    assert_int_equal(memory_create_cow(root_pool, m, 0, 1, &child), 0);
    fake_core(1);
    assert_int_equal(*touch(as, 0x10000, ACCESS_READ), 1);
    fake_core(0);
    *touch(as, 0x10000, ACCESS_WRITE) = 2;
    fake_core(1);
    assert_int_equal(*touch(as, 0x10000, ACCESS_READ), 2);
    fake_aspace_end(as);
}

static u64 fill_frame(u64 word)
{
    u64 *at = kframe_alloc(root_pool);

    at[WORD_AT / 8] = word;
    pool_uncharge(root_pool, PAGE_SIZE);     /* nobody's, as sys/ has it */
    return virt_to_phys(at).value;
}

static void missing_pages_are_asked_from_the_pager(void **state)
{
    struct memory *m, *child;
    enum fault_result why;
    struct fault_info info;
    struct endpoint *ep = NULL;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_PAGED, 8, true, &m), 0);
    assert_null(ep);
    assert_int_equal(memory_create_cow(root_pool, m, 2, 4, &child), 0);
    assert_int_equal(fake_map(as, m, 0x10000, 16 * PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(fake_map(as, child, 0x80000, 4 * PAGE_SIZE, 0, 3, NULL), 0);

    assert_null(fake_access(as, 0x11000, ACCESS_READ, &why, &info));
    assert_int_equal(why, FAULT_PAGER);
    assert_ptr_equal(info.memory, m);
    assert_int_equal(info.offset, PAGE_SIZE);
    assert_null(fake_access(as, 0x81000, ACCESS_WRITE, &why, &info));      /* page 1 of the child: 3 of the source */
    assert_int_equal(why, FAULT_PAGER);
    assert_ptr_equal(info.memory, m);
    assert_int_equal(info.offset, 3 * PAGE_SIZE);
    assert_null(fake_access(as, 0x18000, ACCESS_READ, &why, &info));
    assert_int_equal(why, FAULT_PAST_END);

    u64 used = root_pool->used;
    assert_int_equal(memory_supply(m, 3, PADDR(fill_frame(333))), 0);
    assert_int_equal(root_pool->used, used + PAGE_SIZE);
    paddr_t more = PADDR(fill_frame(4));
    assert_int_equal(memory_supply(m, 3, more), ERR(BUSY));
    assert_int_equal(memory_supply(m, 8, more), ERR(RANGE));
    frame_free(more);
    /* A private read shares the frame, a private write copies it. */
    assert_int_equal(*touch(as, 0x81000 + WORD_AT, ACCESS_READ), 333);
    assert_int_equal(memory_frame(child, 1).value, memory_frame(m, 3).value);
    *touch(as, 0x81000 + WORD_AT, ACCESS_WRITE) = 334;
    assert_int_equal(*touch(as, 0x13000 + WORD_AT, ACCESS_READ), 333);
    assert_int_not_equal(memory_frame(child, 1).value, memory_frame(m, 3).value);

    assert_int_equal(memory_refuse(m, 4, 2), 0);
    assert_null(fake_access(as, 0x14000, ACCESS_READ, &why, &info));
    assert_int_equal(why, FAULT_PAST_END);
    assert_null(fake_access(as, 0x82000, ACCESS_READ, &why, &info));
    assert_int_equal(why, FAULT_PAST_END);
    assert_int_equal(memory_supply(m, 4, PADDR(fill_frame(44))), 0);
    assert_int_equal(*touch(as, 0x14000 + WORD_AT, ACCESS_READ), 44);

    /* What is decommitted is asked again. */
    assert_int_equal(memory_decommit(m, 3, 2), 0);
    assert_null(fake_access(as, 0x13000, ACCESS_READ, &why, &info));
    assert_int_equal(why, FAULT_PAGER);
    assert_int_equal(*touch(as, 0x81000 + WORD_AT, ACCESS_READ), 334);

    fake_aspace_end(as);
    object_put(&m->object);
    object_put(&child->object);
    fake_reap();
    assert_int_equal(fake_objects(), 1);
}

static void written_pages_are_told_once(void **state)
{
    struct memory *m;
    static struct aspace other;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(aspace_init(&other, root_pool), 0);
    assert_int_equal(memory_create(root_pool, MEMORY_PAGED, 100, true, &m), 0);
    for (u64 i = 0; i < 100; i++)
        assert_int_equal(memory_supply(m, i, PADDR(fill_frame(i))), 0);
    assert_int_equal(fake_map(as, m, 0x10000, 100 * PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(fake_map(&other, m, 0x50000, 50 * PAGE_SIZE, 20 * PAGE_SIZE, 3, NULL), 0);
    for (u64 i = 0; i < 100; i++)
        (void)touch(as, 0x10000 + i * PAGE_SIZE, ACCESS_READ);
    assert_int_equal(memory_clean(m, 0, 64), 0);
    (void)touch(as, 0x10000 + 5 * PAGE_SIZE, ACCESS_WRITE);
    (void)touch(&other, 0x50000 + 10 * PAGE_SIZE, ACCESS_WRITE);
    (void)touch(&other, 0x50000 + 40 * PAGE_SIZE, ACCESS_WRITE);
    assert_int_equal(memory_clean(m, 4, 64), 1ull << 1 | 1ull << 26 | 1ull << 56);
    assert_int_equal(memory_clean(m, 4, 64), 0);
    /* Again: no stale translation lets a write pass unseen. */
    (void)touch(as, 0x10000 + 5 * PAGE_SIZE, ACCESS_WRITE);
    assert_true(memory_clean(m, 5, 1));
    assert_false(memory_clean(m, 5, 1));
    /* What a mapping that went had written is not forgotten. */
    (void)touch(&other, 0x50000 + 40 * PAGE_SIZE, ACCESS_WRITE);
    (void)touch(&other, 0x50000 + 41 * PAGE_SIZE, ACCESS_WRITE);
    assert_int_equal(fake_unmap(&other, 0x50000 + 40 * PAGE_SIZE, PAGE_SIZE), 0);
    fake_aspace_end(&other);
    assert_true(memory_clean(m, 60, 1));
    assert_true(memory_clean(m, 61, 1));
    fake_aspace_end(as);
}

static void unmapped_mappings_leave_nothing_behind(void **state)
{
    struct rng rng = rng_seeded(112);
    enum { N = 150 };
    bool mapped[N] = { false };
    struct memory *m;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 4, false, &m), 0);
    for (u32 round = 0; round < 30; round++) {
        bool base = round % 2 == 0;
        if (base)
            assert_int_equal(fake_map(as, m, 0x10000, PAGE_SIZE, 0, 3, NULL), 0);
        u64 used = root_pool->used;
        for (u32 step = 0; step < 2000; step++) {
            u64 i = rng_below(&rng, N), at = 0x10000000 + i * 0x3000;
            if (mapped[i])
                assert_int_equal(fake_unmap(as, at, PAGE_SIZE), 0);
            else
                assert_int_equal(fake_map(as, m, at, PAGE_SIZE, 0, 3, NULL), 0);
            mapped[i] = !mapped[i];
        }
        for (u64 i = 0; i < N; i++) {
            if (mapped[i])
                assert_int_equal(fake_unmap(as, 0x10000000 + i * 0x3000, PAGE_SIZE), 0);
            mapped[i] = false;
        }
        assert_int_equal(root_pool->used, used);
        if (base)
            assert_int_equal(fake_unmap(as, 0x10000, PAGE_SIZE), 0);
        assert_int_equal(as->tables, 1);
    }
    fake_aspace_end(as);
}

static void revocation_unmaps_what_was_mapped_through_the_capability(void **state)
{
    struct cap_node parent = { .type = MNOS_TYPE_MEMORY }, node = { .type = MNOS_TYPE_MEMORY };
    struct memory *m;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 3000, true, &m), 0);
    assert_int_equal(fake_map(as, m, 0x10000000, 3000 * PAGE_SIZE, 0, 3, &node), 0);
    assert_int_equal(fake_map(as, m, 0x20000000, PAGE_SIZE, 0, 3, &parent), 0);
    for (u64 i = 0; i < 2500; i++)
        (void)touch(as, 0x10000000 + i * PAGE_SIZE, ACCESS_WRITE);
    (void)touch(as, 0x20000000, ACCESS_WRITE);
    /* Pieces stay with the capability. */
    assert_int_equal(aspace_protect(as, 0x10000000 + 10 * PAGE_SIZE, PAGE_SIZE, 1), 0);
    assert_int_equal(fake_unmap(as, 0x10000000 + 100 * PAGE_SIZE, 7 * PAGE_SIZE), 0);
    u32 steps = 0;
    for (; !aspace_unmap_via(&node); steps++)
        assert_true(steps < 100);
    assert_true(steps > 4);
    assert_int_equal(as->resident, 1);
    assert_null(node.maps);
    assert_int_not_equal(aspace_translate(as, 0x20000000, NULL).value, 0);

    /* A deleted capability leaves its mappings to the parent, or to nobody. */
    assert_int_equal(fake_map(as, m, 0x10000000, PAGE_SIZE, 0, 3, &node), 0);
    assert_int_equal(fake_map(as, m, 0x10001000, PAGE_SIZE, 0, 3, &node), 0);
    spin_lock(&cap_lock);
    aspace_inherit_via(&node, &parent);
    spin_unlock(&cap_lock);
    assert_null(node.maps);
    while (!aspace_unmap_via(&parent))
        continue;
    assert_true(as->mappings.root == NULL);
    assert_int_equal(fake_map(as, m, 0x10000000, PAGE_SIZE, 0, 3, &node), 0);
    spin_lock(&cap_lock);
    aspace_inherit_via(&node, NULL);
    spin_unlock(&cap_lock);
    assert_int_equal(fake_unmap(as, 0x10000000, PAGE_SIZE), 0);
    fake_aspace_end(as);
    object_put(&m->object);
    fake_reap();
    assert_int_equal(fake_objects(), 1);
}

static void protection_stays_within_the_limit(void **state)
{
    struct memory *m;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, 8, true, &m), 0);
    spin_lock(&cap_lock);
    assert_int_equal(aspace_map(as, m, 0x10000, 8 * PAGE_SIZE, 0, 1, 1 | 4, NULL), 0);
    spin_unlock(&cap_lock);
    assert_int_equal(aspace_protect(as, 0x10000, PAGE_SIZE, 3), ERR(NO_RIGHTS));
    assert_int_equal(aspace_protect(as, 0x10000, PAGE_SIZE, 5), 0);
    assert_int_equal(aspace_protect(as, 0x10000, 9 * PAGE_SIZE, 1), ERR(NOT_FOUND));
    assert_int_equal(aspace_protect(as, 0xf000, 2 * PAGE_SIZE, 1), ERR(NOT_FOUND));
    u64 key[2], key2[2];
    assert_true(aspace_word_key(as, 0x11010, ACCESS_READ, key));
    assert_false(aspace_word_key(as, 0x11010, ACCESS_WRITE, key));
    assert_false(aspace_word_key(as, 0x18000, ACCESS_READ, key));
    assert_int_equal(fake_map(as, m, 0x40000, PAGE_SIZE, PAGE_SIZE, 1, NULL), 0);
    assert_true(aspace_word_key(as, 0x40010, ACCESS_READ, key2));
    assert_memory_equal(key, key2, sizeof key);
    fake_aspace_end(as);
}

/* ---- exhaustion -------------------------------------------------------------------------------------------------- */

/* A program's life; any step may fail.  True: none did. */
static bool life(struct pool *pool)
{
    static struct aspace as;
    struct memory *m[5] = { NULL };
    enum fault_result why;
    struct fault_info info;
    bool ok = aspace_init(&as, pool) == 0;

    if (!ok)
        return false;
    ok = memory_create(pool, MEMORY_ANON, 20, false, &m[0]) == 0 && ok;
    ok = memory_create(pool, MEMORY_ANON, 2000, true, &m[1]) == 0 && ok;
    if (m[0] != NULL)
        ok = fake_map(&as, m[0], 0x10000, 20 * PAGE_SIZE, 0, 3, NULL) == 0 && ok;
    if (m[1] != NULL)
        ok = fake_map(&as, m[1], 0x40000000, 2000 * PAGE_SIZE, 0, 3, NULL) == 0 && ok;
    for (u64 i = 0; i < 20; i++)
        ok = fake_access(&as, 0x10000 + i * PAGE_SIZE, ACCESS_WRITE, &why, &info) != NULL && ok;
    for (u64 i = 0; i < 2000; i += 90)
        ok = fake_access(&as, 0x40000000 + i * PAGE_SIZE, ACCESS_WRITE, &why, &info) != NULL && ok;
    if (m[1] != NULL)
        ok = memory_create_cow(pool, m[1], 3, 1500, &m[2]) == 0 && ok;
    if (m[2] != NULL) {
        ok = fake_map(&as, m[2], 0x80000000, 1500 * PAGE_SIZE, 0, 3, NULL) == 0 && ok;
        for (u64 i = 0; i < 1500; i += 43)
            ok = fake_access(&as, 0x80000000 + i * PAGE_SIZE, ACCESS_WRITE, &why, &info) != NULL && ok;
        ok = memory_move(pool, m[2], 100, 900, &m[3]) == 0 && ok;
    }
    if (m[0] != NULL) {
        ok = memory_resize(m[0], 700) == 0 && ok;
        ok = memory_create_cow(pool, m[0], 0, 10, &m[4]) == 0 && ok;
        ok = aspace_protect(&as, 0x13000, PAGE_SIZE, 1) == 0 && ok;
        ok = fake_unmap(&as, 0x15000, 2 * PAGE_SIZE) == 0 && ok;
        ok = memory_resize(m[0], 3) == 0 && ok;
    }
    fake_aspace_end(&as);
    for (u32 i = 0; i < 5; i++)
        if (m[i] != NULL)
            object_put(&m[i]->object);
    return ok;
}

static void charges_are_exact_wherever_memory_ends(void **state)
{
    u64 pages = 1;
    bool ok = false;
    (void)state;

    fake_machine(24);
    u64 used = root_pool->used, frames = frame_count_free();
    for (; !ok; pages++) {
        struct pool *pool;
        assert_int_equal(pool_create(root_pool, pages * PAGE_SIZE, &pool), 0);
        ok = life(pool);
        /* What was left of it may wait for the reaper; then nothing is used. */
        object_get(&pool->object);
        fake_reap();
        assert_int_equal(pool->used, 0);
        assert_int_equal(pool->object.refs, 2);
        object_put(&pool->object);
        object_put(&pool->object);
        fake_reap();
        assert_int_equal(root_pool->used, used);
        assert_int_equal(fake_objects(), 1);
        assert_true(frames - frame_count_free() <= 4);
    }
    assert_true(pages > 100);
}

static void eager_memory_cannot_run_out(void **state)
{
    struct memory *m, *child;
    struct pool *pool;
    (void)state;

    struct aspace *as = one_space();
    assert_int_equal(pool_create(root_pool, 700 * PAGE_SIZE, &pool), 0);
    assert_int_equal(memory_create(pool, MEMORY_ANON, 700, false, &m), ERR(NO_MEMORY));
    assert_int_equal(pool->used, 0);
    assert_int_equal(memory_create(pool, MEMORY_ANON, 600, false, &m), 0);
    assert_int_equal(memory_create_cow(root_pool, m, 0, 600, &child), 0);
    while (kframe_alloc(pool) != NULL)
        continue;
    assert_int_equal(fake_map(as, m, 0x10000, 600 * PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(fake_map(as, child, 0x1000000, 600 * PAGE_SIZE, 0, 3, NULL), 0);
    for (u64 i = 0; i < 600; i++) {
        *touch(as, 0x10000 + i * PAGE_SIZE, ACCESS_WRITE) = 1;
        *touch(as, 0x1000000 + i * PAGE_SIZE, ACCESS_WRITE) = 2;
    }
    fake_aspace_end(as);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("memory: random operations agree with a naive model", random_operations_agree_with_a_naive_model),
        TEST("memory: the last holder of a page does not copy it", a_page_that_nobody_shares_any_more_is_not_copied),
        TEST("memory: one shootdown a step protects the source of a child", one_shootdown_a_step_protects_the_source),
        TEST("memory: all cores see the copy of a page", all_cores_see_the_copy),
        TEST("memory: missing pages are asked from the pager", missing_pages_are_asked_from_the_pager),
        TEST("memory: written pages are told once", written_pages_are_told_once),
        TEST("memory: unmapped mappings leave nothing behind", unmapped_mappings_leave_nothing_behind),
        TEST("memory: revocation unmaps what was mapped through the capability",
             revocation_unmaps_what_was_mapped_through_the_capability),
        TEST("memory: protection stays within the limit", protection_stays_within_the_limit),
        TEST("memory: charges are exact wherever memory ends", charges_are_exact_wherever_memory_ends),
        TEST("memory: what is paid at once cannot run out", eager_memory_cannot_run_out),
    };
    return RUN_TESTS(tests);
}
