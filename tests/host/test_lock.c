/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Advisory locks against an array of bytes.
 * LINK: fs/core/lock.c
 */
#include <fs/lock.h>

#include "host_test.h"

#define BYTES  24u
#define OWNERS 3u

static int desc[OWNERS];

static struct lock_owner owner_of(unsigned i)
{
    return (struct lock_owner){.id = i + 1, .desc = &desc[i]};
}

/* What fcntl says about each byte, for each owner. */
static uint64_t model[OWNERS][BYTES];

static bool model_against(uint64_t kind, unsigned start, unsigned last, unsigned who)
{
    for (unsigned o = 0; o < OWNERS; o++)
        for (unsigned i = start; i <= last; i++)
            if (o != who && model[o][i] != 0 && (model[o][i] == VFS_LOCK_EXCLUSIVE || kind == VFS_LOCK_EXCLUSIVE))
                return true;
    return false;
}

static void ranges_are_what_each_byte_says(void **state)
{
    struct rng rng = rng_seeded(8);
    struct vnode node = {.locks = NULL};
    unsigned refused = 0, most = 0;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        unsigned start = (unsigned)rng_below(&rng, BYTES), last = start + (unsigned)rng_below(&rng, BYTES - start);
        unsigned who = (unsigned)rng_below(&rng, OWNERS);
        uint64_t kind = rng_below(&rng, 3);
        struct lock_owner owner = owner_of(who);
        if (rng_below(&rng, 200) == 0) {
            bool any = false;
            for (unsigned i = 0; i < BYTES; i++)
                any |= model[who][i] != 0;
            assert_int_equal(lock_drop(&node, &desc[who]), any);
            memset(model[who], 0, sizeof model[who]);
            continue;
        }
        bool against = kind != 0 && lock_against(&node, kind, start, last, &owner) != NULL;
        assert_int_equal(against, kind != 0 && model_against(kind, start, last, who));
        refused += against;
        if (against)
            continue;
        assert_int_equal(lock_set(&node, kind, start, last, &owner), VFS_OK);
        for (unsigned i = start; i <= last; i++)
            model[who][i] = kind;
        /* Every byte is in at most one lock of an owner, and neighbours of one kind are one lock. */
        unsigned count = 0, runs = 0;
        for (const struct lock *l = node.locks; l; l = l->next) {
            count++;
            for (uint64_t i = l->start; i <= l->last; i++)
                assert_int_equal(model[l->owner.id - 1][i], l->kind);
        }
        for (unsigned o = 0; o < OWNERS; o++)
            for (unsigned i = 0; i < BYTES; i++)
                runs += model[o][i] != 0 && (i == 0 || model[o][i - 1] != model[o][i]);
        assert_int_equal(count, runs);
        most = count > most ? count : most;
    }
    assert_true(refused > 1000 && most > 6);
    for (unsigned o = 0; o < OWNERS; o++)
        (void)lock_drop(&node, &desc[o]);
    assert_null(node.locks);
}

static void whole_locks_are_apart(void **state)
{
    struct vnode node = {.locks = NULL};
    struct lock_owner a = {.desc = &desc[0], .whole = true}, b = {.desc = &desc[1], .whole = true}, c = owner_of(1);

    (void)state;
    assert_int_equal(lock_set(&node, VFS_LOCK_EXCLUSIVE, 0, UINT64_MAX, &a), VFS_OK);
    assert_non_null(lock_against(&node, VFS_LOCK_SHARED, 0, UINT64_MAX, &b));
    assert_null(lock_against(&node, VFS_LOCK_EXCLUSIVE, 0, UINT64_MAX, &a));
    assert_null(lock_against(&node, VFS_LOCK_EXCLUSIVE, 0, 10, &c));
    assert_int_equal(lock_set(&node, VFS_LOCK_SHARED, 0, UINT64_MAX, &a), VFS_OK);
    assert_null(lock_against(&node, VFS_LOCK_SHARED, 0, UINT64_MAX, &b));
    assert_true(lock_drop(&node, &desc[0]));
    assert_false(lock_drop(&node, &desc[0]));
    assert_null(node.locks);
}

static void there_is_a_limit(void **state)
{
    struct vnode node = {.locks = NULL};
    struct lock_owner owner = owner_of(0);
    unsigned i = 0;

    (void)state;
    while (lock_set(&node, VFS_LOCK_SHARED, 2 * i, 2 * i, &owner) == VFS_OK)
        i++;
    assert_int_equal(i, LOCKS_MAX);
    assert_true(lock_drop(&node, &desc[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("locks: ranges are what a model says of each byte", ranges_are_what_each_byte_says),
        TEST("locks: those of flock and of fcntl do not see each other", whole_locks_are_apart),
        TEST("locks: a file has at most so many", there_is_a_limit),
    };

    return RUN_TESTS(tests);
}
