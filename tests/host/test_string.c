/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_test.h"

/* The production file, with other names: the host's libc has functions of the same names, which are the model. */
#define memcpy  mnos_memcpy
#define memmove mnos_memmove
#define memset  mnos_memset
#define memcmp  mnos_memcmp
#define memchr  mnos_memchr
#define strlen  mnos_strlen
#define strnlen mnos_strnlen
#define strcmp  mnos_strcmp
#define strncmp mnos_strncmp
#define strchr  mnos_strchr
#define strrchr mnos_strrchr
#undef MNOS_STR_H
#include <str.h>

#include "../../lib/string/string.c"
#include "../../lib/string/move.c"
#include "../../lib/string/search.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr

#define ROOM 400

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void fill(struct rng *rng, unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)rng_next(rng);
}

static void memcpy_copies_every_size_and_alignment(void **state)
{
    struct rng rng = rng_seeded(1);
    unsigned char from[ROOM], to[ROOM], model[ROOM];
    (void)state;

    for (size_t size = 0; size <= 130; size++) {
        for (size_t shift = 0; shift < 64; shift++) {
            size_t to_at = shift % 8 + 16, from_at = shift / 8 + 16;
            fill(&rng, from, sizeof from);
            fill(&rng, to, sizeof to);
            memcpy(model, to, sizeof to);
            memcpy(model + to_at, from + from_at, size);
            assert_ptr_equal(mnos_memcpy(to + to_at, from + from_at, size), to + to_at);
            assert_memory_equal(to, model, sizeof to);
        }
    }
}

static void memmove_copies_with_every_overlap(void **state)
{
    struct rng rng = rng_seeded(2);
    unsigned char bytes[ROOM], model[ROOM];
    (void)state;

    for (size_t size = 0; size <= 100; size++) {
        for (size_t to_at = 0; to_at <= 200; to_at += size < 40 ? 1 : 3) {
            fill(&rng, bytes, sizeof bytes);
            memcpy(model, bytes, sizeof bytes);
            memmove(model + to_at, model + 100, size);
            assert_ptr_equal(mnos_memmove(bytes + to_at, bytes + 100, size), bytes + to_at);
            assert_memory_equal(bytes, model, sizeof bytes);
        }
    }
}

static void memset_fills_every_size_and_alignment(void **state)
{
    struct rng rng = rng_seeded(3);
    unsigned char bytes[ROOM], model[ROOM];
    (void)state;

    for (size_t size = 0; size <= 130; size++) {
        for (size_t at = 0; at < 16; at++) {
            int byte = (int)rng_next(&rng);
            fill(&rng, bytes, sizeof bytes);
            memcpy(model, bytes, sizeof bytes);
            memset(model + at, byte, size);
            assert_ptr_equal(mnos_memset(bytes + at, byte, size), bytes + at);
            assert_memory_equal(bytes, model, sizeof bytes);
        }
    }
}

static void memcmp_orders_by_the_first_difference(void **state)
{
    struct rng rng = rng_seeded(4);
    unsigned char a[ROOM], b[ROOM];
    (void)state;

    for (unsigned step = 0; step < 50000; step++) {
        size_t size = rng_below(&rng, 70), at = rng_below(&rng, 8);
        fill(&rng, a, sizeof a);
        memcpy(b, a, sizeof a);
        for (unsigned change = (unsigned)rng_below(&rng, 3); change > 0; change--)
            b[at + rng_below(&rng, 70)] = (unsigned char)rng_next(&rng);
        assert_int_equal(sign(mnos_memcmp(a + at, b + at, size)), sign(memcmp(a + at, b + at, size)));
    }
}

/* The texts are at the very end of their allocations, so that the sanitizer sees a byte too many. */
static char *exact_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    assert_non_null(copy);
    memcpy(copy, text, size);
    return copy;
}

static void random_text(struct rng *rng, char *text)
{
    size_t length = rng_below(rng, 12);

    for (size_t i = 0; i < length; i++)
        text[i] = (char)(rng_below(rng, 3) == 0 ? 0x80 + rng_below(rng, 2) : 'a' + rng_below(rng, 2));
    text[length] = '\0';
}

static void string_functions_agree_with_libc(void **state)
{
    struct rng rng = rng_seeded(5);
    (void)state;

    for (unsigned step = 0; step < 50000; step++) {
        char text[16], other_text[16];
        random_text(&rng, text);
        random_text(&rng, other_text);
        char *a = exact_copy(text), *b = exact_copy(other_text);
        size_t limit = rng_below(&rng, 14);
        int byte = rng_below(&rng, 4) == 0 ? 0 : 'a' + (int)rng_below(&rng, 3);

        assert_int_equal(mnos_strlen(a), strlen(a));
        assert_int_equal(mnos_strnlen(a, limit), strnlen(a, limit));
        assert_int_equal(sign(mnos_strcmp(a, b)), sign(strcmp(a, b)));
        assert_int_equal(sign(mnos_strncmp(a, b, limit)), sign(strncmp(a, b, limit)));
        assert_ptr_equal(mnos_strchr(a, byte), strchr(a, byte));
        assert_ptr_equal(mnos_strrchr(a, byte), strrchr(a, byte));
        assert_ptr_equal(mnos_memchr(a, byte, strlen(a)), memchr(a, byte, strlen(a)));
        free(a);
        free(b);
    }
}

static void strnlen_reads_nothing_behind_its_limit(void **state)
{
    char *text = malloc(4);
    (void)state;

    assert_non_null(text);
    memset(text, 'x', 4);
    assert_int_equal(mnos_strnlen(text, 4), 4);
    assert_int_equal(mnos_strncmp(text, "xxxx", 4), 0);
    free(text);
}

static void size_zero_touches_nothing(void **state)
{
    char byte = 'a';
    (void)state;

    mnos_memset(&byte, 'b', 0);
    mnos_memcpy(&byte, "b", 0);
    mnos_memmove(&byte, "b", 0);
    assert_int_equal(byte, 'a');
    assert_int_equal(mnos_memcmp("a", "b", 0), 0);
    assert_int_equal(mnos_strncmp("a", "b", 0), 0);
    assert_null(mnos_memchr("a", 'a', 0));
}

static void bytes_compare_as_unsigned(void **state)
{
    (void)state;
    assert_true(mnos_memcmp("\x80", "\x7f", 1) > 0);
    assert_true(mnos_memcmp("\x80zzzzzzz", "\x7fzzzzzzz", 8) > 0);
    assert_true(mnos_strcmp("\x80", "\x7f") > 0);
    assert_true(mnos_memcmp("aaaaaaab", "aaaaaabb", 8) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("string: memcpy copies every size and alignment", memcpy_copies_every_size_and_alignment),
        TEST("string: memmove copies with every overlap", memmove_copies_with_every_overlap),
        TEST("string: memset fills every size and alignment", memset_fills_every_size_and_alignment),
        TEST("string: memcmp orders by the first difference", memcmp_orders_by_the_first_difference),
        TEST("string: string functions agree with libc", string_functions_agree_with_libc),
        TEST("string: strnlen reads nothing behind its limit", strnlen_reads_nothing_behind_its_limit),
        TEST("string: size zero touches nothing", size_zero_touches_nothing),
        TEST("string: bytes compare as unsigned", bytes_compare_as_unsigned),
    };
    return RUN_TESTS(tests);
}
