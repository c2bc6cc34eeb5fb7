/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host tests share: cmocka with readable test names, and a seeded random source.
 *
 * A property test draws from one struct rng.  Its seed is fixed, or MNOS_SEED from the environment; when a test fails,
 * the seeds in use are printed, so that the run can be repeated.
 */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A test named by a sentence; the ids of the promise rows that it shows stand in brackets at the end. */
#define TEST(sentence, function)                                                                                       \
    {                                                                                                                  \
        sentence, function, NULL, NULL, NULL                                                                           \
    }
#define RUN_TESTS(tests) cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL)

struct rng {
    uint64_t state;
};

static inline struct rng rng_seeded(uint64_t seed)
{
    const char *wanted = getenv("MNOS_SEED");

    if (wanted != NULL)
        seed = strtoull(wanted, NULL, 0);
    print_message("# seed: MNOS_SEED=%llu\n", (unsigned long long)seed);
    return (struct rng){.state = seed};
}

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Below `limit`, which is not 0. */
static inline uint64_t rng_below(struct rng *rng, uint64_t limit)
{
    return rng_next(rng) % limit;
}

/* A number of random magnitude, so that small ones, and ones near powers of two, are frequent. */
static inline uint64_t rng_magnitude(struct rng *rng)
{
    uint64_t value = rng_next(rng) >> rng_below(rng, 64);

    switch (rng_below(rng, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX - (value & 0xff);
    case 2:
        return ((uint64_t)1 << rng_below(rng, 64)) - rng_below(rng, 3);
    default:
        return value;
    }
}

#endif
