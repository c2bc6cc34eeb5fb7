/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tests/host/fake_mm.c kernel/mm/ kernel/config/debug/slab_check.c kernel/core/ kernel/arch/x86_64/paging.c */
#include "fake_mm.h"

#include "../../kernel/mm/slab.h"

#define POOLS   3u
#define OBJECTS 3000u

struct live {
    u8 *at;
    struct pool *pool;
    enum slab_type type;
    u8 mark;
};

static void check_and_mark(struct live *l)
{
    for (u32 i = 0; i < slab_size[l->type]; i++)
        assert_int_equal(l->at[i], 0);
    assert_int_equal((u64)l->at % 16, 0);
    assert_ptr_equal(((const struct slab_page *)((u64)l->at & PAGE_MASK))->pool, l->pool);
    memset(l->at, l->mark, slab_size[l->type]);
}

static void check_mark(const struct live *l)
{
    for (u32 i = 0; i < slab_size[l->type]; i++)
        assert_int_equal(l->at[i], l->mark);
}

static void freed_in_random_order_every_page_is_back(void **state)
{
    struct rng rng = rng_seeded(171);
    static struct live live[OBJECTS];
    struct pool *pools[POOLS];
    u32 count = 0;
    (void)state;

    fake_machine(32);
    u64 used = root_pool->used, frames = frame_count_free(), slabs = slab_frames_total();
    for (u32 i = 0; i < POOLS; i++)
        assert_int_equal(pool_create(root_pool, 2 << 20, &pools[i]), 0);
    for (u32 step = 0; step < 60000; step++) {
        fake_core((u32)rng_below(&rng, FAKE_CORES));
        if (count == 0 || (count < OBJECTS && rng_below(&rng, 100) < (step % 20000 < 10000 ? 60 : 40))) {
            struct live l = { .pool = pools[rng_below(&rng, POOLS)], .type = (enum slab_type)rng_below(&rng, SLAB_TYPES),
                              .mark = (u8)(1 + rng_below(&rng, 255)) };
            u64 before = l.pool->used;
            l.at = slab_alloc(l.pool, l.type);
            if (l.at == NULL) {
                assert_int_equal(before, l.pool->used);
                assert_true(l.pool->size - l.pool->used < PAGE_SIZE);
                continue;
            }
            assert_true(l.pool->used - before <= PAGE_SIZE);
            check_and_mark(&l);
            live[count++] = l;
        } else {
            u64 i = rng_below(&rng, count);
            check_mark(&live[i]);
            slab_free(live[i].at);
            live[i] = live[--count];
        }
        assert_int_equal((slab_frames_total() - slabs - 1) * PAGE_SIZE, pools[0]->used + pools[1]->used + pools[2]->used);
    }
    while (count > 0) {
        u64 i = rng_below(&rng, count);
        check_mark(&live[i]);
        slab_free(live[i].at);
        live[i] = live[--count];
    }
    for (u32 i = 0; i < POOLS; i++) {
        assert_int_equal(pools[i]->used, 0);
        assert_int_equal(pools[i]->object.refs, 1);
        object_put(&pools[i]->object);
    }
    fake_reap();
    assert_int_equal(root_pool->used, used);
    assert_int_equal(slab_frames_total(), slabs);
    assert_int_equal(frame_count_free(), frames);
}

static void a_second_free_is_caught(void **state)
{
    (void)state;
    fake_machine(8);
    void *stays = slab_alloc(root_pool, SLAB_BADGE), *twice = slab_alloc(root_pool, SLAB_BADGE);
    assert_non_null(stays);
    slab_free(twice);
    assert_true(fake_panics(slab_free, twice));
}

static void a_damaged_red_zone_is_caught(void **state)
{
    (void)state;
    for (u32 at = 0; at < SLAB_REDZONE; at++) {
        fake_machine(8);
        u8 *object = slab_alloc(root_pool, SLAB_SMALL);
        object[64 + at] ^= 1;
        assert_true(fake_panics(slab_free, object));
    }
}

static void alloc_small(void *unused)
{
    (void)unused;
    assert_null(slab_alloc(root_pool, SLAB_SMALL));
}

static void a_write_after_free_is_caught(void **state)
{
    (void)state;
    fake_machine(8);
    u8 *stays = slab_alloc(root_pool, SLAB_SMALL), *object = slab_alloc(root_pool, SLAB_SMALL);
    assert_non_null(stays);
    slab_free(object);
    object[13] = 1;
    assert_true(fake_panics(alloc_small, NULL));
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    fake_machine(8);
    void *frame = kframe_alloc(root_pool);
    assert_true(fake_panics(slab_free, (u8 *)frame + 64));
    u8 *object = slab_alloc(root_pool, SLAB_THREAD);
    assert_true(fake_panics(slab_free, object + 16));
}

static void a_pool_gives_only_what_it_has(void **state)
{
    struct pool *outer, *inner, *more;
    (void)state;

    fake_machine(16);
    u64 used = root_pool->used;
    assert_int_equal(pool_create(root_pool, 16 * PAGE_SIZE, &outer), 0);
    assert_int_equal(pool_create(outer, 16 * PAGE_SIZE, &inner), ERR(NO_MEMORY));   /* its record needs a page */
    assert_int_equal(outer->used, 0);
    assert_int_equal(pool_create(outer, 15 * PAGE_SIZE, &inner), 0);
    assert_int_equal(outer->used, outer->size);
    assert_int_equal(pool_create(inner, 16 * PAGE_SIZE, &more), ERR(NO_MEMORY));
    assert_int_equal(inner->used, 0);
    assert_false(pool_charge(inner, UINT64_MAX));
    assert_true(pool_charge(inner, 15 * PAGE_SIZE));
    assert_false(pool_charge(inner, PAGE_SIZE));
    assert_null(kframe_alloc(inner));
    assert_null(slab_alloc(inner, SLAB_SMALL));
    pool_uncharge(inner, 15 * PAGE_SIZE);
    object_put(&outer->object);             /* the inner one keeps it */
    fake_reap();
    assert_int_equal(fake_objects(), 3);
    object_put(&inner->object);
    fake_reap();
    assert_int_equal(fake_objects(), 1);
    assert_int_equal(root_pool->used, used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("slabs: freed in random order, every page is back [M171]",
             freed_in_random_order_every_page_is_back),
        TEST("slabs: a second free is caught [M171]", a_second_free_is_caught),
        TEST("slabs: a damaged red zone is caught [M171]", a_damaged_red_zone_is_caught),
        TEST("slabs: a write after free is caught", a_write_after_free_is_caught),
        TEST("slabs: what is no object is refused", what_is_no_object_is_refused),
        TEST("pools: each gives only what it has", a_pool_gives_only_what_it_has),
    };
    return RUN_TESTS(tests);
}
