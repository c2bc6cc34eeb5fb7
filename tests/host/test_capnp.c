/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/capnp/ */
#include "host_test.h"

#include <capnp.h>

#define LIMIT 4096

/* A message of one segment in memory that is exactly as long. */
struct message {
    uint8_t *bytes;
    size_t size;
};

static struct message message_make(const uint64_t *words, size_t count)
{
    struct message m = {malloc(8 + count * 8), 8 + count * 8};
    uint32_t framing[2] = {0, (uint32_t)count};

    assert_non_null(m.bytes);
    memcpy(m.bytes, framing, sizeof framing);
    memcpy(m.bytes + 8, words, count * 8);
    return m;
}

static uint64_t struct_pointer(int offset, unsigned data, unsigned pointers)
{
    return (uint64_t)pointers << 48 | (uint64_t)data << 32 | (uint32_t)offset << 2;
}

static uint64_t list_pointer(int offset, unsigned kind, unsigned count)
{
    return ((uint64_t)count << 3 | kind) << 32 | (uint32_t)offset << 2 | 1;
}

/* Reads text 0 and list 1 (of structs whose text 0 is read) of a root with two pointers; the error that comes. */
static enum capnp_error visit(const uint64_t *words, size_t count, uint64_t limit)
{
    struct message m = message_make(words, count);
    struct capnp_reader r;

    if (capnp_open(&r, m.bytes, m.size, limit) == CAPNP_OK) {
        struct capnp_struct root = capnp_root(&r);
        (void)capnp_text(&root, 0);
        struct capnp_list list = capnp_structs(&root, 1);
        for (uint32_t i = 0; i < list.count && r.error == CAPNP_OK; i++) {
            struct capnp_struct s = capnp_struct_at(&list, i);
            (void)capnp_text(&s, 0);
            (void)capnp_u64(&s, 0);
        }
    }
    free(m.bytes);
    return r.error;
}
#define VISIT(...) visit((const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8, LIMIT)

static void what_is_built_is_read(void **state)
{
    uint8_t bytes[512];
    struct capnp_builder b;
    struct capnp_reader r;
    (void)state;

    capnp_build(&b, bytes, sizeof bytes);
    struct capnp_target root = capnp_put_root(&b, 2, 3);
    capnp_put(&b, &root, 0, 0x11, 1);
    capnp_put(&b, &root, 2, 0x2222, 2);
    capnp_put(&b, &root, 4, 0x33333333, 4);
    capnp_put(&b, &root, 8, 0x4444444444444444, 8);
    capnp_put_text(&b, &root, 0, "text");
    struct capnp_target list = capnp_put_structs(&b, &root, 1, 3, 1, 1);
    for (uint32_t i = 0; i < 3; i++) {
        struct capnp_target e = capnp_put_element(&list, i);
        capnp_put(&b, &e, 0, i + 7, 8);
        capnp_put_text(&b, &e, 0, i == 1 ? "" : "seven b");
    }
    struct capnp_target texts = capnp_put_texts(&b, &root, 2, 2);
    capnp_put_text(&b, &texts, 0, "one");
    capnp_put_text(&b, &texts, 1, "two and more");
    size_t size = capnp_finish(&b);
    assert_true(size > 0 && size % 8 == 0);

    assert_int_equal(capnp_open(&r, bytes, size, LIMIT), CAPNP_OK);
    struct capnp_struct s = capnp_root(&r);
    assert_int_equal(capnp_u8(&s, 0), 0x11);
    assert_int_equal(capnp_u16(&s, 2), 0x2222);
    assert_int_equal(capnp_u32(&s, 4), 0x33333333);
    assert_int_equal(capnp_u64(&s, 8), 0x4444444444444444);
    assert_string_equal(capnp_text(&s, 0), "text");
    struct capnp_list read = capnp_structs(&s, 1);
    assert_int_equal(read.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct capnp_struct e = capnp_struct_at(&read, i);
        assert_int_equal(capnp_u64(&e, 0), i + 7);
        assert_string_equal(capnp_text(&e, 0), i == 1 ? "" : "seven b");
    }
    struct capnp_list words = capnp_texts(&s, 2);
    assert_int_equal(words.count, 2);
    assert_string_equal(capnp_text_at(&words, 0), "one");
    assert_string_equal(capnp_text_at(&words, 1), "two and more");
    assert_int_equal(r.error, CAPNP_OK);
    /* What the writer did not know is zero and empty. */
    assert_int_equal(capnp_u64(&s, 16), 0);
    assert_int_equal(capnp_u16(&s, 15), 0);
    assert_string_equal(capnp_text(&s, 3), "");
    assert_int_equal(capnp_structs(&s, 9).count, 0);
    assert_int_equal(capnp_u32(&(struct capnp_struct){0}, 0), 0);
}

