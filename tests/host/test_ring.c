/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/ring/ */
/* LIBS: -lpthread */
/* The ring between two processes: order, sleep, and another side that writes what it likes. */
#include "host_test.h"

#include <pthread.h>
#include <ring.h>
#include <sched.h>

#define SIZE    16u
#define ENTRIES 300000u

struct entry {
    uint64_t number, square;
};

static _Alignas(64) unsigned char memory[sizeof(struct ring_shared) + SIZE * sizeof(struct entry)];

static void open_both(struct ring *producer, struct ring *consumer)
{
    memset(memory, 0, sizeof memory);
    ring_open(producer, memory, SIZE, sizeof(struct entry));
    ring_open(consumer, memory, SIZE, sizeof(struct entry));
}

static void full_and_empty_are_told(void **state)
{
    struct ring producer, consumer;
    struct entry e;

    (void)state;
    open_both(&producer, &consumer);
    assert_int_equal(sizeof memory, ring_bytes(SIZE, sizeof e));
    assert_int_equal(ring_take(&consumer, &e), RING_EMPTY);
    for (uint64_t round = 0; round < 100; round++) {
        for (uint64_t i = 0; i < SIZE; i++)
            assert_int_equal(ring_put(&producer, &(struct entry){i, round}), RING_OK);
        assert_int_equal(ring_put(&producer, &e), RING_FULL);
        for (uint64_t i = 0; i < SIZE; i++) {
            assert_int_equal(ring_take(&consumer, &e), RING_OK);
            assert_true(e.number == i && e.square == round);
        }
        assert_int_equal(ring_take(&consumer, &e), RING_EMPTY);
    }
}

static struct ring thread_producer, thread_consumer;

static void *produce(void *arg)
{
    unsigned *notified = arg;

    for (uint64_t i = 0; i < ENTRIES; i++) {
        while (ring_put(&thread_producer, &(struct entry){i, i * i}) == RING_FULL)
            sched_yield();
        if (ring_must_notify(&thread_producer))
            __atomic_add_fetch(notified, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* A consumer that sleeps until it is notified: a lost notification would leave it waiting for ever. */
static void nobody_sleeps_over_an_entry(void **state)
{
    unsigned notified = 0, seen = 0;
    pthread_t thread;

    (void)state;
    open_both(&thread_producer, &thread_consumer);
    pthread_create(&thread, NULL, produce, &notified);
    for (uint64_t i = 0; i < ENTRIES;) {
        struct entry e;
        if (ring_take(&thread_consumer, &e) == RING_OK) {
            assert_true(e.number == i && e.square == i * i);
            i++;
        } else if (ring_sleep(&thread_consumer)) {
            unsigned now, spins = 0;
            while ((now = __atomic_load_n(&notified, __ATOMIC_SEQ_CST)) == seen) {
                sched_yield();
                assert_true(++spins < 100000000);
            }
            seen = now;
        }
    }
    pthread_join(thread, NULL);
}

static void hostile_counters_are_told(void **state)
{
    struct rng rng = rng_seeded(5);
    struct ring producer, consumer;
    struct ring_shared *shared = (struct ring_shared *)(void *)memory;
    struct entry e;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        open_both(&producer, &consumer);
        uint32_t claim = (uint32_t)rng_magnitude(&rng);
        shared->put = claim;
        shared->taken = claim;
        enum ring_result take = ring_take(&consumer, &e);
        assert_int_equal(take, claim == 0 ? RING_EMPTY : claim <= SIZE ? RING_OK : RING_BROKEN);
        for (unsigned n = 0; n < SIZE; n++)
            assert_int_equal(ring_put(&producer, &e), RING_OK);
        shared->taken = claim;
        enum ring_result put = ring_put(&producer, &e);
        assert_int_equal(put, claim == 0 ? RING_FULL : claim <= SIZE ? RING_OK : RING_BROKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("shared ring: full and empty are told, entries come in order", full_and_empty_are_told),
        TEST("shared ring: a consumer that sleeps is notified of what comes", nobody_sleeps_over_an_entry),
        TEST("shared ring: impossible counters are told and touch nothing", hostile_counters_are_told),
    };

    return RUN_TESTS(tests);
}
