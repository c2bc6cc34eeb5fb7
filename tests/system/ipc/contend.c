/* SPDX-License-Identifier: BSD-2-Clause */
/* One Reply that several threads receive with, at two endpoints, while it is closed and made anew. */
#include <libmnos/thread.h>

#include "../common/machine.h"
#include "ipc_test.h"

#define ROUNDS 1500u
#define US     (MNOS_MS / 1000)

static mnos_handle_t place[2], shared;
static uint32_t stop;
static uint64_t received, answered, called;
static struct tally results;

static bool expected(int64_t status)
{
    static const int allowed[] = {MNOS_E_BADCAP,  MNOS_E_BUSY,      MNOS_E_TIMED_OUT,  MNOS_E_PEER_GONE,
                                  MNOS_E_BADTYPE, MNOS_E_NOT_FOUND, MNOS_E_INTERRUPTED};

    if (status >= 0)
        return true;
    for (unsigned i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (status == -allowed[i])
            return true;
    return false;
}

static bool going_on(void)
{
    return __atomic_load_n(&stop, __ATOMIC_ACQUIRE) == 0;
}

static void receiver_run(void *arg)
{
    mnos_handle_t from = place[*(const unsigned *)arg];
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    struct mnos_msg msg = {0};

    while (going_on()) {
        mnos_handle_t with = __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
        ext.deadline = clock_ns() + 20 * US;
        int64_t status = mnos_ipc_recv(from, &msg, &ext, with);
        tally_check(&results, expected(status), "a receive", (uint64_t)status);
        if (status < 0 || MNOS_INFO_KIND(msg.info) != MNOS_KIND_CALL)
            continue;
        __atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
        msg.label++;
        status = mnos_ipc_reply(MNOS_NONE, &msg, NULL, with);
        tally_check(&results, expected(status), "an answer", (uint64_t)status);
        __atomic_add_fetch(&answered, status == 0, __ATOMIC_RELAXED);
    }
}

static void caller_run(void *arg)
{
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    for (uint64_t n = *(const unsigned *)arg; going_on(); n++) {
        struct mnos_msg msg = {.label = n};
        ext.deadline = clock_ns() + 50 * US;
        int64_t status = mnos_ipc_call(place[n % 2], &msg, &ext);
        tally_check(&results, expected(status) && (status < 0 || msg.label == n + 1), "a call", (uint64_t)status);
        __atomic_add_fetch(&called, status == 0, __ATOMIC_RELAXED);
    }
}

/* ---- a capability that is revoked while its holder begins to wait through it ---- */

static mnos_handle_t source, derived;
static uint64_t rounds, finished;

static void waiter_run(void *arg)
{
    const unsigned kind = *(const unsigned *)arg;
    struct mnos_msg msg = {0};

    while (going_on()) {
        int64_t made = mnos_cap_create(MNOS_CREATE_MINT, source, MNOS_RIGHT_RECV, 0, 0);
        if (made >= 0) {
            __atomic_store_n(&derived, (mnos_handle_t)made, __ATOMIC_RELEASE);
            int64_t status = mnos_ipc_recv((mnos_handle_t)made, &msg, NULL, kind == 0 ? reply : MNOS_NONE);
            tally_check(&results, status == -MNOS_E_BADCAP || status == -MNOS_E_PEER_GONE, "a wait", (uint64_t)status);
        }
        __atomic_store_n(&derived, MNOS_NONE, __ATOMIC_RELEASE);
        __atomic_add_fetch(&rounds, 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&finished, 1, __ATOMIC_RELEASE);
}

/* Waits for it to be something else, ten seconds at most. */
static bool leaves(const uint64_t *word, uint64_t value)
{
    uint64_t end = clock_ns() + 10 * MNOS_S;

    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value && clock_ns() < end)
        if (machine_cores() == 1)
            sleep_ns(10 * US);
    return __atomic_load_n(word, __ATOMIC_ACQUIRE) != value;
}

static void revoked_wait(mnos_handle_t object, unsigned kind, const char *name)
{
    struct mnos_thread *thread;
    uint64_t random = 1, done = 0;
    bool back = true;

    source = object;
    results = (struct tally){0};
    derived = MNOS_NONE;
    stop = 0;
    rounds = finished = 0;
    thread = thread_start(waiter_run, &kind, NULL, NULL);
    for (; done < ROUNDS && back; done++) {
        uint64_t before = __atomic_load_n(&rounds, __ATOMIC_ACQUIRE);
        (void)leaves(&derived, MNOS_NONE);
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        uint64_t end = clock_ns() + (random >> 40) % 4000;
        while (clock_ns() < end)
            __asm__ volatile("pause" : : : "memory"); /* gives the sibling the core, and reads nothing ahead of time */
        mnos_cap_revoke(source);
        back = leaves(&rounds, before);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    tap_ok(back, "%s", name);
    tap_diag("after %lu times", done);
    tally_done(&results, "its wait ends with an error");
    /* It may have begun another wait. */
    for (uint64_t end = clock_ns() + 10 * MNOS_S;
         __atomic_load_n(&finished, __ATOMIC_ACQUIRE) == 0 && clock_ns() < end;) {
        mnos_cap_revoke(source);
        sleep_ns(MNOS_MS);
    }
    thread_join(thread);
    mnos_cap_delete(source);
}

void revoked_waits(void)
{
    revoked_wait(new_endpoint(), 0, "nobody receives from an endpoint through a capability that was revoked meanwhile");
    revoked_wait(new_notification(), 1, "nobody waits for bits through a capability that was revoked meanwhile");
}

void contended_reply(void)
{
    static unsigned number[4] = {0, 1, 0, 1};
    struct mnos_thread *thread[4];
    uint64_t random = 1;

    place[0] = new_endpoint();
    place[1] = new_endpoint();
    shared = new_reply();
    for (unsigned i = 0; i < 4; i++)
        thread[i] = thread_start(i < 2 ? receiver_run : caller_run, &number[i], NULL, NULL);
    for (unsigned n = 0; n < ROUNDS; n++) {
        mnos_handle_t old = shared;
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        uint64_t end = clock_ns() + (random >> 40) % 30 * US;
        if (machine_cores() == 1)
            sleep_ns((random >> 40) % 30 * US);
        while (clock_ns() < end)
            __asm__ volatile("pause" : : : "memory"); /* gives the sibling the core, and reads nothing ahead of time */
        __atomic_store_n(&shared, new_reply(), __ATOMIC_RELEASE);
        mnos_cap_delete(old);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    mnos_cap_delete(shared);
    mnos_cap_delete(place[0]);
    mnos_cap_delete(place[1]);
    tap_diag("%lu received, %lu answered, %lu calls had their answer", received, answered, called);
    tap_ok(called > 0 && called <= answered && answered <= received, "a call has its answer from who received it");
    tally_done(
        &results,
        "threads share a Reply, which is closed meanwhile: all get results of the table, and nobody waits for ever");
}
