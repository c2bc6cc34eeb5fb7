/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/fmt/ */
#include "host_test.h"

#include <fmt.h>

/* Formats that vary at run time are the point of this test. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-security"

/* Both formatters on the same arguments: same text, same length. */
#define SAME(...)                                                                                                      \
    do {                                                                                                               \
        char ours[700], theirs[700];                                                                                   \
        size_t length = fmt_snprint(ours, sizeof ours, __VA_ARGS__);                                                   \
        int wanted = snprintf(theirs, sizeof theirs, __VA_ARGS__);                                                     \
        assert_string_equal(ours, theirs);                                                                             \
        assert_int_equal(length, wanted);                                                                              \
    } while (0)

static void plain_text_passes_through(void **state)
{
    (void)state;
    SAME("%s", "");
    SAME("hello, world\n");
    SAME("\001%d\377", 1);
    SAME("100%%, %% and %%%%");
}

static void decimal_numbers(void **state)
{
    (void)state;
    SAME("%d %i %u", 0, -1, 42u);
    SAME("%d %d %u", INT32_MAX, INT32_MIN, UINT32_MAX);
    SAME("%ld %ld %lu", INT64_MAX, INT64_MIN, UINT64_MAX);
}

static void hexadecimal_and_octal_numbers(void **state)
{
    (void)state;
    SAME("%x %X %o", 0xdeadbeefu, 0xdeadbeefu, 0777u);
    SAME("%#x %#X %#o %#x %#o", 0xdeadbeefu, 0xdeadbeefu, 0777u, 0u, 0u);
    SAME("%lx %lX %lo", UINT64_MAX, UINT64_MAX, UINT64_MAX);
}

static void width_pads_on_either_side(void **state)
{
    (void)state;
    SAME("[%8d] [%-8d] [%08d] [%2d]", 1234, 1234, 1234, 1234);
    SAME("[%8s] [%-8s] [%2s]", "abc", "abc", "abc");
    SAME("[%4c] [%-4c]", 'x', 'y');
    SAME("[%16p] [%-16p]", (void *)0x1234, (void *)0x1234);
}

static void precision_counts_digits_and_cuts_text(void **state)
{
    (void)state;
    SAME("[%.5d] [%8.5d] [%-8.5d] [%08.5d] [%.0d] [%.d]", 42, 42, 42, 42, 0, 0);
    SAME("[%.3s] [%8.3s] [%-8.3s] [%.0s] [%.s]", "abcdef", "abcdef", "abcdef", "abcdef", "abcdef");
    SAME("[%#.0o] [%#.3o] [%#8.4x] [%#.0x]", 0u, 8u, 255u, 0u);
}

static void signs_and_spaces(void **state)
{
    (void)state;
    SAME("[%+d] [% d] [%+ d] [%+d] [% d]", 5, 5, 5, -5, -5);
    SAME("[%+08d] [% 08d] [%-+8d]", 5, 5, 5);
}

static void star_takes_width_and_precision_from_the_arguments(void **state)
{
    (void)state;
    SAME("[%*d] [%-*d] [%*d]", 8, 1, 8, 2, -8, 3);
    SAME("[%.*s] [%.*s] [%*.*s]", 2, "abc", -1, "abc", 6, 2, "abc");
}

static void length_modifiers_cut_and_widen(void **state)
{
    (void)state;
    SAME("%hhd %hhu %hd %hu", 300, 300, 70000, 70000);
    SAME("%hhx %hx", -1, -1);
    SAME("%lld %llu %llx", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, (unsigned long long)UINT64_MAX);
    SAME("%zu %zd %jd %ju %td", SIZE_MAX, (ssize_t)-1, (intmax_t)INT64_MIN, (uintmax_t)UINT64_MAX, (ptrdiff_t)-7);
}

static void null_pointers_are_named(void **state)
{
    const char *volatile none = NULL;
    (void)state;
    SAME("[%s] [%10s] [%-10s] [%.3s] [%.6s]", none, none, none, none, none);
    SAME("[%p] [%10p] [%-10p]", (void *)none, (void *)none, (void *)none);
}

static void text_without_terminator_is_read_up_to_the_precision(void **state)
{
    char *text = malloc(3);
    (void)state;

    assert_non_null(text);
    memcpy(text, "abc", 3);
    SAME("[%.3s]", text);
    free(text);
}

