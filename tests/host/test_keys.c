/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: drivers/input/ps2/keys.c */
/* Scan codes as events. */
#include "host_test.h"

#include "../../drivers/input/ps2/keys.h"

/* Characters of all key-down events that the bytes make. */
static const char *typed(const uint8_t *bytes, size_t count)
{
    static char text[64];
    struct keys keys = {0};
    struct key_event e;
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        if (keys_feed(&keys, bytes[i], &e) && e.down && e.character)
            text[length++] = e.character;
    text[length] = '\0';
    return text;
}

#define TYPED(...) typed((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void characters_are_those_of_a_us_keyboard(void **state)
{
    (void)state;
    assert_string_equal(TYPED(0x1e, 0x9e, 0x30, 0xb0, 0x39, 0xb9, 0x1c, 0x9c), "ab \n");
    assert_string_equal(TYPED(0x2a, 0x1e, 0x9e, 0x02, 0x82, 0xaa, 0x1e), "A!a");
    assert_string_equal(TYPED(0x36, 0x2b, 0xab, 0xb6, 0x2b), "|\\");
    assert_string_equal(TYPED(0x3a, 0xba, 0x1e, 0x02, 0x2a, 0x1e, 0xaa, 0x3a, 0xba, 0x1e), "A1aa");
    assert_string_equal(TYPED(0x1d, 0x2e, 0xae, 0x9d, 0x2e), "\003c");
    assert_string_equal(TYPED(0xe0, 0x1d, 0x1e, 0xe0, 0x9d, 0x1e), "\001a");
    assert_string_equal(TYPED(0xe0, 0x35, 0xe0, 0x1c, 0x35, 0x33, 0x34), "/\n/,.");
    assert_string_equal(TYPED(0x29, 0x28, 0x27, 0x0c, 0x0d, 0x1a, 0x1b), "`';-=[]");
}

static void prefixes_and_odd_keys(void **state)
{
    struct keys keys = {0};
    struct key_event e;

    (void)state;
    assert_false(keys_feed(&keys, 0xe0, &e));
    assert_true(keys_feed(&keys, 0x48, &e)); /* up arrow */
    assert_true(e.code == 0xc8 && e.down && e.character == 0);
    assert_false(keys_feed(&keys, 0xe0, &e));
    assert_true(keys_feed(&keys, 0xc8, &e) && e.code == 0xc8 && !e.down);
    /* Pause is one key of six bytes, and none of them types. */
    static const uint8_t pause[] = {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5};
    for (unsigned i = 0; i < 6; i++)
        assert_false(keys_feed(&keys, pause[i], &e));
    assert_true(keys_feed(&keys, 0x1e, &e) && e.character == 'a');
    assert_false(keys_feed(&keys, 0xe0, &e));
    assert_false(keys_feed(&keys, 0x2a, &e)); /* the shift that is none */
    assert_true(keys_feed(&keys, 0x1e, &e) && e.character == 'a');
}

static void any_bytes_are_survived(void **state)
{
    struct rng rng = rng_seeded(41);
    struct keys keys = {0};
    struct key_event e;

    (void)state;
    for (unsigned i = 0; i < 1000000; i++)
        if (keys_feed(&keys, (uint8_t)rng_next(&rng), &e))
            assert_true((e.code & 0x7f) != 0 && (e.down || e.character == 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("keyboard: characters are those of a US keyboard", characters_are_those_of_a_us_keyboard),
        TEST("keyboard: prefixes, Pause, and shifts that are none", prefixes_and_odd_keys),
        TEST("keyboard: any bytes are survived", any_bytes_are_survived),
    };

    return RUN_TESTS(tests);
}
