/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tests/host/fake_mm.c kernel/mm/ kernel/config/debug/slab_check.c kernel/core/ kernel/arch/x86_64/paging.c */
#include "fake_mm.h"

#include <mm/ucopy.h>

#define NEAR 0x100000ull
#define FAR  0x7654000ull
#define SIZE (48 * PAGE_SIZE)

static struct aspace here, there;
static struct aspace *peer; /* the other side of copies */
static struct memory *near_memory, *far_memory;
static u8 near_model[SIZE], far_model[SIZE];

static void two_spaces(void)
{
    fake_machine(16);
    assert_int_equal(aspace_init(&here, root_pool), 0);
    assert_int_equal(aspace_init(&there, root_pool), 0);
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, SIZE / PAGE_SIZE, true, &near_memory), 0);
    assert_int_equal(memory_create(root_pool, MEMORY_ANON, SIZE / PAGE_SIZE, true, &far_memory), 0);
    assert_int_equal(fake_map(&here, near_memory, NEAR, SIZE, 0, 3, NULL), 0);
    assert_int_equal(fake_map(&there, far_memory, FAR, SIZE, 0, 3, NULL), 0);
    host_core->aspace = &here;
    peer = &there;
    memset(near_model, 0, sizeof near_model);
    memset(far_model, 0, sizeof far_model);
}

/* As callers do it: again while nothing stops it.  What one call may do, and that it does something, is checked here. */
static u64 copy_all(bool out, u64 a, u64 b, u64 length, enum ucopy_stop *stop)
{
    u64 done = 0;

    do {
        u64 part = ucopy_other(peer, a + done, b + done, length - done, out, stop);
        assert_true(part <= 32768 && (part > 0 || length == done || *stop != UCOPY_DONE));
        done += part;
    } while (*stop == UCOPY_DONE && done < length);
    return done;
}

static void bytes_random(struct rng *rng, u8 *at, u64 count)
{
    for (u64 i = 0; i < count; i++)
        at[i] = (u8)rng_next(rng);
}

static void copies_agree_with_memcpy(void **state)
{
    struct rng rng = rng_seeded(32);
    static u8 buffer[SIZE];
    struct memory *children[4] = {NULL};
    (void)state;

    two_spaces();
    for (u32 step = 0; step < 3000; step++) {
        u64 a = rng_below(&rng, SIZE), b = rng_below(&rng, SIZE), length = rng_below(&rng, 64);
        enum ucopy_stop stop = UCOPY_DONE;
        if (rng_below(&rng, 8) == 0)
            length = rng_below(&rng, SIZE);
        length = length > SIZE - a ? SIZE - a : length;
        length = length > SIZE - b ? SIZE - b : length;
        u64 part = length;
        switch (rng_below(&rng, 5)) {
        case 0:
            bytes_random(&rng, buffer, length);
            assert_int_equal(ucopy_out(UADDR(NEAR + a), buffer, length), 0);
            memcpy(near_model + a, buffer, length);
            break;
        case 1:
            assert_int_equal(ucopy_in(buffer, UADDR(NEAR + a), length), 0);
            assert_memory_equal(buffer, near_model + a, length);
            break;
        case 2:
            assert_int_equal(copy_all(true, FAR + b, NEAR + a, length, &stop), part);
            assert_int_equal(stop, UCOPY_DONE);
            memcpy(far_model + b, near_model + a, part);
            break;
        case 3:
            assert_int_equal(copy_all(false, FAR + b, NEAR + a, length, &stop), part);
            assert_int_equal(stop, UCOPY_DONE);
            memcpy(near_model + a, far_model + b, part);
            break;
        default: {
            /* Copy-on-write: the pages have to be made writable again. */
            u64 i = rng_below(&rng, 4);
            if (children[i] != NULL)
                object_put(&children[i]->object);
            assert_int_equal(memory_create_cow(root_pool, rng_below(&rng, 2) == 0 ? near_memory : far_memory, 0,
                                               SIZE / PAGE_SIZE, &children[i]),
                             0);
            fake_reap();
            break;
        }
        }
    }
    assert_int_equal(ucopy_in(buffer, UADDR(NEAR), SIZE), 0);
    assert_memory_equal(buffer, near_model, SIZE);
    host_core->aspace = &there;
    assert_int_equal(ucopy_in(buffer, UADDR(FAR), SIZE), 0);
    assert_memory_equal(buffer, far_model, SIZE);
}

