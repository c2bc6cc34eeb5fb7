/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/requests.c */
#include "host_test.h"

#include <boot/requests.h>

enum { WORDS = 256 };

#define BASE 0xffffffff80200000u

static uint64_t image[WORDS];
static struct request_set set;

static void put(unsigned at, const uint64_t *words, unsigned count)
{
    memcpy(image + at, words, count * sizeof *words);
}

static void put_tag(unsigned at, uint64_t revision)
{
    const uint64_t tag[] = LIMINE_BASE_REVISION(revision);
    put(at, tag, 3);
}

static void put_request(unsigned at, uint64_t id2, uint64_t id3)
{
    const uint64_t request[6] = {LIMINE_COMMON_MAGIC_0, LIMINE_COMMON_MAGIC_1, id2, id3};
    put(at, request, 6);
}

static void put_start(unsigned at)
{
    const uint64_t marker[] = LIMINE_REQUESTS_START_MARKER;
    put(at, marker, 4);
}

static void put_end(unsigned at)
{
    const uint64_t marker[] = LIMINE_REQUESTS_END_MARKER;
    put(at, marker, 2);
}

static const char *find(void)
{
    return requests_find(image, sizeof image, BASE, NULL, 0, &set);
}

static int clear(void **state)
{
    (void)state;
    memset(image, 0, sizeof image);
    return 0;
}

static void no_tag_means_revision_0(void **state)
{
    (void)state;
    put_request(10, LIMINE_ID_HHDM);
    assert_null(find());
    assert_true(set.revision == 0 && set.tag == NULL && set.count == 1);
    requests_answer_tag(&set);
}

static void supported_revisions_are_acknowledged(void **state)
{
    (void)state;
    for (uint64_t revision = 0; revision <= BASE_REVISION_MAX; revision++) {
        put_tag(7, revision);
        assert_null(find());
        assert_int_equal(set.revision, revision);
        requests_answer_tag(&set);
        assert_int_equal(image[8], revision);
        assert_int_equal(image[9], 0);
    }
}

static void newer_revisions_get_the_newest_known(void **state)
{
    (void)state;
    static const uint64_t wanted[] = {4, 5, UINT64_MAX};
    for (unsigned i = 0; i < 3; i++) {
        put_tag(7, wanted[i]);
        assert_null(find());
        requests_answer_tag(&set);
        assert_int_equal(set.revision, BASE_REVISION_MAX);
        assert_int_equal(image[8], BASE_REVISION_MAX);
        assert_true(image[9] == wanted[i]);
    }
}

static void two_tags_are_refused(void **state)
{
    (void)state;
    put_tag(0, 2);
    put_tag(20, 3);
    assert_string_equal(find(), "the kernel has two base revision tags");
}

static void same_request_twice_is_refused(void **state)
{
    (void)state;
    put_request(0, 1, 2);
    put_request(6, 1, 3);
    assert_null(find());
    put_request(12, 1, 2);
    assert_string_equal(find(), "the kernel has the same request twice");
}

static void only_between_markers(void **state)
{
    (void)state;
    put_request(0, 1, 1);
    put_start(10);
    put_request(20, 2, 2);
    put_tag(30, 2);
    put_end(40);
    put_request(50, 3, 3);
    assert_null(find());
    assert_int_equal(set.count, 1);
    assert_true(set.found[0]->id[2] == 2);
    assert_int_equal(set.revision, 2);
}

static void last_start_and_first_end_count(void **state)
{
    (void)state;
    put_start(0);
    put_request(10, 1, 1);
    put_start(20);
    put_request(30, 2, 2);
    put_end(40);
    put_request(50, 3, 3);
    put_end(60);
    assert_null(find());
    assert_int_equal(set.count, 1);
    assert_true(set.found[0]->id[2] == 2);
}

static void end_before_start_leaves_nothing(void **state)
{
    (void)state;
    put_end(0);
    put_request(10, 1, 1);
    put_start(20);
    put_request(30, 2, 2);
    assert_null(find());
    assert_int_equal(set.count, 0);
}

static void requests_at_the_very_end(void **state)
{
    (void)state;
    put_request(WORDS - 6, LIMINE_ID_HHDM);
    assert_null(find());
    assert_int_equal(set.count, 1);
    assert_non_null(requests_get(&set, image, sizeof image, LIMINE_ID_HHDM, 48));
    assert_null(requests_get(&set, image, sizeof image, LIMINE_ID_HHDM, 56));
    clear(NULL);
    put_request(WORDS - 5 - 1, LIMINE_ID_HHDM);
    memmove(image + WORDS - 5, image + WORDS - 6, 40);
    image[WORDS - 6] = 0;
    assert_null(find());
    assert_int_equal(set.count, 0);
}

static void too_many_requests_are_refused(void **state)
{
    (void)state;
    static uint64_t many[(REQUESTS_MAX + 1) * 6];
    for (unsigned i = 0; i <= REQUESTS_MAX; i++) {
        const uint64_t request[6] = {LIMINE_COMMON_MAGIC_0, LIMINE_COMMON_MAGIC_1, i, i};
        memcpy(many + (size_t)i * 6, request, sizeof request);
    }
    assert_null(requests_find(many, sizeof many - 48, BASE, NULL, 0, &set));
    assert_string_equal(requests_find(many, sizeof many, BASE, NULL, 0, &set), "the kernel has too many requests");
}

static void list_counts_in_revision_0_only(void **state)
{
    (void)state;
    const uint64_t list[] = {BASE + 80, 0, BASE + 160};
    put_request(10, 1, 1);
    put_request(20, 2, 2);
    assert_null(requests_find(image, sizeof image, BASE, list, 3, &set));
    assert_int_equal(set.count, 1);
    put_tag(40, 1);
    assert_null(requests_find(image, sizeof image, BASE, list, 3, &set));
    assert_int_equal(set.count, 2);
}

static void list_outside_the_image_is_refused(void **state)
{
    (void)state;
    const uint64_t wrong[] = {1, BASE - 8, BASE + sizeof image, BASE + sizeof image - 40, BASE + 4};
    for (unsigned i = 0; i < 5; i++)
        assert_string_equal(requests_find(image, sizeof image, BASE, wrong + i, 1, &set),
                            "the section .limine_reqs names a request outside the kernel");
}

#define FRESH(sentence, function)                                                                                      \
    {                                                                                                                  \
        sentence, function, clear, NULL, NULL                                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH("no tag means base revision 0", no_tag_means_revision_0),
        FRESH("supported base revisions are acknowledged", supported_revisions_are_acknowledged),
        FRESH("newer base revisions get the newest known and stay unacknowledged",
              newer_revisions_get_the_newest_known),
        FRESH("two base revision tags are refused", two_tags_are_refused),
        FRESH("the same request twice is refused", same_request_twice_is_refused),
        FRESH("requests count between the markers only", only_between_markers),
        FRESH("the last start marker and the first end marker count", last_start_and_first_end_count),
        FRESH("an end marker before the start marker leaves nothing", end_before_start_leaves_nothing),
        FRESH("a request at the end of the image is not read past it", requests_at_the_very_end),
        FRESH("too many requests are refused", too_many_requests_are_refused),
        FRESH(".limine_reqs counts in base revision 0 only", list_counts_in_revision_0_only),
        FRESH(".limine_reqs outside the image is refused", list_outside_the_image_is_refused),
    };
    return RUN_TESTS(tests);
}
