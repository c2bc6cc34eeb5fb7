/* SPDX-License-Identifier: BSD-2-Clause */
/* LIBS: -lpthread */
#include "host_test.h"

#include <core/align.h>
#include <core/assert.h>
#include <core/checked.h>
#include <core/list.h>
#include <core/mpsc.h>
#include <pthread.h>
#include <range_more.h>

struct entry {
    unsigned value;
    struct list_node link;
};

static unsigned value_of(struct list_node *node)
{
    return container_of(node, struct entry, link)->value;
}

/* The values from front to back, and the same backwards. */
static void expect_list(const struct list *list, const char *digits)
{
    size_t count = strlen(digits);
    struct list_node *forward = list_first(list), *backward = list->head.prev;

    for (size_t i = 0; i < count; i++) {
        assert_non_null(forward);
        assert_int_equal(value_of(forward), digits[i] - '0');
        assert_int_equal(value_of(backward), digits[count - 1 - i] - '0');
        forward = forward->next == &list->head ? NULL : forward->next;
        backward = backward->prev;
    }
    assert_null(forward);
    assert_ptr_equal(backward, &list->head);
}

static void entries_make(struct entry *entries, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        entries[i].value = i;
        list_node_init(&entries[i].link);
    }
}

static void a_list_keeps_its_order(void **state)
{
    struct list list;
    struct entry e[6];
    (void)state;

    list_init(&list);
    entries_make(e, 6);
    expect_list(&list, "");
    assert_null(list_pop_front(&list));
    list_push_back(&list, &e[1].link);
    list_push_back(&list, &e[2].link);
    list_push_front(&list, &e[0].link);
    expect_list(&list, "012");
    list_insert_before(&e[3].link, e[0].link.next);
    list_insert_before(&e[4].link, &e[0].link);
    expect_list(&list, "40312");
    assert_int_equal(value_of(list_pop_front(&list)), 4);
    expect_list(&list, "0312");
}

static void removing_from_a_list_leaves_the_others(void **state)
{
    struct list list;
    struct entry e[5];
    (void)state;

    list_init(&list);
    entries_make(e, 5);
    for (unsigned i = 0; i < 5; i++)
        list_push_back(&list, &e[i].link);
    list_remove(&e[0].link);
    list_remove(&e[4].link);
    list_remove(&e[2].link);
    expect_list(&list, "13");
    assert_false(list_linked(&e[2].link));
    assert_true(list_linked(&e[3].link));
    list_remove(&e[2].link);
    expect_list(&list, "13");
}

static void a_list_walk_may_remove_its_node(void **state)
{
    struct list list;
    struct entry e[7];
    unsigned seen = 0;
    (void)state;

    list_init(&list);
    entries_make(e, 7);
    for (unsigned i = 0; i < 7; i++)
        list_push_back(&list, &e[i].link);
    LIST_FOR_EACH(node, &list) {
        seen++;
        if (value_of(node) % 2 == 0)
            list_remove(node);
    }
    assert_int_equal(seen, 7);
    expect_list(&list, "135");
}

static void rounding_to_powers_of_two(void **state)
{
    (void)state;
    assert_int_equal(align_up(0, 4096), 0);
    assert_int_equal(align_up(1, 4096), 4096);
    assert_int_equal(align_up(4096, 4096), 4096);
    assert_int_equal(align_down(4095, 4096), 0);
    assert_int_equal(align_down(8191, 4096), 4096);
    assert_int_equal(align_up(UINT64_MAX, 16), 0);
}

static void minimum_maximum_and_division(void **state)
{
    (void)state;
    assert_int_equal(min_u64(3, UINT64_MAX), 3);
    assert_true(max_u64(3, UINT64_MAX) == UINT64_MAX);
    assert_int_equal(div_round_up(0, 8), 0);
    assert_int_equal(div_round_up(9, 8), 2);
    assert_true(div_round_up(UINT64_MAX, 2) == (uint64_t)1 << 63);
}

static void checked_arithmetic_refuses_what_does_not_fit(void **state)
{
    struct rng rng = rng_seeded(0xc4ec);
    (void)state;

    for (unsigned step = 0; step < 200000; step++) {
        uint64_t a = rng_magnitude(&rng), b = rng_magnitude(&rng), got = 77;
        __uint128_t sum = (__uint128_t)a + b, product = (__uint128_t)a * b;

        assert_int_equal(checked_add(a, b, &got), sum >> 64 == 0);
        assert_true(got == (sum >> 64 == 0 ? (uint64_t)sum : 77));
        got = 77;
        assert_int_equal(checked_mul(a, b, &got), product >> 64 == 0);
        assert_true(got == (product >> 64 == 0 ? (uint64_t)product : 77));
        got = 77;
        assert_int_equal(checked_sub(a, b, &got), a >= b);
        assert_true(got == (a >= b ? a - b : 77));
        got = 77;
        uint64_t align = (uint64_t)1 << rng_below(&rng, 64);
        __uint128_t rounded = ((__uint128_t)a + align - 1) / align * align;
        assert_int_equal(checked_align_up(a, align, &got), (__uint128_t)a + align - 1 <= UINT64_MAX);
        if (got != 77)
            assert_true(got == (uint64_t)rounded);
    }
}

