/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers are killed while threads call them all the time.  A kill counts if an operation was in flight: a call that had begun
 * before init was asked, and that had not been answered when init said that it was done.
 */
#include "turmoil.h"

#define CALLERS 6u

enum server { ALPHA, BETA, GAMMA, SERVERS };
static const char *const names[SERVERS] = {"alpha", "beta", "gamma"};

struct caller {
    enum server server;
    mnos_handle_t to;
    uint64_t random;
    /* Written by the caller, read by who kills. */
    uint64_t begun, answered, failed; /* calls: each that has begun ends as one of the other two */
    uint64_t wrong;
};
static struct caller callers[CALLERS];
static bool stop;

static uint64_t get(const uint64_t *value)
{
    return __atomic_load_n(value, __ATOMIC_SEQ_CST);
}

static void count(uint64_t *value)
{
    __atomic_store_n(value, *value + 1, __ATOMIC_SEQ_CST);
}

static bool stopped(void)
{
    return __atomic_load_n(&stop, __ATOMIC_SEQ_CST);
}

/* One that registered itself has a new endpoint after each start. */
static void server_find(struct caller *c)
{
    mnos_handle_t found = MNOS_NONE;

    while (!stopped() && names_lookup(mnos_cap("init"), names[c->server], &found) != 0)
        sleep_ns(MNOS_MS / 4);
    if (c->to != MNOS_NONE)
        mnos_cap_delete(c->to);
    c->to = found;
}

/* The same request until it is answered: what fails is made again. */
static void request_make(struct caller *c)
{
    uint64_t number = c->random = turmoil_work(c->random + 1);

    while (!stopped()) {
        struct mnos_msg msg = {.label = TURMOIL_WORK, .word = {number}};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.deadline = clock_ns() + PATIENCE;
        count(&c->begun);
        int64_t status = mnos_ipc_call(c->to, &msg, &ext);
        if (status == 0) {
            if (msg.word[0] != turmoil_work(number))
                count(&c->wrong);
            count(&c->answered);
            return;
        }
        if (status != -MNOS_E_PEER_GONE && status != -MNOS_E_BADCAP)
            count(&c->wrong);
        count(&c->failed);
        server_find(c);
    }
}

static void call_all(void *arg)
{
    struct caller *c = arg;

    server_find(c);
    while (!stopped())
        request_make(c);
    if (c->to != MNOS_NONE)
        mnos_cap_delete(c->to);
    c->to = MNOS_NONE;
}

static unsigned calls_out(enum server server)
{
    unsigned out = 0;

    for (unsigned i = 0; i < CALLERS; i++)
        out +=
            callers[i].server == server && get(&callers[i].begun) > get(&callers[i].answered) + get(&callers[i].failed);
    return out;
}

/* How many operations the kill met; each was then failed, or waits for the next instance.  0: it does not count. */
static unsigned server_kill(enum server server)
{
    uint64_t begun[CALLERS], answered[CALLERS], failures[CALLERS];
    uint64_t deadline = clock_ns() + PATIENCE;
    unsigned met = 0;

    struct init_status s = turmoil_status(names[server]);
    while ((s.state != INIT_STATE_RUNNING || calls_out(server) == 0) && clock_ns() < deadline) {
        sleep_ns(MNOS_MS / 10);
        s = turmoil_status(names[server]);
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        answered[i] = get(&callers[i].answered);
        failures[i] = get(&callers[i].failed);
        begun[i] = get(&callers[i].begun);
    }
    if (s.state != INIT_STATE_RUNNING || init_kill(mnos_cap("init"), s.pid) < 0)
        return 0;
    for (unsigned i = 0; i < CALLERS; i++) {
        if (callers[i].server != server || begun[i] <= answered[i] + failures[i] ||
            get(&callers[i].answered) != answered[i])
            continue;
        met++;
    }
    return met;
}

/* Everybody's requests are answered again. */
static bool all_go_on(void)
{
    uint64_t answered[CALLERS], deadline = clock_ns() + PATIENCE;

    for (unsigned i = 0; i < CALLERS; i++)
        answered[i] = get(&callers[i].answered);
    for (unsigned i = 0; i < CALLERS; i++)
        while (get(&callers[i].answered) == answered[i]) {
            if (clock_ns() > deadline)
                return false;
            sleep_ns(MNOS_MS / 4);
        }
    return true;
}

static void totals_judge(unsigned kills, unsigned done, unsigned went_on)
{
    uint64_t begun = 0, answered = 0, failed = 0, wrong = 0, restarts = 0;

    for (unsigned i = 0; i < CALLERS; i++) {
        begun += callers[i].begun;
        answered += callers[i].answered;
        failed += callers[i].failed;
        wrong += callers[i].wrong;
    }
    for (unsigned i = 0; i < SERVERS; i++)
        restarts += turmoil_status(names[i]).restarts;
    tap_eq(done, kills, "services were killed with operations in flight, %u times", done);
    tap_eq(went_on, done, "after each kill every client's requests were answered again [M088]");
    tap_eq((int64_t)wrong, 0, "no answer was wrong, no call ended otherwise than with its answer or PEER_GONE");
    tap_ok(begun == answered + failed && failed > 0, "%lu calls: %lu answered, %lu failed and made again, none lost",
           begun, answered, failed);
    tap_ok(restarts >= done, "init started them again, %lu times", restarts);
}

void kills_judge(unsigned kills)
{
    /* As important as the servers, and less than who kills: it finds them at work. */
    const struct mnos_thread_options options = {.priority = 100};
    struct mnos_thread *thread[CALLERS];
    unsigned done = 0, went_on = 0;

    __atomic_store_n(&stop, false, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.server = i % SERVERS, .to = MNOS_NONE, .random = i};
        thread[i] = thread_start(call_all, &callers[i], &options, NULL);
    }
    for (unsigned tries = 0; done < kills && tries < 20 * kills; tries++) {
        enum server server = (enum server)(turmoil_random() % SERVERS);
        unsigned met = server_kill(server);
        if (met == 0)
            continue;
        done++;
        printf("# kill %u: %s with %u operations in flight\n", done, names[server], met);
        went_on += all_go_on();
    }
    __atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < CALLERS; i++)
        if (thread[i])
            thread_join(thread[i]);
    totals_judge(kills, done, went_on);
    tap_eq(turmoil_differences(true), 0, "and nobody holds anything beyond the manifest's closure");
}
