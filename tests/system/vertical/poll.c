/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll over two servers.  One call to each: the server answers which of the sources asked for are ready, or arms a one-shot bit in
 * the caller's notification, in one step; the caller waits on the notification and asks again.  No event is missed.
 */
#include "vertical.h"

#define SOURCES 4u
#define EVENTS  400u

#define POLL   1u /* word 0: mask of sources, word 1: the bit to set; answer: mask of those ready */
#define TAKE   2u /* word 0: source; answer: 1 if it had an event */
#define MAKE   3u /* word 0: source: an event happens */
#define FINISH 4u

/* The server: events per source, and at most one armed waiter. */
int poll_role(int argc, char **argv)
{
    mnos_handle_t endpoint = mnos_cap("service"), bell = mnos_cap("bell"), reply = new_reply();
    uint64_t pending[SOURCES] = {0}, armed = 0, armed_bit = 0;
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);

    (void)argc, (void)argv;
    while (m.status == 0 && m.label != FINISH) {
        uint64_t answer = 0;
        if (m.label == POLL) {
            for (unsigned i = 0; i < SOURCES; i++)
                answer |= pending[i] > 0 ? (1ull << i) & m.word[0] : 0;
            armed = answer == 0 ? m.word[0] : 0;
            armed_bit = m.word[1];
        } else if (m.label == TAKE && m.word[0] < SOURCES && pending[m.word[0]] > 0) {
            pending[m.word[0]]--;
            answer = 1;
        } else if (m.label == MAKE && m.word[0] < SOURCES) {
            pending[m.word[0]]++;
            if ((armed >> m.word[0] & 1) != 0) {
                armed = 0;
                mnos_ipc_notify(bell, armed_bit);
            }
        }
        m = mnos_fast_reply(endpoint, reply, 0, answer, 0, 0, 0);
    }
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    return 42;
}

static mnos_handle_t server_cap[2];

static void maker(void *arg)
{
    uint64_t seed = (uint64_t)arg + 5;

    for (unsigned i = 0; i < EVENTS; i++) {
        struct mnos_fast m = mnos_fast_call(server_cap[(uint64_t)arg], MAKE, random_next(&seed) % SOURCES, 0, 0, 0);
        if (m.status != 0 || m.label != 0)
            tap_diag("event %u: %s, label %lu", i, mnos_error_name(m.status), m.label);
        if (random_next(&seed) % 3 == 0)
            sleep_ns(random_next(&seed) % 100000);
    }
}

void poll_tests(void)
{
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t bell = new_notification(), endpoint[2];
    struct spawn_child server[2];
    struct mnos_thread *thread[2];
    uint64_t taken = 0, waits = 0, empty = 0, missed = 0;

    for (unsigned k = 0; k < 2; k++) {
        endpoint[k] = new_endpoint();
        server_cap[k] = mint(endpoint[k], MNOS_RIGHT_SEND, 0);
        const struct spawn_cap caps[] = {{.name = "service", .handle = endpoint[k], .rights = MNOS_RIGHT_RECV},
                                         {.name = "bell", .handle = bell, .rights = MNOS_RIGHT_SEND}};
        server[k] = test_spawn("poll", caps, 2);
    }
    for (uint64_t k = 0; k < 2; k++)
        thread[k] = thread_start(maker, (void *)k, NULL, NULL);
    while (taken < 2 * EVENTS) {
        uint64_t ready[2];
        for (unsigned k = 0; k < 2; k++)
            ready[k] = mnos_fast_call(server_cap[k], POLL, (1u << SOURCES) - 1, 1ull << k, 0, 0).word[0];
        if ((ready[0] | ready[1]) == 0) {
            struct mnos_msg msg = {0};
            struct mnos_ipc_ext ext = MNOS_EXT_INIT;
            ext.deadline = clock_ns() + 5 * MNOS_S;
            waits++;
            if (mnos_ipc_recv(bell, &msg, &ext, MNOS_NONE) < 0) {
                missed++;
                break;
            }
            continue;
        }
        for (unsigned k = 0; k < 2; k++)
            for (unsigned i = 0; i < SOURCES; i++)
                if ((ready[k] >> i & 1) != 0) {
                    uint64_t got = mnos_fast_call(server_cap[k], TAKE, i, 0, 0, 0).word[0];
                    taken += got;
                    empty += got == 0;
                }
    }
    for (unsigned k = 0; k < 2; k++) {
        thread_join(thread[k]);
        mnos_fast_call(server_cap[k], FINISH, 0, 0, 0, 0);
    }
    tap_ok(taken == 2 * EVENTS && missed == 0 && empty == 0,
           "readiness over two servers: one call each, a one-shot bit, and no event is missed");
    tap_ok(waits > 0, "the caller waited in between");
    tap_diag("%lu events, %lu waits", taken, waits);
    bool ended = true;
    for (unsigned k = 0; k < 2; k++) {
        ended &= test_wait(&server[k]) == 42;
        mnos_cap_delete(server_cap[k]);
        mnos_cap_delete(endpoint[k]);
    }
    tap_ok(ended, "both servers end well");
    mnos_cap_delete(bell);
    ledger_same(&before, "and leave nothing behind");
}
