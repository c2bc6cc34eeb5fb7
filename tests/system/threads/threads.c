/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: life, registers, waiting, upcalls; and what libmnos builds on them. */
#include <libmnos/heap.h>
#include <libmnos/sync.h>
#include <libmnos/thread.h>

#include "threads.h"

static _Thread_local uint64_t tls_number = 0x1234;
static _Thread_local char tls_zero[100];

/* ---- life ---- */

static uint32_t counter;

static void count_up(void *arg)
{
    __atomic_add_fetch(&counter, (uint32_t)(uint64_t)arg, __ATOMIC_ACQ_REL);
}

static void life(void)
{
    struct mnos_info_ledger before;
    bool all = true;

    thread_join(thread_start(count_up, (void *)1, NULL, NULL));
    tap_eq(counter, 1, "a thread runs and is joined [M063]");
    counter = 0;
    before = ledger_now();
    for (unsigned i = 0; i < 2000 && all; i++) {
        struct mnos_thread *thread = thread_start(count_up, (void *)1, NULL, NULL);
        all = thread != NULL;
        if (all)
            thread_join(thread);
    }
    tap_ok(all && counter == 2000, "two thousand, one after the other");
    ledger_same(&before, "leave nothing behind [M236]");

    struct mnos_thread *many[64];
    counter = 0;
    for (unsigned i = 0; i < 64; i++)
        many[i] = thread_start(count_up, (void *)2, NULL, NULL);
    for (unsigned i = 0; i < 64; i++)
        thread_join(many[i]);
    tap_eq(counter, 128, "sixty-four at once");
    ledger_same(&before, "nor do they");
}

/* ---- thread-local storage ---- */

static uint32_t tls_wrong;

static void tls_thread(void *arg)
{
    uint64_t mine = (uint64_t)arg;

    if (tls_number != 0x1234 || tls_zero[0] != 0 || tls_zero[99] != 0)
        __atomic_add_fetch(&tls_wrong, 1, __ATOMIC_ACQ_REL);
    for (unsigned i = 0; i < 100; i++) {
        tls_number = mine;
        tls_zero[99] = (char)mine;
        mnos_thread_yield();
        if (tls_number != mine || tls_zero[99] != (char)mine)
            __atomic_add_fetch(&tls_wrong, 1, __ATOMIC_ACQ_REL);
    }
}

static void thread_local_storage(void)
{
    struct mnos_thread *thread[4];

    for (uint64_t i = 0; i < 4; i++)
        thread[i] = thread_start(tls_thread, (void *)(i + 1), NULL, NULL);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    tap_ok(tls_wrong == 0 && tls_number == 0x1234,
           "thread-local variables start right and are each thread's own [M125]");
}

/* ---- yield ---- */

static uint32_t turns[64], turn_count;
static uint32_t ready_count;

static void take_turns(void *arg)
{
    __atomic_add_fetch(&ready_count, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&ready_count, __ATOMIC_ACQUIRE) < 2)
        mnos_thread_yield();
    for (unsigned i = 0; i < 20; i++) {
        uint32_t at = __atomic_fetch_add(&turn_count, 1, __ATOMIC_ACQ_REL);
        turns[at % 64] = (uint32_t)(uint64_t)arg;
        mnos_thread_yield();
    }
}

static void yielding(void)
{
    const struct mnos_thread_options here = {.affinity = 1, .priority = 50};
    struct mnos_thread *a = thread_start(take_turns, (void *)1, &here, NULL);
    struct mnos_thread *b = thread_start(take_turns, (void *)2, &here, NULL);
    unsigned alternations = 0;

    thread_join(a);
    thread_join(b);
    for (unsigned i = 1; i < 38; i++)
        alternations += turns[i] != turns[i - 1];
    tap_ok(turn_count == 40 && alternations >= 36, "two threads that yield on one core alternate [M065]");
    tap_diag("%u alternations of 37", alternations);
}

/* ---- block and wake ---- */

static uint32_t word;
static int64_t block_status;

static void block_on_word(void *arg)
{
    block_status = mnos_thread_block(&word, 7, MNOS_FOREVER, (uint64_t)arg);
}