static void user_ranges_agree_with_wide_arithmetic(void **state)
{
    struct rng rng = rng_seeded(0x4a46);
    (void)state;

    for (unsigned step = 0; step < 500000; step++) {
        uint64_t address = rng_magnitude(&rng), length = rng_magnitude(&rng);
        uint64_t limit = rng_below(&rng, 2) == 0 ? 0x0000800000000000u : rng_magnitude(&rng);
        bool fits = (__uint128_t)address + length <= limit;
        assert_int_equal(user_range_ok(address, length, limit), fits);
        assert_int_equal(range_within(address, length, limit), fits);
    }
}

static void clipped_copies_stay_in_both_buffers(void **state)
{
    struct rng rng = rng_seeded(0xc119);
    (void)state;

    for (unsigned step = 0; step < 500000; step++) {
        uint64_t from = rng_magnitude(&rng), from_size = rng_magnitude(&rng);
        uint64_t to = rng_magnitude(&rng), to_size = rng_magnitude(&rng), length = rng_magnitude(&rng);
        uint64_t moved = range_copy_length(from, from_size, to, to_size, length);

        assert_true(moved <= length);
        assert_true(moved == 0 || (range_within(from, moved, from_size) && range_within(to, moved, to_size)));
        /* And it is the most that is possible. */
        assert_true(moved == length || !range_within(from, moved + 1, from_size) ||
                    !range_within(to, moved + 1, to_size));
    }
}

static void overlap_is_sharing_a_byte(void **state)
{
    (void)state;
    assert_true(range_overlaps(0, 10, 9, 1));
    assert_false(range_overlaps(0, 10, 10, 1));
    assert_false(range_overlaps(5, 0, 0, 10));
    assert_true(range_overlaps(3, 1, 0, 10));
}

static jmp_buf panicked;
static char panic_text[256];

void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(panic_text, sizeof panic_text, format, args);
    va_end(args);
    longjmp(panicked, 1);
}

static void a_failed_assertion_panics_by_its_text(void **state)
{
    volatile bool reached = false;
    int two = 2;
    (void)state;

    KASSERT(two == 2);
    if (setjmp(panicked) == 0) {
        KASSERT(two == 3);
        reached = true;
    }
    assert_false(reached);
    assert_non_null(strstr(panic_text, "two == 3"));
    assert_non_null(strstr(panic_text, "test_core.c"));
}

#define PUSHERS 4
#define PUSHES  50000

struct number {
    struct mpsc_node node;
    unsigned pusher, serial;
};

static struct mpsc_stack shared;
static struct number numbers[PUSHERS][PUSHES];

static void *pusher_run(void *argument)
{
    unsigned pusher = (unsigned)(uintptr_t)argument;

    for (unsigned i = 0; i < PUSHES; i++) {
        numbers[pusher][i].pusher = pusher;
        numbers[pusher][i].serial = i;
        mpsc_push(&shared, &numbers[pusher][i].node);
    }
    return NULL;
}

static void pushes_of_many_threads_arrive_once_and_in_order(void **state)
{
    pthread_t threads[PUSHERS];
    unsigned next[PUSHERS] = {0}, taken = 0;
    (void)state;

    for (uintptr_t i = 0; i < PUSHERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pusher_run, (void *)i), 0);
    while (taken < PUSHERS * PUSHES) {
        struct mpsc_node *chain = mpsc_reverse(mpsc_take_all(&shared));
        for (; chain != NULL; chain = chain->next, taken++) {
            struct number *number = container_of(chain, struct number, node);
            assert_int_equal(number->serial, next[number->pusher]);
            next[number->pusher]++;
        }
    }
    for (unsigned i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(mpsc_take_all(&shared));
}

static void a_push_says_whether_the_stack_was_empty(void **state)
{
    struct mpsc_stack stack = {0};
    struct mpsc_node a, b;
    (void)state;

    assert_null(mpsc_take_all(&stack));
    assert_true(mpsc_push(&stack, &a));
    assert_false(mpsc_push(&stack, &b));
    assert_ptr_equal(mpsc_take_all(&stack), &b);
    assert_ptr_equal(b.next, &a);
    assert_null(a.next);
    assert_true(mpsc_push(&stack, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("list: a list keeps its order", a_list_keeps_its_order),
        TEST("list: removing leaves the others", removing_from_a_list_leaves_the_others),
        TEST("list: a walk may remove its node", a_list_walk_may_remove_its_node),
        TEST("align: rounding to powers of two", rounding_to_powers_of_two),
        TEST("align: minimum, maximum and division", minimum_maximum_and_division),
        TEST("checked: arithmetic refuses what does not fit", checked_arithmetic_refuses_what_does_not_fit),
        TEST("range: user ranges agree with wide arithmetic", user_ranges_agree_with_wide_arithmetic),
        TEST("range: clipped copies stay in both buffers", clipped_copies_stay_in_both_buffers),
        TEST("range: overlap is sharing a byte", overlap_is_sharing_a_byte),
        TEST("assert: a failed assertion panics by its text", a_failed_assertion_panics_by_its_text),
        TEST("mpsc: pushes of many threads arrive once and in order", pushes_of_many_threads_arrive_once_and_in_order),
        TEST("mpsc: a push says whether the stack was empty", a_push_says_whether_the_stack_was_empty),
    };
    return RUN_TESTS(tests);
}
