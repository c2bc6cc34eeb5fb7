/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tests/host/fake_mm.c kernel/mm/ kernel/config/debug/slab_check.c kernel/core/ kernel/arch/x86_64/paging.c */
#include "fake_mm.h"

#include <mnos/limine.h>

#define MIB     24u
#define FRAMES  (MIB * 256u)
#define RUNS    64u

static bool model[FRAMES];

struct run {
    u64 first, count;
    bool zeroed;
};

static void model_take(u64 first, u64 count)
{
    for (u64 i = first; i < first + count; i++) {
        assert_true(fake_usable(i));
        assert_false(model[i]);
        model[i] = true;
        memset(phys_to_virt(frame_address((u32)i)), 0xee, PAGE_SIZE);
    }
}

static void model_give(u64 first, u64 count)
{
    for (u64 i = first; i < first + count; i++) {
        assert_true(model[i]);
        model[i] = false;
    }
}

static bool is_zero(const void *frame)
{
    for (u32 i = 0; i < PAGE_SIZE / 8; i++)
        if (((const u64 *)frame)[i] != 0)
            return false;
    return true;
}

static void random_operations_agree_with_a_model(void **state)
{
    struct rng rng = rng_seeded(169);
    static struct run held[FRAMES];
    u64 count = 0, taken = 0;
    (void)state;

    fake_machine(MIB);
    memset(model, 0, sizeof model);
    u64 start = frame_count_free();
    for (u32 step = 0; step < 100000; step++) {
        u64 kind = rng_below(&rng, 100), bias = rng_below(&rng, 20000) < 10000 ? 55 : 40;
        fake_core((u32)rng_below(&rng, FAKE_CORES));
        if (count == 0 || (kind < bias && count < FRAMES - 1)) {
            struct run r = { 0, 1, rng_below(&rng, 8) == 0 };
            if (rng_below(&rng, 16) == 0) {
                u64 align = PAGE_SIZE << rng_below(&rng, 6);
                u64 highest = rng_below(&rng, 2) == 0 ? 0 : rng_below(&rng, MIB << 20) | 0xfff;
                r = (struct run){ 0, 1 + rng_below(&rng, RUNS), false };
                paddr_t p = frame_alloc_contiguous(r.count, PADDR(highest), align);
                r.first = p.value >> PAGE_SHIFT;
                assert_int_equal(p.value % align, 0);
                if (p.value != 0 && highest != 0)
                    assert_true(p.value + r.count * PAGE_SIZE - 1 <= highest);
            } else if (r.zeroed) {
                void *at = kframe_alloc(root_pool);
                if (at != NULL) {
                    assert_true(is_zero(at));
                    r.first = virt_to_phys(at).value >> PAGE_SHIFT;
                }
            } else {
                r.first = frame_alloc().value >> PAGE_SHIFT;
            }
            if (r.first == 0)
                continue;
            model_take(r.first, r.count);
            held[count++] = r;
            taken += r.count;
        } else if (count > 0) {
            u64 i = rng_below(&rng, count);
            struct run r = held[i];
            held[i] = held[--count];
            model_give(r.first, r.count);
            taken -= r.count;
            if (r.zeroed)
                kframe_free(root_pool, phys_to_virt(frame_address((u32)r.first)));
            else if (r.count == 1)
                frame_free(frame_address((u32)r.first));
            else
                frame_free_contiguous(frame_address((u32)r.first), r.count);
        }
        assert_int_equal(frame_count_free(), start - taken);
    }
}

static void every_frame_can_be_had_once_and_none_is_reserved(void **state)
{
    u64 count = 0;
    (void)state;

    fake_machine(MIB);
    memset(model, 0, sizeof model);
    u64 start = frame_count_free();
    for (;; count++) {
        paddr_t p = frame_alloc();
        if (p.value == 0)
            break;
        model_take(p.value >> PAGE_SHIFT, 1);
    }
    assert_int_equal(count, start);
    assert_int_equal(frame_count_free(), 0);
    assert_int_equal(frame_alloc_contiguous(1, PADDR(0), PAGE_SIZE).value, 0);
    /* What is not in the model: frame 0, the bitmap, the counts of holders, the kernel's root. */
    for (u64 i = 1; i < FRAMES; i++)
        if (fake_usable(i) && !model[i])
            count++;
    assert_in_range(count - start, 2, 6);
}

static void whoever_has_charged_finds_a_frame_whatever_lies_in_other_caches(void **state)
{
    (void)state;
    fake_machine(MIB);
    for (u32 i = 0; i < FAKE_CORES; i++) {
        fake_core(i);
        frame_free(frame_alloc());         /* fills the cache */
    }
    fake_core(0);
    while (pool_charge(root_pool, PAGE_SIZE))
        assert_int_not_equal(frame_alloc().value, 0);
    assert_int_equal(root_pool->used, root_pool->size);
}

