/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address ranges against a model of one byte per page.
 * LINK: lib/libmnos/va.c
 */
#include "host_test.h"

#include <libmnos/va.h>

#define PAGE  4096u
#define PAGES 256u
#define BASE  0x40000000u

static void takes_first_fit_and_joins(void **state)
{
    struct va_node nodes[8];
    struct va_space space;

    (void)state;
    va_init(&space);
    va_add_nodes(&space, nodes, 8);
    assert_true(va_give(&space, BASE, 4 * PAGE));
    assert_int_equal(va_take(&space, PAGE, PAGE), BASE);
    assert_int_equal(va_take(&space, 4 * PAGE, PAGE), 0);
    assert_int_equal(va_take(&space, 3 * PAGE, PAGE), BASE + PAGE);
    assert_null(space.free);
    assert_true(va_give(&space, BASE + 2 * PAGE, PAGE));
    assert_true(va_give(&space, BASE, PAGE));
    assert_true(va_give(&space, BASE + PAGE, PAGE));
    assert_int_equal(space.free->end - space.free->start, 3 * PAGE);
    assert_int_equal(space.spare_count, 7);
}

static void refuses_what_is_free(void **state)
{
    struct va_node nodes[8];
    struct va_space space;

    (void)state;
    va_init(&space);
    va_add_nodes(&space, nodes, 8);
    assert_true(va_give(&space, BASE, 4 * PAGE));
    assert_false(va_give(&space, BASE, PAGE));
    assert_false(va_give(&space, BASE + 3 * PAGE, 2 * PAGE));
    assert_false(va_give(&space, BASE - PAGE, 2 * PAGE));
    assert_false(va_give(&space, UINT64_MAX - PAGE + 1, 2 * PAGE));
    assert_false(va_give(&space, BASE + 8 * PAGE, 0));
    assert_int_equal(va_take(&space, 0, PAGE), 0);
    assert_int_equal(va_take(&space, UINT64_MAX, PAGE), 0);
}

static void changes_nothing_without_a_node(void **state)
{
    struct va_node nodes[1];
    struct va_space space;

    (void)state;
    va_init(&space);
    va_add_nodes(&space, nodes, 1);
    assert_true(va_give(&space, BASE + PAGE, 5 * PAGE));
    assert_int_equal(va_take(&space, PAGE, 4 * PAGE), 0); /* would leave a piece on either side */
    assert_false(va_give(&space, BASE + 32 * PAGE, PAGE));
    assert_int_equal(space.free->start, BASE + PAGE);
    assert_int_equal(space.free->end, BASE + 6 * PAGE);
}

static void random_operations_agree_with_the_model(void **state)
{
    static struct va_node nodes[PAGES];
    static bool free_page[PAGES];
    struct rng rng = rng_seeded(9);
    struct va_space space;

    (void)state;
    va_init(&space);
    va_add_nodes(&space, nodes, PAGES);
    for (int round = 0; round < 100000; round++) {
        unsigned length = 1 + (unsigned)rng_below(&rng, 12);
        unsigned align = 1u << rng_below(&rng, 4);
        if (rng_below(&rng, 2)) {
            unsigned want = PAGES;
            for (unsigned at = 0; at + length <= PAGES && want == PAGES; at += 1) {
                unsigned i = 0;
                while (at % align == 0 && i < length && free_page[at + i])
                    i++;
                if (i == length)
                    want = at;
            }
            uint64_t got = va_take(&space, length * PAGE, align * PAGE);
            assert_int_equal(got, want == PAGES ? 0 : BASE + want * PAGE);
            for (unsigned i = 0; want != PAGES && i < length; i++)
                free_page[want + i] = false;
        } else {
            unsigned at = (unsigned)rng_below(&rng, PAGES - length);
            bool sound = true;
            for (unsigned i = 0; i < length; i++)
                sound &= !free_page[at + i];
            assert_int_equal(va_give(&space, BASE + at * PAGE, length * PAGE), sound);
            for (unsigned i = 0; sound && i < length; i++)
                free_page[at + i] = true;
        }
        uint64_t last = 0;
        size_t used = 0;
        for (const struct va_node *n = space.free; n; n = n->next, used++) {
            assert_true(n->start > last && n->end > n->start);
            last = n->end;
        }
        assert_int_equal(used + space.spare_count, PAGES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("va: first fit, and neighbours are joined", takes_first_fit_and_joins),
        TEST("va: what is free already is refused", refuses_what_is_free),
        TEST("va: without a spare node nothing changes", changes_nothing_without_a_node),
        TEST("va: random operations agree with a model", random_operations_agree_with_the_model),
    };

    return RUN_TESTS(tests);
}
