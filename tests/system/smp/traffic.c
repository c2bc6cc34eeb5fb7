/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and words between threads on different cores. */
#include "smp.h"

/* ---- calls ---- */

#define PAIRS 2u

struct pair {
    mnos_handle_t endpoint;
    unsigned server_core, client_core;
    uint64_t calls, wrong;
};
static struct pair pair[PAIRS];

static void pin(unsigned core)
{
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1ull << core % machine_cores(), 0);
}

static void pair_server(void *arg)
{
    struct pair *p = arg;
    mnos_handle_t reply = new_reply();

    pin(p->server_core);
    struct mnos_fast m = mnos_fast_recv(p->endpoint, reply);
    while (m.status == 0 && m.label != UINT64_MAX)
        m = mnos_fast_reply(p->endpoint, reply, m.label + 1, m.word[0] * 3, m.word[1] ^ m.label, m.word[2], m.word[3]);
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    mnos_cap_delete(reply);
}

static void pair_client(void *arg)
{
    struct pair *p = arg;
    uint64_t seed = p->endpoint | 1;

    pin(p->client_core);
    for (uint64_t n = 0; n < p->calls; n++) {
        uint64_t a = random_next(&seed), b = random_next(&seed);
        struct mnos_fast m = mnos_fast_call(p->endpoint, n, a, b, n, ~n);
        p->wrong += m.status != 0 || m.label != n + 1 || m.word[0] != a * 3 || m.word[1] != (b ^ n) || m.word[2] != n ||
                    m.word[3] != ~n;
    }
    mnos_fast_call(p->endpoint, UINT64_MAX, 0, 0, 0, 0);
}

static void calls_across(void)
{
    struct mnos_thread *server[PAIRS], *client[PAIRS];
    uint64_t wrong = 0, calls = machine_option("full") ? 200000 : 2000;

    for (unsigned i = 0; i < PAIRS; i++) {
        pair[i] =
            (struct pair){.endpoint = new_endpoint(), .server_core = 2 * i, .client_core = 2 * i + 1, .calls = calls};
        server[i] = thread_start(pair_server, &pair[i], NULL, NULL);
        client[i] = thread_start(pair_client, &pair[i], NULL, NULL);
    }
    for (unsigned i = 0; i < PAIRS; i++) {
        thread_join(client[i]);
        thread_join(server[i]);
        wrong += pair[i].wrong;
        mnos_cap_delete(pair[i].endpoint);
    }
    tap_ok(wrong == 0, "calls between pinned threads on different cores: every word of every answer is right");
    tap_diag("%lu calls", calls * PAIRS);
}

/* ---- words ---- */

#define ADDERS 8u

static struct mnos_mutex mutex;
static uint64_t guarded, unguarded;

static void add_under_lock(void *arg)
{
    pin((unsigned)(uint64_t)arg);
    for (unsigned i = 0; i < 20000; i++) {
        mutex_lock(&mutex);
        guarded++;
        mutex_unlock(&mutex);
        __atomic_add_fetch(&unguarded, 1, __ATOMIC_RELAXED);
    }
}

static void contended_words(void)
{
    struct mnos_thread *thread[ADDERS];

    for (uint64_t i = 0; i < ADDERS; i++)
        thread[i] = thread_start(add_under_lock, (void *)i, NULL, NULL);
    for (unsigned i = 0; i < ADDERS; i++)
        thread_join(thread[i]);
    tap_ok(guarded == 20000 * ADDERS && unguarded == guarded, "a lock that all cores want counts exactly");
}

/* A wake races with the deadline of the wait: one of the two ends it, and no wake is lost. */
static uint32_t race_word;
static uint64_t race_woken, race_timed_out, race_other;
static uint32_t race_stop;

static void race_waiter(void *arg)
{
    uint64_t seed = (uint64_t)arg + 1;

    while (!__atomic_load_n(&race_stop, __ATOMIC_RELAXED)) {
        int64_t status = mnos_thread_block(&race_word, 0, clock_ns() + random_next(&seed) % 60000, MNOS_WAIT_PRIVATE);
        uint64_t *count = status == 0 ? &race_woken : status == -MNOS_E_TIMED_OUT ? &race_timed_out : &race_other;
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    }
}