static void a_buffer_too_small_is_cut_and_terminated(void **state)
{
    (void)state;
    for (size_t size = 0; size < 12; size++) {
        char ours[16], theirs[16];
        memset(ours, 'z', sizeof ours);
        memset(theirs, 'z', sizeof theirs);
        size_t length = fmt_snprint(ours, size, "%s-%04d", "abc", 42);
        assert_int_equal(length, snprintf(theirs, size, "%s-%04d", "abc", 42));
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

static void unknown_directives_are_written_as_they_stand(void **state)
{
    char text[64];
    (void)state;

    assert_int_equal(fmt_snprint(text, sizeof text, "%y|%-5k|%n|%f", 1), 13);
    assert_string_equal(text, "%y|%-5k|%n|%f");
}

static void a_lone_percent_at_the_end_is_written(void **state)
{
    char text[64];
    (void)state;

    fmt_snprint(text, sizeof text, "50%");
    assert_string_equal(text, "50%");
    fmt_snprint(text, sizeof text, "50%-08.3l");
    assert_string_equal(text, "50%-08.3l");
}

struct pieces {
    char text[128];
    size_t length;
};

static void piece_put(void *context, const char *text, size_t length)
{
    struct pieces *pieces = context;

    assert_true(length > 0);
    memcpy(pieces->text + pieces->length, text, length);
    pieces->length += length;
}

static void the_callback_gets_it_all_in_order(void **state)
{
    struct pieces pieces = {.length = 0};
    (void)state;

    assert_int_equal(fmt_write(piece_put, &pieces, "a%5d%s%-40s|", 7, "", "xyz"), 47);
    assert_int_equal(pieces.length, 47);
    assert_memory_equal(pieces.text, "a    7xyz                                     |", 47);
}

static void huge_widths_are_cut_not_obeyed(void **state)
{
    static const char *volatile const formats[] = {"%99999999999999999999d", "%*d", "%.2147483647d"};
    char text[8];
    (void)state;

    assert_int_equal(fmt_snprint(text, sizeof text, formats[0], 1), 0xffff);
    assert_int_equal(fmt_snprint(text, sizeof text, formats[1], INT32_MIN, 1), 0xffff);
    assert_int_equal(fmt_snprint(text, sizeof text, formats[2], 1), 0xffff);
}

/* %[flags][width][.precision][length]conversion; flags only where ISO C gives them a meaning. */
static char random_directive(struct rng *rng, char *format, bool *wide)
{
    static const char conversions[] = "diuxXosc";
    static const char *const lengths[] = {"", "hh", "h", "l", "ll", "z", "j", "t"};
    char conversion = conversions[rng_below(rng, sizeof conversions - 1)];
    bool text = conversion == 's' || conversion == 'c';
    const char *flags = text ? "-" : conversion == 'd' || conversion == 'i' ? "-+ 0" : conversion == 'u' ? "-0" : "-#0";
    size_t length_index = text ? 0 : rng_below(rng, 8);

    *format++ = '%';
    for (size_t i = 0; i < strlen(flags); i++)
        if (rng_below(rng, 3) == 0)
            *format++ = flags[i];
    if (rng_below(rng, 2) == 0)
        format += sprintf(format, "%u", 1 + (unsigned)rng_below(rng, 30));
    if (conversion != 'c' && rng_below(rng, 2) == 0)
        format += sprintf(format, ".%u", (unsigned)rng_below(rng, 30));
    sprintf(format, "%s%c", lengths[length_index], conversion);
    *wide = length_index >= 3;
    return conversion;
}

static void random_formats_agree_with_the_host(void **state)
{
    struct rng rng = rng_seeded(0xf037);
    (void)state;

    for (unsigned step = 0; step < 300000; step++) {
        char format[64];
        bool wide = false;
        char conversion = random_directive(&rng, format, &wide);
        uint64_t value = rng_magnitude(&rng);

        const char *text = &"what a long, long text this is"[value % 31];
        if (conversion == 's')
            SAME(format, text);
        else if (conversion == 'c')
            SAME(format, (int)('a' + value % 26));
        else if (wide)
            SAME(format, value);
        else
            SAME(format, (unsigned)value);
    }
}

static void random_mixtures_agree_with_the_host(void **state)
{
    struct rng rng = rng_seeded(0xf038);
    (void)state;

    for (unsigned step = 0; step < 50000; step++) {
        int width = (int)rng_below(&rng, 40) - 20, precision = (int)rng_below(&rng, 20) - 3;
        uint64_t a = rng_magnitude(&rng), b = rng_magnitude(&rng);
        SAME("<%*.*ld|%#lx|%-*s|%.*s|%c|%p|%5u%%|%+d>", width, precision, (long)a, b, width, "left", precision,
             "precision", (int)('A' + a % 26), (void *)(uintptr_t)(b | 1), (unsigned)a, (int)b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("fmt: plain text passes through", plain_text_passes_through),
        TEST("fmt: decimal numbers [M163]", decimal_numbers),
        TEST("fmt: hexadecimal and octal numbers [M163]", hexadecimal_and_octal_numbers),
        TEST("fmt: width pads on either side [M163]", width_pads_on_either_side),
        TEST("fmt: precision counts digits and cuts text", precision_counts_digits_and_cuts_text),
        TEST("fmt: signs and spaces", signs_and_spaces),
        TEST("fmt: * takes width and precision from the arguments", star_takes_width_and_precision_from_the_arguments),
        TEST("fmt: length modifiers cut and widen", length_modifiers_cut_and_widen),
        TEST("fmt: null pointers are named", null_pointers_are_named),
        TEST("fmt: text without terminator is read up to the precision",
             text_without_terminator_is_read_up_to_the_precision),
        TEST("fmt: a buffer too small is cut and terminated", a_buffer_too_small_is_cut_and_terminated),
        TEST("fmt: unknown directives are written as they stand", unknown_directives_are_written_as_they_stand),
        TEST("fmt: a lone percent at the end is written", a_lone_percent_at_the_end_is_written),
        TEST("fmt: the callback gets it all in order", the_callback_gets_it_all_in_order),
        TEST("fmt: huge widths are cut, not obeyed", huge_widths_are_cut_not_obeyed),
        TEST("fmt: random formats agree with the host's printf [M163]", random_formats_agree_with_the_host),
        TEST("fmt: random mixtures agree with the host's printf [M163]", random_mixtures_agree_with_the_host),
    };
    return RUN_TESTS(tests);
}
