/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: kernel/core/bitmap.c */
#include "host_test.h"

#include <core/bitmap.h>

#define BITS 300

/* The naive model: an array of bool, and the same questions answered bit by bit. */
static size_t model_next(const bool *model, size_t from, size_t end, bool wanted)
{
    for (size_t i = from; i < end; i++)
        if (model[i] == wanted)
            return i;
    return BITMAP_NONE;
}

static size_t model_find_zeros(const bool *model, size_t from, size_t end, size_t count, size_t align)
{
    if (count == 0)
        return BITMAP_NONE;
    for (size_t start = 0; start < end; start += align) {
        if (start < from || count > end - start)
            continue;
        if (model_next(model, start, start + count, true) == BITMAP_NONE)
            return start;
    }
    return BITMAP_NONE;
}

static void compare_all(const uint64_t *words, const bool *model)
{
    for (size_t i = 0; i < BITS; i++)
        assert_int_equal(bitmap_get(words, i), model[i]);
}

static void single_bits_are_set_and_cleared(void **state)
{
    uint64_t words[BITMAP_WORDS(BITS)] = {0};
    (void)state;

    for (size_t i = 0; i < BITS; i++) {
        assert_false(bitmap_get(words, i));
        bitmap_fill(words, i, 1, true);
        assert_true(bitmap_get(words, i));
        bitmap_clear(words, i);
    }
}

static void words_needed_are_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(BITMAP_WORDS(0), 0);
    assert_int_equal(BITMAP_WORDS(1), 1);
    assert_int_equal(BITMAP_WORDS(64), 1);
    assert_int_equal(BITMAP_WORDS(65), 2);
}

static void ranges_touch_nothing_else(void **state)
{
    (void)state;
    for (size_t first = 0; first < 140; first++) {
        for (size_t count = 0; count < 140; count += 1 + first % 3) {
            uint64_t words[6] = {0}, inverse[6];
            memset(inverse, 0xff, sizeof inverse);
            bitmap_fill(words, first, count, true);
            bitmap_fill(inverse, first, count, false);
            for (size_t i = 0; i < 6 * 64; i++) {
                assert_int_equal(bitmap_get(words, i), i >= first && i < first + count);
                assert_int_equal(bitmap_get(inverse, i), i < first || i >= first + count);
            }
        }
    }
}

static void a_full_bitmap_has_no_zero(void **state)
{
    uint64_t words[3] = {UINT64_MAX, UINT64_MAX, 1};
    (void)state;

    assert_true(bitmap_next(words, 0, 129, false) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 0, 129, 1, 1) == BITMAP_NONE);
    assert_int_equal(bitmap_next(words, 0, 130, false), 129);
}

static void bits_behind_the_size_are_never_found(void **state)
{
    uint64_t words[2] = {UINT64_MAX, 0};
    (void)state;

    assert_true(bitmap_next(words, 0, 64, false) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 60, 64, 1, 1) == BITMAP_NONE);
    assert_int_equal(bitmap_find_zeros(words, 0, 128, 64, 64), 64);
    assert_true(bitmap_find_zeros(words, 0, 127, 64, 64) == BITMAP_NONE);
}

static void impossible_runs_are_refused(void **state)
{
    uint64_t words[2] = {0, 0};
    (void)state;

    assert_true(bitmap_find_zeros(words, 0, 128, 0, 1) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 0, 128, 129, 1) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 0, 128, SIZE_MAX, 1) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 1, 128, 1, (size_t)1 << 63) == BITMAP_NONE);
    assert_true(bitmap_find_zeros(words, 5, 5, 1, 1) == BITMAP_NONE);
}

static void random_operations_agree_with_an_array_of_bool(void **state)
{
    struct rng rng = rng_seeded(0xb17);
    (void)state;

    for (unsigned round = 0; round < 60; round++) {
        uint64_t words[BITMAP_WORDS(BITS)] = {0};
        bool model[BITS] = {false};

        for (unsigned step = 0; step < 600; step++) {
            size_t first = rng_below(&rng, BITS);
            size_t count = rng_below(&rng, rng_below(&rng, 4) == 0 ? BITS - first + 1 : 1 + (BITS - first) / 16);
            bool value = rng_below(&rng, 2) == 0;
            if (value)
                bitmap_fill(words, first, count, true);
            else
                bitmap_fill(words, first, count, false);
            for (size_t i = first; i < first + count; i++)
                model[i] = value;

            size_t from = rng_below(&rng, BITS), end = from + rng_below(&rng, BITS - from + 1);
            size_t run = rng_below(&rng, 40), align = (size_t)1 << rng_below(&rng, 7);
            assert_int_equal(bitmap_next(words, from, end, true), model_next(model, from, end, true));
            assert_int_equal(bitmap_next(words, from, end, false), model_next(model, from, end, false));
            assert_int_equal(bitmap_find_zeros(words, from, end, run, align),
                             model_find_zeros(model, from, end, run, align));
        }
        compare_all(words, model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("bitmap: single bits are set and cleared", single_bits_are_set_and_cleared),
        TEST("bitmap: words needed are rounded up", words_needed_are_rounded_up),
        TEST("bitmap: ranges touch nothing else", ranges_touch_nothing_else),
        TEST("bitmap: a full bitmap has no zero", a_full_bitmap_has_no_zero),
        TEST("bitmap: bits behind the size are never found", bits_behind_the_size_are_never_found),
        TEST("bitmap: impossible runs are refused", impossible_runs_are_refused),
        TEST("bitmap: random operations agree with an array of bool", random_operations_agree_with_an_array_of_bool),
    };
    return RUN_TESTS(tests);
}