static void block_and_wake(void)
{
    uint32_t odd[2] = {0};

    word = 7;
    tap_status(mnos_thread_block(&word, 8, MNOS_FOREVER, MNOS_WAIT_PRIVATE), MNOS_E_WOULD_BLOCK,
               "a word with another value is not waited on");
    tap_status(mnos_thread_block(&word, 7, clock_ns() + 20 * MNOS_MS, MNOS_WAIT_PRIVATE), MNOS_E_TIMED_OUT,
               "a wait ends with its deadline");
    tap_eq(mnos_thread_wake((uint64_t)&word, 1, 0, 0, MNOS_WAIT_PRIVATE), 0, "a wake without waiters wakes none");
    struct mnos_thread *thread = thread_start(block_on_word, (void *)MNOS_WAIT_PRIVATE, NULL, NULL);
    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    tap_eq(mnos_thread_wake((uint64_t)&word, 5, 0, 0, MNOS_WAIT_PRIVATE), 1, "a wake tells how many it woke [M066]");
    thread_join(thread);
    tap_status(block_status, MNOS_OK, "and the waiter goes on");

    struct tally tally = {0};
    for (unsigned i = 0; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_thread_block((void *)(bad_pointers[i] & ~3ull), 0, 1, MNOS_WAIT_PRIVATE),
                     MNOS_E_FAULT, "address", bad_pointers[i]);
    for (unsigned by = 1; by < 4; by++) {
        tally_status(&tally, mnos_thread_block((char *)odd + by, 0, 1, MNOS_WAIT_PRIVATE), MNOS_E_UNALIGNED, "odd", by);
        tally_status(&tally, mnos_thread_wake((uint64_t)odd + by, 1, 0, 0, MNOS_WAIT_PRIVATE), MNOS_E_UNALIGNED, "odd",
                     by);
    }
    tally_status(&tally, mnos_thread_block(&word, 7, 1, 9), MNOS_E_INVALID, "flags", 9);
    tally_done(&tally, "wrong words are refused [M067]");
}

static void requeue(void)
{
    static uint32_t other;
    struct mnos_thread *thread[5];

    word = 7;
    for (unsigned i = 0; i < 5; i++)
        thread[i] = thread_start(block_on_word, (void *)MNOS_WAIT_PRIVATE, NULL, NULL);
    for (unsigned i = 0; i < 5; i++)
        becomes(thread_handle(thread[i]), MNOS_STATE_BLOCKED);
    tap_eq(mnos_thread_wake((uint64_t)&word, 0, (uint64_t)&word, UINT64_MAX, MNOS_WAIT_PRIVATE), 0,
           "waiters are not moved to the word that they wait on");
    tap_eq(mnos_thread_wake((uint64_t)&word, 0, 0, UINT64_MAX, MNOS_WAIT_PRIVATE), 0, "nor to none");
    tap_eq(mnos_thread_wake((uint64_t)&word, 1, (uint64_t)&other, 3, MNOS_WAIT_PRIVATE), 4,
           "one waiter is woken and three are moved to another word");
    tap_eq(mnos_thread_wake((uint64_t)&other, 99, 0, 0, MNOS_WAIT_PRIVATE), 3, "where they are found");
    tap_eq(mnos_thread_wake((uint64_t)&word, 99, 0, 0, MNOS_WAIT_PRIVATE), 1, "the fifth stayed");
    for (unsigned i = 0; i < 5; i++)
        thread_join(thread[i]);
}

static void park(void *arg)
{
    (void)arg;
    block_status = mnos_thread_block(NULL, 0, MNOS_FOREVER, MNOS_WAIT_PARK);
    word = 1;
    block_status = mnos_thread_block(NULL, 0, MNOS_FOREVER, MNOS_WAIT_PARK);
}

static void parking(void)
{
    word = 0;
    struct mnos_thread *thread = thread_start(park, NULL, &(struct mnos_thread_options){.priority = 50}, NULL);
    tap_status(mnos_thread_wake(thread_handle(thread), 1, 0, 0, MNOS_WAIT_PARK), MNOS_OK,
               "a thread is woken by capability");
    for (unsigned i = 0; i < 10000 && __atomic_load_n(&word, __ATOMIC_ACQUIRE) != 1; i++)
        sleep_ns(MNOS_MS);
    tap_eq(__atomic_load_n(&word, __ATOMIC_ACQUIRE), 1, "a wake that comes before the wait is not lost [M066]");
    mnos_thread_wake(thread_handle(thread), 1, 0, 0, MNOS_WAIT_PARK);
    thread_join(thread);
    tap_status(block_status, MNOS_OK, "a parked thread goes on");
}

/* ---- locks ---- */

#define LOCK_ROUNDS 20000u

static struct mnos_mutex mutex;
static struct mnos_cond cond;
static uint64_t guarded;
static unsigned arrived;

static void lock_often(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < LOCK_ROUNDS; i++) {
        mutex_lock(&mutex);
        guarded++;
        mutex_unlock(&mutex);
    }
}

