/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tests/host/fake_mm.c kernel/mm/ kernel/config/debug/slab_check.c kernel/core/ kernel/arch/x86_64/paging.c */
#include "fake_mm.h"
#include "tree_check.h"

#include <arch/paging.h>

/* Three windows of user space with different upper tables, each of so many pages. */
#define WINDOW_PAGES 3072u
#define WINDOWS      3u
#define PAGES        (WINDOW_PAGES * WINDOWS)

static const u64 window_base[WINDOWS] = { 0x10000, 0x7fffe00000, 0x7fffffffffff - (WINDOW_PAGES * PAGE_SIZE) + 1 };

static u64 page_address(u64 i)
{
    return window_base[i / WINDOW_PAGES] + i % WINDOW_PAGES * PAGE_SIZE;
}

/* What should be there: the physical address of each page, or 0; and whether it was touched. */
static struct shadow {
    u64 phys;
    u32 flags;
    bool touched;
} shadow[PAGES];

static struct aspace as;
static struct memory *device, *ram;

static void check_page(u64 i, bool large_possible)
{
    u64 flags = 0, got = aspace_translate(&as, page_address(i), &flags).value;

    if (got == 0) {
        /* A 2 MiB page goes as a whole when a part of it is unmapped; what is left comes back by a fault. */
        assert_false(shadow[i].touched && shadow[i].phys != 0 && !large_possible);
        return;
    }
    assert_int_equal(got, shadow[i].phys);
    assert_true(shadow[i].touched || large_possible);
    assert_int_equal((flags & PTE_WRITE) != 0, (shadow[i].flags & MNOS_MAP_WRITE) != 0);
    assert_int_equal((flags & PTE_NX) != 0, (shadow[i].flags & MNOS_MAP_EXEC) == 0);
    assert_true((flags & PTE_USER) != 0);
}

static bool range_free(u64 first, u64 count)
{
    for (u64 i = first; i < first + count; i++)
        if (shadow[i].phys != 0)
            return false;
    return true;
}

static void do_map(struct rng *rng, u64 first, u64 count)
{
    static const u32 flag_choice[] = { 1, 3, 5, 3 };
    u32 flags = flag_choice[rng_below(rng, 4)];
    struct memory *m = rng_below(rng, 3) == 0 ? ram : device;
    u64 offset = m == device ? rng_below(rng, 4096) : 0;

    /* The first window is for large mappings. */
    if (first < WINDOW_PAGES) {
        first %= WINDOW_PAGES / 4;
        count = 800 + rng_below(rng, WINDOW_PAGES - 800 - first);
    }
    if (m == ram)
        count = count > ram->pages ? ram->pages : count;
    /* Half of the time the offset fits for 2 MiB pages. */
    if (m == device && rng_below(rng, 2) == 0)
        offset = (offset & ~511ull) | (page_address(first) >> PAGE_SHIFT & 511);
    bool free = range_free(first, count);
    status_t s = fake_map(&as, m, page_address(first), count * PAGE_SIZE, offset * PAGE_SIZE, flags, NULL);
    assert_int_equal(s, free ? 0 : ERR(BUSY));
    if (s < 0)
        return;
    for (u64 i = 0; i < count; i++)
        shadow[first + i] = (struct shadow){ m->phys.value + (offset + i) * PAGE_SIZE, flags, false };
}

static void do_touch(struct rng *rng, u64 first, u64 count)
{
    struct fault_info info;

    for (u64 i = first; i < first + count; i += 1 + rng_below(rng, 8)) {
        enum fault_access access = (enum fault_access)(1u << rng_below(rng, 3));
        enum fault_result result = aspace_fault(&as, page_address(i) + rng_below(rng, PAGE_SIZE), access, &info);
        bool may = shadow[i].phys != 0 && (shadow[i].flags & access) != 0;
        assert_int_equal(result, may ? FAULT_RESOLVED : FAULT_INVALID);
        if (may)
            shadow[i].touched = true;
    }
}

static void do_protect(struct rng *rng, u64 first, u64 count)
{
    u32 flags = rng_below(rng, 2) == 0 ? 1 : 5;
    bool mapped = true;

    for (u64 i = first; i < first + count; i++)
        mapped = mapped && shadow[i].phys != 0;
    status_t s = aspace_protect(&as, page_address(first), count * PAGE_SIZE, flags);
    assert_int_equal(s, mapped ? 0 : ERR(NOT_FOUND));
    for (u64 i = first; s == 0 && i < first + count; i++) {
        /* What may be allowed more is only seen after the next fault. */
        shadow[i].flags = flags;
        shadow[i].touched = false;
    }
}

static bool large_possible(u64 i)
{
    return (shadow[i].phys ^ page_address(i)) % LARGE_PAGE_SIZE == 0;
}