static void a_builder_that_is_full_says_so(void **state)
{
    uint8_t bytes[512];
    (void)state;

    for (size_t size = 0; size < sizeof bytes; size++) {
        struct capnp_builder b;
        uint8_t *exact = malloc(size + 1);
        assert_non_null(exact);
        capnp_build(&b, exact, size);
        struct capnp_target root = capnp_put_root(&b, 1, 2);
        capnp_put(&b, &root, 0, 1, 8);
        struct capnp_target list = capnp_put_structs(&b, &root, 1, 4, 2, 1);
        for (uint32_t i = 0; i < 4; i++) {
            struct capnp_target e = capnp_put_element(&list, i);
            capnp_put(&b, &e, 8, i, 8);
            capnp_put_text(&b, &e, 0, "some text that takes room");
        }
        size_t written = capnp_finish(&b);
        assert_true((written != 0) == (size >= 8 + 8 * (1 + 3 + 1 + 12 + 16)));
        assert_true(written <= size);
        free(exact);
    }
}

static void pointers_out_of_the_message_are_refused(void **state)
{
    (void)state;
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, 0), CAPNP_OK);
    assert_int_equal(VISIT(struct_pointer(0, 1, 2), 0, 0), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT(struct_pointer(1000, 0, 0)), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT(struct_pointer(-3, 1, 0)), CAPNP_OUT_OF_BOUNDS);
    /* Texts and lists. */
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 1), 0, 0), CAPNP_OK);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 9), 0, 0), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 0x1fffffff), 0, 0), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(-5, 2, 1), 0, 0), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 1), struct_pointer(1, 1, 0), 0), CAPNP_OK);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 2), struct_pointer(1, 1, 0), 0),
                     CAPNP_OUT_OF_BOUNDS);
    /* Far pointers: a segment that is not there, a pad behind the end. */
    assert_int_equal(VISIT((uint64_t)1 << 32 | 2), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT((uint64_t)9 << 3 | 2), CAPNP_OUT_OF_BOUNDS);
    assert_int_equal(VISIT((uint64_t)0 << 3 | 6), CAPNP_OUT_OF_BOUNDS);
}

static void pointers_of_the_wrong_kind_are_refused(void **state)
{
    (void)state;
    assert_int_equal(VISIT(list_pointer(0, 2, 1), 0), CAPNP_BAD_POINTER);
    assert_int_equal(VISIT(3), CAPNP_BAD_POINTER);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), struct_pointer(1, 1, 0), 0, 0), CAPNP_BAD_POINTER);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 3, 1), 0, 0), CAPNP_BAD_POINTER);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 2, 1), 0), CAPNP_BAD_POINTER);
    /* The tag of a list: no struct, or more elements than words. */
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 1), list_pointer(1, 0, 0), 0),
                     CAPNP_BAD_POINTER);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 1), struct_pointer(2, 1, 0), 0),
                     CAPNP_BAD_POINTER);
    /* A far pointer to itself, and one to another far pointer. */
    assert_int_equal(VISIT(2), CAPNP_BAD_POINTER);
    assert_int_equal(VISIT((uint64_t)1 << 3 | 2, (uint64_t)2 << 3 | 2, 0), CAPNP_BAD_POINTER);
}