static void one_space_with_itself(void **state)
{
    enum ucopy_stop stop;
    u32 word = 0;
    (void)state;

    two_spaces();
    assert_int_equal(ucopy_write_u32(UADDR(NEAR + 0x100), 77), 0);
    peer = &here;
    assert_int_equal(copy_all(true, NEAR + 0x5f80, NEAR + 0x80, 0x2000, &stop), 0x2000);
    assert_int_equal(ucopy_read_u32(UADDR(NEAR + 0x6000), &word), 0);
    assert_int_equal(word, 77);
    assert_int_equal(ucopy_out(UADDR(NEAR + 0x200), &(u64){0x1234567800000005}, 8), 0);
    assert_int_equal(ucopy_read_u32(UADDR(NEAR + 0x204), &word), 0);
    assert_int_equal(word, 0x12345678);
}

static void a_copy_says_which_side_stopped_it(void **state)
{
    struct memory *paged, *device;
    enum ucopy_stop stop;
    (void)state;

    two_spaces();
    assert_int_equal(copy_all(true, FAR, NEAR + SIZE - 0x1800, 0x3000, &stop), 0x1800);
    assert_int_equal(stop, UCOPY_LOCAL_FAULT);
    assert_int_equal(copy_all(true, FAR + SIZE - 0x2010, NEAR, 0x3000, &stop), 0x2010);
    assert_int_equal(stop, UCOPY_REMOTE_FAULT);
    assert_int_equal(copy_all(false, FAR, NEAR + SIZE - 0x10, 0x3000, &stop), 0x10);
    assert_int_equal(stop, UCOPY_LOCAL_FAULT);
    assert_int_equal(aspace_protect(&there, FAR, PAGE_SIZE, 1), 0);
    assert_int_equal(copy_all(true, FAR, NEAR, 8, &stop), 0);
    assert_int_equal(stop, UCOPY_REMOTE_FAULT);
    assert_int_equal(copy_all(false, FAR, NEAR, 8, &stop), 8);

    assert_int_equal(memory_create(root_pool, MEMORY_PAGED, 4, true, &paged), 0);
    assert_int_equal(fake_map(&here, paged, NEAR + SIZE, 4 * PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(fake_map(&there, paged, FAR + SIZE, 4 * PAGE_SIZE, 0, 3, NULL), 0);
    u32 refs = paged->object.refs;
    assert_int_equal(copy_all(true, FAR + SIZE - 5, NEAR, 0x3000, &stop), 5);
    assert_int_equal(stop, UCOPY_REMOTE_PAGER);
    assert_int_equal(copy_all(false, FAR + 0x1000, NEAR + SIZE - 6, 0x3000, &stop), 6);
    assert_int_equal(stop, UCOPY_LOCAL_PAGER);
    assert_int_equal(paged->object.refs, refs);
    assert_int_equal(ucopy_out(UADDR(NEAR + SIZE), "x", 1), ERR(FAULT));

    /* Registers of a device are never copied. */
    assert_int_equal(memory_create_phys(PADDR(0xfd00000000), 4, 1, &device), 0);
    assert_int_equal(fake_map(&there, device, 0x4000000, 4 * PAGE_SIZE, 0, 3, NULL), 0);
    assert_int_equal(copy_all(true, 0x4000000, NEAR, 8, &stop), 0);
    assert_int_equal(stop, UCOPY_REMOTE_FAULT);
    assert_int_equal(copy_all(true, 0x4000000, NEAR, 8, &stop), 0);
    assert_int_equal(stop, UCOPY_REMOTE_FAULT);
}

static void addresses_outside_user_space_are_refused(void **state)
{
    static const u64 bad[] = {0x7ffffffffff9,     0x800000000000,     0x8000000000000000,
                              0xffff800000000000, 0xfffffffffffffff9, 0xffffffffffffffff};
    enum ucopy_stop stop;
    u64 word = 0;
    u32 half;
    (void)state;

    two_spaces();
    for (u32 i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ucopy_in(&word, UADDR(bad[i]), 8), ERR(FAULT));
        assert_int_equal(ucopy_out(UADDR(bad[i]), &word, 8), ERR(FAULT));
        assert_int_equal(ucopy_read_u32(UADDR(bad[i] + 4), &half), ERR(FAULT));
        assert_int_equal(ucopy_write_u32(UADDR(bad[i] + 4), 8), ERR(FAULT));
        assert_int_equal(copy_all(true, bad[i], NEAR, 8, &stop), 0);
        assert_int_equal(stop, UCOPY_REMOTE_FAULT);
        assert_int_equal(copy_all(false, FAR, bad[i], 8, &stop), 0);
        assert_int_equal(stop, UCOPY_LOCAL_FAULT);
    }
    assert_int_equal(ucopy_in(&word, UADDR(NEAR), UINT64_MAX), ERR(FAULT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ucopy: copies agree with memcpy", copies_agree_with_memcpy),
        TEST("ucopy: an address space with itself", one_space_with_itself),
        TEST("ucopy: a copy says which side stopped it", a_copy_says_which_side_stopped_it),
        TEST("ucopy: addresses outside user space are refused", addresses_outside_user_space_are_refused),
    };
    return RUN_TESTS(tests);
}
