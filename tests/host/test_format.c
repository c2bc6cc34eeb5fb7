/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: kernel/debug/format.c */
#include "host_test.h"

#include <debug/log.h>

static char text[512];
static size_t used;

static void collect(const char *part, u64 length)
{
    assert_true(length < sizeof text - used);
    memcpy(text + used, part, length);
    used += length;
}

static const char *format(const char *directives, ...)
{
    va_list args;

    used = 0;
    va_start(args, directives);
    format_write(collect, directives, args);
    va_end(args);
    text[used] = '\0';
    return text;
}

/* libc and the kernel agree. */
#define SAME(...)                                                                                                      \
    do {                                                                                                               \
        char wanted[512];                                                                                              \
        snprintf(wanted, sizeof wanted, __VA_ARGS__);                                                                  \
        assert_string_equal(format(__VA_ARGS__), wanted);                                                              \
    } while (0)

static void messages_are_formatted_as_by_printf(void **state)
{
    (void)state;
    SAME("plain");
    SAME("%s", "");
    SAME("<%s> and <%s>", "one", "two");
    SAME("%.*s|%.*s|%.*s", 3, "abcdef", 9, "short", 0, "none");
    SAME("%u %u %d %d %d", 0u, UINT32_MAX, 0, -1, INT32_MIN);
    SAME("%lu %lu %ld %llu %lld %zu", 0ul, UINT64_MAX, INT64_MIN, 7ull, -7ll, (size_t)12);
    SAME("%x %lx %#lx %#x %#llx %#lx", 0xdeadbeefu, UINT64_MAX, 0x1234ul, 0xffu, 0xabcdefull, 0ul);
    SAME("%5u|%5u|%05u|%06lu|%02x|%016lx|%012lx", 42u, 1234567u, 42u, 1ul, 0xfu, 0x123ul, UINT64_MAX);
    SAME("%p", (void *)text);
    SAME("[%5lu.%06lu] %s", 3ul, 1234ul, "started");
}

static void numbers_of_all_sizes_agree_with_printf(void **state)
{
    struct rng rng = rng_seeded(61);
    (void)state;

    for (int i = 0; i < 20000; i++) {
        uint64_t a = rng_magnitude(&rng), b = rng_magnitude(&rng);
        SAME("%lu %lx %ld %016lx %u %d", a, b, (long)a, b, (unsigned)a, (int)b);
    }
}

static void an_unknown_directive_stands_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(format("100%"), "100%");
    assert_string_equal(format("%q %"), "%q %");
    assert_string_equal(format("%y"), "%y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("messages are formatted as by printf", messages_are_formatted_as_by_printf),
        TEST("numbers of all sizes agree with printf", numbers_of_all_sizes_agree_with_printf),
        TEST("an unknown directive stands as it is", an_unknown_directive_stands_as_it_is),
    };
    return RUN_TESTS(tests);
}