static void wake_races(void)
{
    struct mnos_thread *thread[4];
    uint64_t seed = 99, told = 0, end = clock_ns() + 400 * MNOS_MS;

    for (uint64_t i = 0; i < 4; i++)
        thread[i] = thread_start(race_waiter, (void *)i, NULL, NULL);
    while (clock_ns() < end) {
        int64_t woken = mnos_thread_wake((uint64_t)&race_word, 1 + random_next(&seed) % 3, 0, 0, MNOS_WAIT_PRIVATE);
        told += woken > 0 ? (uint64_t)woken : 0;
        if (random_next(&seed) % 8 == 0)
            sleep_ns(random_next(&seed) % 50000);
    }
    __atomic_store_n(&race_stop, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    tap_ok(told == race_woken && race_other == 0 && race_timed_out > 0 && race_woken > 0,
           "wakes that race with deadlines: as many waits end woken as wakes were told");
    tap_diag("%lu wakes told, %lu woken, %lu timed out", told, race_woken, race_timed_out);
}

/* A call's deadline races with its being received and answered. */
static mnos_handle_t race_endpoint;
static uint64_t answered, withdrawn, odd, received;

static void deadline_caller(void *arg)
{
    uint64_t seed = (uint64_t)arg + 7;

    for (unsigned i = 0; i < 1500; i++) {
        struct mnos_msg msg = {.label = i};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.deadline = clock_ns() + random_next(&seed) % 80000;
        int64_t status = mnos_ipc_call(race_endpoint, &msg, &ext);
        uint64_t *count = status == 0 && msg.label == i + 1 ? &answered
                          : status == -MNOS_E_TIMED_OUT     ? &withdrawn
                                                            : &odd;
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    }
    mnos_fast_call(race_endpoint, UINT64_MAX, 0, 0, 0, 0);
}

static void deadline_races(void)
{
    struct mnos_thread *thread[3];
    mnos_handle_t reply = new_reply();
    uint64_t seed = 5, cancelled = 0;
    unsigned left = 3;

    race_endpoint = new_endpoint();
    for (uint64_t i = 0; i < 3; i++)
        thread[i] = thread_start(deadline_caller, (void *)i, NULL, NULL);
    while (left > 0) {
        struct mnos_msg msg = {0};
        if (mnos_ipc_recv(race_endpoint, &msg, NULL, reply) < 0)
            break;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_CANCEL) {
            cancelled++;
            continue;
        }
        if (msg.label == UINT64_MAX)
            left--;
        else
            received++;
        if (random_next(&seed) % 4 == 0)
            sleep_ns(random_next(&seed) % 60000);
        msg.label++;
        mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    }
    for (unsigned i = 0; i < 3; i++)
        thread_join(thread[i]);
    tap_ok(answered == received && answered + withdrawn == 4500 && odd == 0 && answered > 0,
           "calls whose deadlines race with their service are answered once or never received");
    tap_diag("%lu answered, %lu withdrawn, %lu cancelled, %lu odd", answered, withdrawn, cancelled, odd);
    mnos_cap_delete(reply);
    mnos_cap_delete(race_endpoint);
}

/* ---- kills ---- */

static void kill_running(void)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE);
    volatile uint64_t *word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    struct tally tally = {0};

    for (unsigned round = 0; round < 100; round++) {
        struct tiny t = {.program = TINY_COUNT,
                         .data = memory,
                         .data_size = MNOS_PAGE_SIZE,
                         .arg = {TINY_DATA},
                         .priority = 50,
                         .affinity = 1ull << round % machine_cores()};
        mnos_handle_t thread, process = must(tiny_start(&t, &thread), "a process");
        word[0] = 0;
        for (unsigned n = 0; n < 5000 && word[0] == 0; n++)
            sleep_ns(100000);
        if (round % 2) {
            tally_status(&tally, mnos_proc_destroy(process, 0), MNOS_OK, "a kill", round);
        } else {
            tally_status(&tally, mnos_thread_destroy(thread), MNOS_OK, "the end of its thread", round);
            for (unsigned n = 0; n < 5000 && inspect(thread).state != MNOS_STATE_DEAD; n++)
                sleep_ns(100000);
        }
        uint64_t after = word[0];
        for (volatile unsigned i = 0; i < 2000; i++)
            ;
        tally_check(&tally, after > 0 && word[0] == after && inspect(thread).state == MNOS_STATE_DEAD,
                    "not one instruction later", after);
        mnos_cap_delete(thread);
        mnos_proc_destroy(process, 0);
        mnos_cap_delete(process);
    }
    tally_done(&tally, "threads that run on other cores are ended there");
    unmap_memory((void *)word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
}

void traffic_tests(void)
{
    calls_across();
    contended_words();
    wake_races();
    deadline_races();
    kill_running();
}
