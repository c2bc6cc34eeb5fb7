/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/ram.c */
#include "host_test.h"

#include <boot/ram.h>
#include <mnos/limine.h>

enum { PAGES = 200, NOTHING = 99 };

static struct ram_map map;

static void assert_sound(void)
{
    for (unsigned i = 0; i < map.count; i++)
        assert_true(map.ranges[i].length > 0);
    for (unsigned i = 1; i < map.count; i++) {
        const struct ram_range *low = &map.ranges[i - 1], *high = &map.ranges[i];
        assert_true(low->base + low->length <= high->base);
        assert_false(low->base + low->length == high->base && low->type == high->type);
    }
}

static uint64_t type_at(uint64_t address)
{
    for (unsigned i = 0; i < map.count; i++)
        if (address - map.ranges[i].base < map.ranges[i].length)
            return map.ranges[i].type;
    return NOTHING;
}

static void random_changes_agree_with_a_page_array(void **state)
{
    (void)state;
    struct rng rng = rng_seeded(2);
    uint8_t model[PAGES];
    for (unsigned run = 0; run < 200; run++) {
        memset(&map, 0, sizeof map);
        memset(model, NOTHING, sizeof model);
        for (unsigned step = 0; step < 60; step++) {
            uint64_t first = rng_below(&rng, PAGES), count = 1 + rng_below(&rng, PAGES - first);
            uint64_t type = rng_below(&rng, 8);
            assert_true(ram_set(&map, first * PAGE_SIZE, count * PAGE_SIZE, type));
            memset(model + first, (int)type, count);
            assert_sound();
        }
        for (unsigned i = 0; i < PAGES; i++)
            assert_int_equal(type_at((uint64_t)i * PAGE_SIZE), model[i]);
    }
}

static void taking_gives_the_highest_fitting_pages(void **state)
{
    (void)state;
    struct rng rng = rng_seeded(3);
    for (unsigned run = 0; run < 300; run++) {
        memset(&map, 0, sizeof map);
        for (unsigned i = 0; i < 6; i++)
            assert_true(ram_set(&map, rng_below(&rng, PAGES) * PAGE_SIZE, (1 + rng_below(&rng, 30)) * PAGE_SIZE,
                                LIMINE_MEMMAP_USABLE));
        uint64_t pages = 1 + rng_below(&rng, 12), align = (uint64_t)PAGE_SIZE << rng_below(&rng, 4);
        uint64_t limit = rng_below(&rng, PAGES) * PAGE_SIZE, best = 0;
        for (uint64_t base = align; base + pages * PAGE_SIZE <= limit; base += align) {
            bool fits = true;
            for (uint64_t i = 0; i < pages; i++)
                fits = fits && type_at(base + i * PAGE_SIZE) == LIMINE_MEMMAP_USABLE;
            best = fits ? base : best;
        }
        assert_true(ram_take(&map, pages, align, limit, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE) == best);
        if (best != 0)
            assert_int_equal(type_at(best), LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
        assert_sound();
    }
}

static void page_0_is_never_taken(void **state)
{
    (void)state;
    memset(&map, 0, sizeof map);
    assert_true(ram_set(&map, 0, 2 * PAGE_SIZE, LIMINE_MEMMAP_USABLE));
    assert_int_equal(ram_take(&map, 2, PAGE_SIZE, RAM_BELOW_4G, 5), 0);
    assert_int_equal(ram_take(&map, 1, PAGE_SIZE, RAM_BELOW_4G, 5), PAGE_SIZE);
    assert_int_equal(ram_take(&map, 1, PAGE_SIZE, RAM_BELOW_4G, 5), 0);
    assert_true(ram_reserve_page_0(&map));
    assert_int_equal(type_at(0), LIMINE_MEMMAP_RESERVED);
}

static void unaligned_ranges_are_rounded_to_safety(void **state)
{
    (void)state;
    memset(&map, 0, sizeof map);
    assert_true(ram_add(&map, 100, 0x9fc00 - 100, LIMINE_MEMMAP_USABLE));
    assert_true(ram_add(&map, 0x9fc00, 0x400, LIMINE_MEMMAP_RESERVED));
    assert_int_equal(type_at(0), NOTHING);
    assert_int_equal(type_at(0x1000), LIMINE_MEMMAP_USABLE);
    assert_int_equal(type_at(0x9efff), LIMINE_MEMMAP_USABLE);
    assert_int_equal(type_at(0x9f000), LIMINE_MEMMAP_RESERVED);
    assert_true(ram_add(&map, 0x200100, 0x200, LIMINE_MEMMAP_USABLE)); /* less than a page */
    assert_int_equal(type_at(0x200100), NOTHING);
}

static void wrapping_ranges_are_refused(void **state)
{
    (void)state;
    memset(&map, 0, sizeof map);
    assert_false(ram_set(&map, UINT64_MAX - 10, 20, 1));
    assert_false(ram_add(&map, UINT64_MAX - 10, 20, 1));
    assert_false(ram_add(&map, UINT64_MAX - 10, 5, 1));
    assert_true(ram_set(&map, 5, 0, 1));
    assert_int_equal(map.count, 0);
}

static void full_map_refuses_and_stays(void **state)
{
    (void)state;
    static struct ram_map before;
    memset(&map, 0, sizeof map);
    uint64_t at = 0;
    while (ram_set(&map, at, PAGE_SIZE, LIMINE_MEMMAP_USABLE))
        at += 2 * PAGE_SIZE;
    assert_true(map.count > RAM_RANGES - 4 && map.count <= RAM_RANGES);
    before = map;
    assert_int_equal(ram_take(&map, 1, PAGE_SIZE, RAM_BELOW_4G, 5), 0);
    assert_memory_equal(&before, &map, sizeof map);
}

static void free_bytes_count_below_the_limit(void **state)
{
    (void)state;
    memset(&map, 0, sizeof map);
    assert_true(ram_set(&map, 0x1000, 0x3000, LIMINE_MEMMAP_USABLE));
    assert_true(ram_set(&map, 0x8000, 0x1000, LIMINE_MEMMAP_RESERVED));
    assert_true(ram_set(&map, 0x9000, 0x4000, LIMINE_MEMMAP_USABLE));
    assert_int_equal(ram_free_bytes(&map, 0xa000), 0x4000);
    assert_int_equal(ram_free_bytes(&map, UINT64_MAX), 0x7000);
}

static void scratch_becomes_usable_and_merges(void **state)
{
    (void)state;
    memset(&map, 0, sizeof map);
    assert_true(ram_set(&map, 0x1000, 0x8000, LIMINE_MEMMAP_USABLE));
    assert_true(ram_set(&map, 0x3000, 0x2000, RAM_SCRATCH));
    assert_int_equal(map.count, 3);
    ram_finish(&map);
    assert_int_equal(map.count, 1);
    assert_int_equal(map.ranges[0].length, 0x8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("random changes of the loader's memory map agree with a model", random_changes_agree_with_a_page_array),
        TEST("taking memory gives the highest fitting pages", taking_gives_the_highest_fitting_pages),
        TEST("page 0 is never taken", page_0_is_never_taken),
        TEST("unaligned ranges are rounded to the safe side", unaligned_ranges_are_rounded_to_safety),
        TEST("ranges that wrap are refused", wrapping_ranges_are_refused),
        TEST("a full map refuses and stays as it is", full_map_refuses_and_stays),
        TEST("free bytes are counted below the limit", free_bytes_count_below_the_limit),
        TEST("scratch memory becomes usable and merges", scratch_becomes_usable_and_merges),
    };
    return RUN_TESTS(tests);
}
