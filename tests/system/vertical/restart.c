/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server is killed again and again and started anew.  This program keeps RECV, as init does: clients that are queued notice
 * nothing, those whose call the dead server had received get PEER_GONE and ask again.
 */
#include "vertical.h"

#define CLIENTS  6u
#define RESTARTS 10u

static mnos_handle_t service, client_cap;
static uint64_t right, repeated, odd;
static uint32_t enough;

/* The server: answers with the sum, slowly. */
int restart_role(int argc, char **argv)
{
    mnos_handle_t endpoint = mnos_cap("service"), reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);

    (void)argc, (void)argv;
    while (m.status == 0) {
        for (volatile unsigned i = 0; i < 3000; i++)
            ;
        m = mnos_fast_reply(endpoint, reply, m.label, m.word[0] + m.word[1], 0, 0, 0);
    }
    return 1;
}

static void client(void *arg)
{
    uint64_t seed = (uint64_t)arg + 1;

    for (unsigned i = 0; !__atomic_load_n(&enough, __ATOMIC_RELAXED);) {
        uint64_t a = random_next(&seed), b = random_next(&seed);
        struct mnos_fast m = mnos_fast_call(client_cap, i, a, b, 0, 0);
        if (m.status == -MNOS_E_PEER_GONE) {
            __atomic_add_fetch(&repeated, 1, __ATOMIC_RELAXED);
            continue;
        }
        uint64_t *count = m.status == 0 && m.label == i && m.word[0] == a + b ? &right : &odd;
        if (count == &odd)
            tap_diag("call %u: %s, label %lu, %lu for %lu", i, mnos_error_name(m.status), m.label, m.word[0], a + b);
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
        i++;
    }
}

void restart_tests(void)
{
    struct mnos_info_ledger before = ledger_now();
    struct mnos_thread *thread[CLIENTS];
    uint64_t seed = 8, restarts = 0, starved = 0;

    service = new_endpoint();
    client_cap = mint(service, MNOS_RIGHT_SEND, 0);
    const struct spawn_cap cap = {.name = "service", .handle = service, .rights = MNOS_RIGHT_RECV};
    struct spawn_child server = test_spawn("restart", &cap, 1);
    for (uint64_t i = 0; i < CLIENTS; i++)
        thread[i] = thread_start(client, (void *)i, NULL, NULL);
    for (; restarts < RESTARTS; restarts++) {
        uint64_t had = __atomic_load_n(&right, __ATOMIC_RELAXED), limit = clock_ns() + 10 * MNOS_S;
        sleep_ns(2 * MNOS_MS + random_next(&seed) % (8 * MNOS_MS));
        while (__atomic_load_n(&right, __ATOMIC_RELAXED) == had && clock_ns() < limit)
            sleep_ns(MNOS_MS);
        starved += clock_ns() >= limit;
        spawn_drop(&server);
        server = test_spawn("restart", &cap, 1);
    }
    __atomic_store_n(&enough, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < CLIENTS; i++)
        thread_join(thread[i]);
    tap_ok(right > 0 && odd == 0 && starved == 0,
           "clients of a server that is killed and restarted under them get every answer, right");
    tap_ok(repeated <= restarts, "at most one call, the one being served, is lost with each server");
    tap_diag("%lu answers, %lu restarts, %lu calls asked again", right, restarts, repeated);
    spawn_drop(&server);
    mnos_cap_delete(client_cap);
    mnos_cap_delete(service);
    ledger_same(&before, "and the dead servers leave nothing behind");
}