static void mapping_agrees_with_a_shadow_table(void **state)
{
    struct rng rng = rng_seeded(170);
    u64 large_seen = 0, small_seen = 0;
    (void)state;

    fake_machine(32);
    u64 used = root_pool->used, frames = frame_count_free();
    assert_int_equal(aspace_init(&as, root_pool), 0);
    assert_int_equal(memory_create_phys(PADDR(0xfd00000000), 8192, 1, &device), 0);
    assert_int_equal(memory_create_contiguous(root_pool, 700, PADDR(0), &ram), 0);
    for (u32 step = 0; step < 6000; step++) {
        u64 window = rng_below(&rng, WINDOWS), at = rng_below(&rng, WINDOW_PAGES);
        u64 count = 1 + rng_below(&rng, rng_below(&rng, 4) == 0 ? 1500 : 20);
        count = count > WINDOW_PAGES - at ? WINDOW_PAGES - at : count;
        u64 first = window * WINDOW_PAGES + at;
        switch (rng_below(&rng, 6)) {
        case 0:
        case 1:
            do_map(&rng, first, count);
            break;
        case 2:
            count = count < 100 ? count : 100;
            if (rng_below(&rng, window == 0 ? 4 : 16) == 0) {
                first = window * WINDOW_PAGES;
                count = WINDOW_PAGES;
            }
            assert_int_equal(fake_unmap(&as, page_address(first), count * PAGE_SIZE), 0);
            memset(&shadow[first], 0, count * sizeof shadow[0]);
            break;
        case 3:
            do_protect(&rng, first, count < 30 ? count : 30);
            break;
        default:
            do_touch(&rng, first, count);
            break;
        }
        for (u64 n = 0; n < 40; n++) {
            u64 i = n < 20 ? rng_below(&rng, PAGES) : first + rng_below(&rng, count);
            u64 size = 0;
            u64 *entry = paging_find(as.root, page_address(i), &size);
            if (entry == NULL || shadow[i].phys == 0 || shadow[i].touched)
                check_page(i, large_possible(i));
            large_seen += entry != NULL && size == LARGE_PAGE_SIZE;
            small_seen += entry != NULL && size == PAGE_SIZE;
        }
    }
    print_message("# pages seen: %llu in 2 MiB ones, %llu others\n", (unsigned long long)large_seen,
                  (unsigned long long)small_seen);
    assert_true(large_seen > 200);
    assert_true(small_seen > 1000);
    assert_true(tree_valid(&as.mappings));
    /* Without mappings there are neither pages nor tables. */
    for (u32 w = 0; w < WINDOWS; w++)
        assert_int_equal(fake_unmap(&as, window_base[w], WINDOW_PAGES * PAGE_SIZE), 0);
    assert_int_equal(as.resident, 0);
    assert_int_equal(as.tables, 1);
    fake_aspace_end(&as);
    object_put(&device->object);
    object_put(&ram->object);
    fake_reap();
    assert_int_equal(root_pool->used, used);
    assert_int_equal(frame_count_free(), frames);
}

static void the_kernel_half_is_shared(void **state)
{
    (void)state;
    fake_machine(8);
    u64 *kernel = phys_to_virt(kernel_root);
    kernel[256] = 0x123003;
    kernel[511] = 0x456003;
    kernel[255] = 0x789007;
    assert_int_equal(aspace_init(&as, root_pool), 0);
    u64 *root = phys_to_virt(as.root);
    assert_int_equal(root[256], 0x123003);
    assert_int_equal(root[511], 0x456003);
    assert_int_equal(root[255], 0);
    fake_aspace_end(&as);
}

static void cache_attributes_are_the_devices(void **state)
{
    struct memory *registers, *screen;
    struct fault_info info;
    u64 flags;
    (void)state;

    fake_machine(8);
    assert_int_equal(aspace_init(&as, root_pool), 0);
    assert_int_equal(memory_create_phys(PADDR(0xfd00000000), 16, 1, &registers), 0);
    assert_int_equal(memory_create_phys(PADDR(0xfd00100000), 16, 2, &screen), 0);
    assert_int_equal(memory_create_contiguous(root_pool, 4, PADDR(0), &ram), 0);
    const struct {
        struct memory *m;
        u32 flags;
        u64 bits;
    } cases[] = {
        { registers, 1, PTE_UNCACHED },
        { registers, 1 | MNOS_MAP_WRITECOMBINE, PTE_WRITE_COMBINING },
        { screen, 1, PTE_WRITE_COMBINING },
        { screen, 1 | MNOS_MAP_NOCACHE, PTE_UNCACHED },
        { ram, 1, 0 },
    };
    for (u32 i = 0; i < 5; i++) {
        u64 at = 0x100000 + i * 0x100000;
        assert_int_equal(fake_map(&as, cases[i].m, at, PAGE_SIZE, 0, cases[i].flags, NULL), 0);
        assert_int_equal(aspace_fault(&as, at, ACCESS_READ, &info), FAULT_RESOLVED);
        assert_int_not_equal(aspace_translate(&as, at, &flags).value, 0);
        assert_int_equal(flags & (PTE_PCD | PTE_PWT), cases[i].bits);
    }
    assert_int_equal(fake_map(&as, ram, 0x10000, PAGE_SIZE, 0, 1 | MNOS_MAP_NOCACHE, NULL), ERR(INVALID));
    fake_aspace_end(&as);
}

static void nothing_is_writable_and_executable(void **state)
{
    (void)state;
    fake_machine(8);
    assert_int_equal(aspace_init(&as, root_pool), 0);
    assert_int_equal(memory_create_contiguous(root_pool, 4, PADDR(0), &ram), 0);
    assert_int_equal(fake_map(&as, ram, 0x10000, PAGE_SIZE, 0, 7, NULL), ERR(INVALID));
    assert_int_equal(fake_map(&as, ram, 0x10000, PAGE_SIZE, 0, 6, NULL), ERR(INVALID));
    assert_int_equal(fake_map(&as, ram, 0x10000, PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(aspace_protect(&as, 0x10000, PAGE_SIZE, 7), ERR(INVALID));
    fake_aspace_end(&as);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("tables: map, unmap, translate agree with a shadow table, 4 KiB and 2 MiB pages [M170]",
             mapping_agrees_with_a_shadow_table),
        TEST("tables: the kernel half is shared", the_kernel_half_is_shared),
        TEST("tables: cache attributes are the device's", cache_attributes_are_the_devices),
        TEST("tables: nothing is writable and executable", nothing_is_writable_and_executable),
    };
    return RUN_TESTS(tests);
}