static void far_pointers_are_followed(void **state)
{
    const uint64_t second = (uint64_t)1 << 32;
    struct capnp_reader r;
    (void)state;

    /* Two segments (their count less one, their words); the second has what the root points to. */
    const uint64_t single[] = {(uint64_t)1 << 32 | 1, 2, second | 2, struct_pointer(0, 1, 0), 42};
    assert_int_equal(capnp_open(&r, single, sizeof single, LIMIT), CAPNP_OK);
    struct capnp_struct root = capnp_root(&r);
    assert_int_equal(capnp_u64(&root, 0), 42);
    const uint64_t twice[] = {(uint64_t)3 << 32 | 1, 1, 1 << 3 | 6, second | 2, struct_pointer(0, 1, 0), 43};
    assert_int_equal(capnp_open(&r, twice, sizeof twice, LIMIT), CAPNP_OK);
    root = capnp_root(&r);
    assert_int_equal(capnp_u64(&root, 0), 43);
    assert_int_equal(r.error, CAPNP_OK);
}

static void texts_end_where_they_say(void **state)
{
    (void)state;
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 4), 0, 0x00636261), CAPNP_OK);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 3), 0, 0x00636261), CAPNP_BAD_TEXT);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 5), 0, 0x00636261), CAPNP_BAD_TEXT);
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), list_pointer(1, 2, 0), 0, 0), CAPNP_BAD_TEXT);
}

static void small_messages_cannot_look_large(void **state)
{
    (void)state;
    /* Half a billion elements without a word each. */
    assert_int_equal(VISIT(struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 0), struct_pointer(0x1fffffff, 0, 0)),
                     CAPNP_TOO_LARGE);
    /* The same text many times. */
    uint64_t words[260] = {struct_pointer(0, 0, 2), 0, list_pointer(0, 7, 256), struct_pointer(256, 0, 1)};
    for (int i = 0; i < 256; i++)
        words[4 + i] = list_pointer(-i - 5, 2, 8); /* the root pointer's bytes: no text */
    assert_int_equal(visit(words, 260, 100), CAPNP_TOO_LARGE);
}

static void framing_is_checked(void **state)
{
    struct capnp_reader r;
    uint8_t *bytes = calloc(1, 64);
    (void)state;

    assert_non_null(bytes);
    assert_int_equal(capnp_open(&r, bytes, 0, LIMIT), CAPNP_TRUNCATED);
    assert_int_equal(capnp_open(&r, bytes, 7, LIMIT), CAPNP_TRUNCATED);
    assert_int_equal(capnp_open(&r, bytes, 8, LIMIT), CAPNP_OK);
    assert_int_equal(capnp_root(&r).pointer_count, 0);
    assert_int_equal(r.error, CAPNP_OUT_OF_BOUNDS);
    bytes[4] = 2;
    assert_int_equal(capnp_open(&r, bytes, 23, LIMIT), CAPNP_TRUNCATED);
    assert_int_equal(capnp_open(&r, bytes, 24, LIMIT), CAPNP_OK);
    memset(bytes, 0xff, 4);
    assert_int_equal(capnp_open(&r, bytes, 64, LIMIT), CAPNP_BAD_SEGMENTS);
    memset(bytes, 0, 4);
    bytes[0] = CAPNP_SEGMENTS_MAX;
    assert_int_equal(capnp_open(&r, bytes, 64, LIMIT), CAPNP_BAD_SEGMENTS);
    bytes[0] = CAPNP_SEGMENTS_MAX - 1;
    assert_int_equal(capnp_open(&r, bytes, 64, LIMIT), CAPNP_TRUNCATED);
    memset(bytes, 0xff, 64);
    memset(bytes, 0, 4);
    assert_int_equal(capnp_open(&r, bytes, 64, LIMIT), CAPNP_TRUNCATED);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("capnp: what is built is read", what_is_built_is_read),
        TEST("capnp: a builder that is full says so, and writes no byte too far", a_builder_that_is_full_says_so),
        TEST("capnp: pointers out of the message are refused", pointers_out_of_the_message_are_refused),
        TEST("capnp: pointers of the wrong kind are refused", pointers_of_the_wrong_kind_are_refused),
        TEST("capnp: far pointers are followed, once and twice", far_pointers_are_followed),
        TEST("capnp: texts end where they say", texts_end_where_they_say),
        TEST("capnp: small messages cannot be made to look large", small_messages_cannot_look_large),
        TEST("capnp: the framing is checked against the size", framing_is_checked),
    };

    return RUN_TESTS(tests);
}