static void the_bitmap_ends_with_the_highest_usable_address(void **state)
{
    (void)state;
    fake_machine(MIB);                     /* reserved ranges lie at 1 TiB */
    assert_true(frame_bitmap_bytes() <= FRAMES / 8);
    assert_true(frame_bitmap_bytes() >= (FRAMES - 16) / 8 - 8);
}

static void the_loaders_memory_joins_later(void **state)
{
    (void)state;
    fake_machine(MIB);
    u64 free = frame_count_free(), total = frame_count_total(), size = root_pool->size;
    pool_reclaim_boot();
    assert_int_equal(frame_count_free(), free + 9);
    assert_int_equal(frame_count_total(), total + 9);
    assert_int_equal(root_pool->size, size + 9 * PAGE_SIZE);
    assert_int_equal(frame_reclaim_boot(), 0);
    assert_true(frame_range_is_ram(PADDR((MIB << 19) + 0x1000), 1));
    assert_false(frame_range_is_ram(PADDR(0xfd00000000), 1));
    assert_true(frame_range_is_ram(PADDR(0xa0000), 0x70000));
    assert_false(frame_range_is_ram(PADDR(0xf0000), 0x10000));
    assert_true(frame_range_is_ram(PADDR(UINT64_MAX - 4095), PAGE_SIZE));
}

static void free_one(void *frame)
{
    frame_free(*(paddr_t *)frame);
}

static void free_three(void *frame)
{
    frame_free_contiguous(*(paddr_t *)frame, 3);
}

static void a_second_free_stops_the_kernel(void **state)
{
    (void)state;
    fake_machine(MIB);
    paddr_t p = frame_alloc();
    frame_free(p);
    assert_true(fake_panics(free_one, &p));
    p = frame_alloc_contiguous(3, PADDR(0), PAGE_SIZE);
    frame_free_contiguous(p, 3);
    assert_true(fake_panics(free_three, &p));
}

static void the_highest_address_is_the_last_byte(void **state)
{
    (void)state;
    fake_machine(MIB);
    u64 lowest = frame_alloc_contiguous(2, PADDR(0), PAGE_SIZE).value, end = lowest + 2 * PAGE_SIZE;
    assert_int_not_equal(lowest, 0);
    frame_free_contiguous(PADDR(lowest), 2);
    for (u64 highest = 1; highest < end - 1; highest += 7)
        assert_int_equal(frame_alloc_contiguous(2, PADDR(highest), PAGE_SIZE).value, 0);
    assert_int_equal(frame_alloc_contiguous(2, PADDR(end - 2), PAGE_SIZE).value, 0);
    assert_int_equal(frame_alloc_contiguous(2, PADDR(end - 1), PAGE_SIZE).value, lowest);
    frame_free_contiguous(PADDR(lowest), 2);
}

static void holders_are_counted(void **state)
{
    struct rng rng = rng_seeded(7);
    enum { N = 300 };
    paddr_t frames[N];
    u32 holders[N];
    (void)state;

    fake_machine(MIB);
    u64 start = frame_count_free();
    for (u32 i = 0; i < N; i++) {
        frames[i] = frame_alloc();
        holders[i] = 1;
    }
    for (u32 step = 0; step < 20000; step++) {
        u64 i = rng_below(&rng, N);
        if (holders[i] == 0)
            continue;
        assert_int_equal(frame_holders(frames[i]), holders[i]);
        if (rng_below(&rng, 2) == 0) {
            assert_true(frame_share(frames[i]));
            holders[i]++;
        } else {
            holders[i]--;
            assert_int_equal(frame_release(frames[i]), holders[i] == 0);
        }
    }
    for (u32 i = 0; i < N; i++)
        for (; holders[i] > 0; holders[i]--)
            assert_int_equal(frame_release(frames[i]), holders[i] == 1);
    assert_in_range(start - frame_count_free(), 0, 4);       /* tables of counts stay */

    paddr_t many = frame_alloc();
    for (u32 i = 1; i < 65536; i++)
        assert_true(frame_share(many));
    assert_false(frame_share(many));
    assert_int_equal(frame_holders(many), 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("frames: 100,000 random operations agree with a model [M169 M034]", random_operations_agree_with_a_model),
        TEST("frames: each can be had once, none is reserved [M037]", every_frame_can_be_had_once_and_none_is_reserved),
        TEST("frames: whoever has charged finds one", whoever_has_charged_finds_a_frame_whatever_lies_in_other_caches),
        TEST("frames: the bitmap ends with the highest usable address", the_bitmap_ends_with_the_highest_usable_address),
        TEST("frames: the loader's memory joins later", the_loaders_memory_joins_later),
        TEST("frames: the highest address allowed is that of the last byte", the_highest_address_is_the_last_byte),
        TEST("frames: holders are counted", holders_are_counted),
        /* Last: it leaves a lock behind. */
        TEST("frames: a second free stops the kernel", a_second_free_stops_the_kernel),
    };
    return RUN_TESTS(tests);
}
