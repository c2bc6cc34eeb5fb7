/* SPDX-License-Identifier: BSD-2-Clause */
#include <range_more.h>

#include "proof.h"

#define USER_LIMIT 0x0000800000000000u

/* A number near which sums wrap or a limit is met: around a power of two, the user's limit, or 0. */
static uint64_t boundary_value(void)
{
    uint32_t choice = proof_choose(66);
    uint64_t near = choice < 64 ? (uint64_t)1 << choice : choice == 64 ? 0 : USER_LIMIT - 4096;

    return near + proof_choose(3) - 1;
}

static void user_range_check_is_exact_at_boundaries(void)
{
    static const uint64_t limits[] = {0, 1, 4096, USER_LIMIT - 4096, USER_LIMIT, (uint64_t)1 << 63, UINT64_MAX};
    uint64_t limit = limits[proof_choose(sizeof limits / sizeof limits[0])];
    uint64_t address = boundary_value(), length = boundary_value();

    PROVE(user_range_ok(address, length, limit) == ((__uint128_t)address + length <= limit));
}

/* Numbers of 8 bits as the top ones of 64: every carry out of the top that 16-bit sums have. */
static void user_range_check_is_exact_for_scaled_values(void)
{
    uint64_t address = proof_choose(256), limit = proof_choose(256);

    for (uint64_t length = 0; length < 256; length++) {
        PROVE(user_range_ok(address << 56, length << 56, limit << 56) == (address + length <= limit));
        PROVE(user_range_ok(address, length, limit) == (address + length <= limit));
    }
}

/* Every byte of `moved` is inside both buffers, and one more would not be, or was not asked for. */
static void copy_check(uint64_t from, uint64_t from_size, uint64_t to, uint64_t to_size, uint64_t length,
                       unsigned shift)
{
    uint64_t moved =
        range_copy_length(from << shift, from_size << shift, to << shift, to_size << shift, length << shift);
    uint64_t from_room = from < from_size ? from_size - from : 0, to_room = to < to_size ? to_size - to : 0;
    uint64_t room = from_room < to_room ? from_room : to_room;

    PROVE(moved == (length < room ? length : room) << shift);
}

static void copies_stay_in_both_buffers_and_are_longest(void)
{
    uint64_t from = proof_choose(16), from_size = proof_choose(16);
    uint64_t to = proof_choose(16), to_size = proof_choose(16);

    for (uint64_t length = 0; length < 16; length++) {
        copy_check(from, from_size, to, to_size, length, 0);
        copy_check(from, from_size, to, to_size, length, 60);
    }
}

static void overlap_is_a_shared_byte(void)
{
    uint64_t a = proof_choose(12), a_length = proof_choose(12), b = proof_choose(12), b_length = proof_choose(12);
    bool shared = false;

    for (uint64_t byte = a; byte < a + a_length; byte++)
        shared |= byte >= b && byte < b + b_length;
    PROVE(range_overlaps(a, a_length, b, b_length) == shared);
}

const struct proof proofs[] = {
    {"range: the user range check is exact at all boundaries", user_range_check_is_exact_at_boundaries},
    {"range: the user range check is exact for all scaled values", user_range_check_is_exact_for_scaled_values},
    {"range: message copies stay in both buffers and are the longest possible",
     copies_stay_in_both_buffers_and_are_longest},
    {"range: overlap is a shared byte", overlap_is_a_shared_byte},
    {NULL, NULL},
};
