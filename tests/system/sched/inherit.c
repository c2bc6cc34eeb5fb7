/* SPDX-License-Identifier: BSD-2-Clause */
/* Priority inheritance: who has to queue lifts the server that is busy with somebody else, and whom that one waits for. */
#include "sched.h"

#define STATIONS 3
#define WORK     1000000u
#define LONG     7u           /* the request that takes long: it begins when `gate` opens */
#define LOW      20u
#define MEDIUM   60u

/* A server that passes each request on to the next one, or works on it, and notes the order in which they came. */
static struct station {
    mnos_handle_t endpoint, next;
    struct mnos_thread *thread;
    uint64_t came[8];
    unsigned count;
} station[STATIONS];
static uint64_t progress;
static uint32_t begun, gate;

struct client {
    struct mnos_thread *thread;
    mnos_handle_t endpoint;
    uint64_t word, took;
    uint32_t done;
};

static void work(void)
{
    __atomic_store_n(&begun, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&gate, __ATOMIC_ACQUIRE))
        __atomic_add_fetch(&progress, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < WORK; i++)
        __atomic_store_n(&progress, progress + 1, __ATOMIC_RELAXED);
}

static void station_run(void *arg)
{
    struct station *s = arg;
    mnos_handle_t reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(s->endpoint, reply);

    while (m.status == 0 && m.label == 0) {
        uint64_t word = m.word[0];
        s->came[s->count++ % 8] = word;
        if (s->next != MNOS_NONE)
            mnos_fast_call(s->next, 0, word, 0, 0, 0);
        else if (word == LONG)
            work();
        m = mnos_fast_reply(s->endpoint, reply, 0, word + 1, 0, 0, 0);
    }
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    mnos_cap_delete(reply);
}

static void client_run(void *arg)
{
    struct client *c = arg;
    uint64_t start = clock_ns();
    struct mnos_fast m = mnos_fast_call(c->endpoint, 0, c->word, 0, 0, 0);

    c->took = clock_ns() - start;
    __atomic_store_n(&c->done, m.status == 0 && m.word[0] == c->word + 1, __ATOMIC_RELEASE);
}

static void client_start(struct client *c, mnos_handle_t endpoint, uint64_t word, uint32_t priority)
{
    *c = (struct client){.endpoint = endpoint, .word = word};
    c->thread = thread_start(client_run, c, &(struct mnos_thread_options){.priority = priority, .affinity = 1}, NULL);
}

static bool client_done(struct client *c)
{
    for (unsigned i = 0; i < 100 && !__atomic_load_n(&c->done, __ATOMIC_ACQUIRE); i++)
        sleep_ns(20 * MNOS_MS);
    return __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);
}

static void stations_start(unsigned count)
{
    begun = gate = 0;
    for (unsigned i = count; i-- > 0;) {
        station[i] = (struct station){.endpoint = new_endpoint(), .next = i + 1 < count ? station[i + 1].endpoint : MNOS_NONE};
        station[i].thread = thread_start(station_run, &station[i],
                                         &(struct mnos_thread_options){.priority = LOW, .affinity = 1}, NULL);
        becomes(thread_handle(station[i].thread), MNOS_STATE_BLOCKED);
    }
}

static void stations_stop(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        mnos_fast_call(station[i].endpoint, 1, 0, 0, 0, 0);
        thread_join(station[i].thread);
        mnos_cap_delete(station[i].endpoint);
    }
}

/* The last station works for an unimportant client, and a spinner of medium priority keeps it from going on. */
static bool all_stand(struct client *low, mnos_handle_t endpoint)
{
    client_start(low, endpoint, LONG, LOW + 10);
    for (unsigned i = 0; i < 100 && !__atomic_load_n(&begun, __ATOMIC_ACQUIRE); i++)
        sleep_ns(20 * MNOS_MS);
    spin_start(0, MEDIUM, 1);
    bool good = spinner_advances(0);
    uint64_t stood = __atomic_load_n(&progress, __ATOMIC_RELAXED);
    good = good && spinner_advances(0) && __atomic_load_n(&progress, __ATOMIC_RELAXED) == stood;
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    return good && !low->done;
}

static void chain(unsigned length, const char *name)
{
    struct client low, high, late;

    stations_start(length);
    bool stood = all_stand(&low, station[0].endpoint);
    client_start(&high, station[0].endpoint, 1, MEDIUM + 20);
    bool came = client_done(&high);
    /* Its own work, that which it had to wait for, and nothing of what is less important. */
    tap_ok(stood && came && (!exact() || high.took < 20 * MNOS_MS), "%s", name);
    tap_diag("stood %d, came %d after %lu us", stood, came, high.took / 1000);
    client_start(&late, station[0].endpoint, 2, LOW + 10);
    bool spun = true;
    for (unsigned i = 0; i < 5; i++)
        spun = spun && spinner_advances(0);
    tap_ok(came && spun && !late.done && !low.done, "and what was lent is given back with the answer");
    spin_stop();
    thread_join(low.thread);
    thread_join(high.thread);
    thread_join(late.thread);
    stations_stop(length);
}

/* Station 0 waits in the queue of station 1, behind a client that is more important than itself. */
static void overtakes(void)
{
    struct client low, first, slow, high;

    stations_start(2);
    bool stood = all_stand(&low, station[1].endpoint);
    client_start(&slow, station[0].endpoint, 1, LOW + 5);
    client_start(&first, station[1].endpoint, 2, LOW + 20);
    /* For both to be queued the spinner makes room for a moment. */
    mnos_thread_control(thread_handle(spinner[0].thread), MNOS_THREADCTL_PRIORITY, 1, 0);
    mnos_thread_control(thread_handle(station[1].thread), MNOS_THREADCTL_SUSPEND, 0, 0);
    for (unsigned i = 0; i < 50 && station[0].count < 1; i++)
        sleep_ns(20 * MNOS_MS);
    becomes(thread_handle(station[0].thread), MNOS_STATE_BLOCKED);
    becomes(thread_handle(first.thread), MNOS_STATE_BLOCKED);
    mnos_thread_control(thread_handle(spinner[0].thread), MNOS_THREADCTL_PRIORITY, MEDIUM, 0);
    client_start(&high, station[0].endpoint, 3, MEDIUM + 20);
    becomes(thread_handle(high.thread), MNOS_STATE_BLOCKED);
    mnos_thread_control(thread_handle(station[1].thread), MNOS_THREADCTL_RESUME, 0, 0);
    bool came = client_done(&high);
    tap_ok(stood && came && station[1].came[0] == LONG && station[1].came[1] == 1 && station[1].came[2] == 2,
           "a server that queues itself gets the place of who waits for it");
    tap_diag("came %lu %lu %lu %lu", station[1].came[0], station[1].came[1], station[1].came[2], station[1].came[3]);
    spin_stop();
    thread_join(low.thread);
    thread_join(slow.thread);
    thread_join(first.thread);
    thread_join(high.thread);
    stations_stop(2);
}

void inherit_tests(void)
{
    chain(1, "an important caller that queues lifts the server that is busy with another one");
    chain(STATIONS, "and so it does along a chain of servers that wait for each other");
    overtakes();
}