static void barrier_wait(void *arg)
{
    (void)arg;
    mutex_lock(&mutex);
    if (++arrived == 8)
        cond_broadcast(&cond, &mutex);
    while (arrived < 8)
        cond_wait(&cond, &mutex);
    mutex_unlock(&mutex);
}

static void locks(void)
{
    struct mnos_thread *thread[8];

    for (unsigned i = 0; i < 4; i++)
        thread[i] = thread_start(lock_often, NULL, NULL, NULL);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    tap_eq((int64_t)guarded, 4 * LOCK_ROUNDS, "a mutex keeps four threads apart");
    for (unsigned i = 0; i < 8; i++)
        thread[i] = thread_start(barrier_wait, NULL, NULL, NULL);
    for (unsigned i = 0; i < 8; i++)
        thread_join(thread[i]);
    tap_eq(arrived, 8, "a condition wakes all who wait");
    mutex_lock(&mutex);
    tap_ok(!mutex_try(&mutex), "a mutex that is held cannot be taken");
    tap_ok(!cond_wait_until(&cond, &mutex, clock_ns() + 10 * MNOS_MS), "a wait for a condition has a deadline");
    mutex_unlock(&mutex);
}

/* ---- the heap ---- */

#define HEAP_OPS     1000000u
#define HEAP_OBJECTS 1000u

static void heap_stress(void)
{
    static struct {
        unsigned char *bytes;
        size_t size;
    } object[HEAP_OBJECTS];
    struct heap_stats stats;
    uint64_t seed = 12345;
    unsigned damaged = 0, failed = 0;

    for (unsigned i = 0; i < HEAP_OPS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned k = (unsigned)(seed >> 33) % HEAP_OBJECTS;
        if (object[k].bytes) {
            damaged +=
                object[k].bytes[0] != (unsigned char)k || object[k].bytes[object[k].size - 1] != (unsigned char)k;
            free(object[k].bytes);
            object[k].bytes = NULL;
            continue;
        }
        object[k].size = 1 + (seed >> 20) % ((seed & 63) == 0 ? 30000 : 600);
        object[k].bytes = malloc(object[k].size);
        failed += object[k].bytes == NULL;
        if (object[k].bytes) {
            object[k].bytes[0] = (unsigned char)k;
            object[k].bytes[object[k].size - 1] = (unsigned char)k;
        }
        if (i % 100000 == 0)
            heap_check();
    }
    heap_check();
    for (unsigned k = 0; k < HEAP_OBJECTS; k++)
        free(object[k].bytes);
    heap_stats(&stats);
    tap_ok(damaged == 0 && failed == 0 && stats.objects == 0, "a million heap operations of random sizes keep every "
                                                              "canary [M097 M241]");
    unsigned char *v = NULL;
    bool kept = true;
    for (size_t size = 1; size <= 1 << 20; size *= 2) {
        v = realloc(v, size);
        for (size_t i = size / 2; v && i < size; i++)
            v[i] = (unsigned char)i;
    }
    for (size_t i = 0; v && i < 1 << 20; i++)
        kept &= v[i] == (unsigned char)i;
    tap_ok(v && kept, "an array grows to a megabyte and keeps what is in it [M243]");
    free(v);
}

static uint32_t heap_wrong;

static void heap_thread(void *arg)
{
    uint64_t seed = (uint64_t)arg;

    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t size = 1 + (seed >> 40) % 500;
        unsigned char *p = malloc(size);
        if (!p) {
            __atomic_add_fetch(&heap_wrong, 1, __ATOMIC_ACQ_REL);
            continue;
        }
        memset(p, (int)seed, size);
        if ((i & 63) == 0)
            mnos_thread_yield();
        if (p[0] != (unsigned char)seed || p[size - 1] != (unsigned char)seed)
            __atomic_add_fetch(&heap_wrong, 1, __ATOMIC_ACQ_REL);
        free(p);
    }
}

static void heap_threads(void)
{
    struct mnos_thread *thread[4];

    for (uint64_t i = 0; i < 4; i++)
        thread[i] = thread_start(heap_thread, (void *)(i + 1), NULL, NULL);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    heap_check();
    tap_eq(heap_wrong, 0, "four threads share the heap");
}

static void tests(void)
{
    struct mnos_info_ledger before;
    void *warm = malloc(100);

    free(warm);
    before = ledger_now();
    life();
    thread_local_storage();
    yielding();
    block_and_wake();
    requeue();
    parking();
    locks();
    control_tests();
    ledger_same(&before, "after all of it every count is what it was");
    heap_stress();
    heap_threads();
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, NULL, 0, tests);
}
