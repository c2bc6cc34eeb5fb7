/* SPDX-License-Identifier: BSD-2-Clause */
/* Turns of equals, where one of them has a more important server do most of its work: the quantum ends there. */
#include "sched.h"

#define IMPORTANT (SPIN_PRIORITY + 20)
#define WORK_NS   MNOS_MS
#define WINDOWS   5u

static uint32_t stop;

static void serve(void *arg)
{
    mnos_handle_t endpoint = *(mnos_handle_t *)arg, reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);

    while (m.status == 0 && m.label == 0) {
        for (uint64_t start = clock_ns(); clock_ns() - start < WORK_NS;)
            ;
        m = mnos_fast_reply(endpoint, reply, 0, 0, 0, 0, 0);
    }
    mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
    mnos_cap_delete(reply);
}

static void call_on(void *arg)
{
    mnos_handle_t endpoint = *(mnos_handle_t *)arg;

    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        mnos_fast_call(endpoint, 0, 0, 0, 0, 0);
}

void turn_tests(void)
{
    mnos_handle_t endpoint = new_endpoint();
    struct mnos_thread *server =
        thread_start(serve, &endpoint, &(struct mnos_thread_options){.priority = IMPORTANT, .affinity = 1}, NULL);
    unsigned advanced = 0;

    becomes(thread_handle(server), MNOS_STATE_BLOCKED);
    stop = 0;
    struct mnos_thread *caller =
        thread_start(call_on, &endpoint, &(struct mnos_thread_options){.priority = SPIN_PRIORITY, .affinity = 1}, NULL);
    spin_start(0, SPIN_PRIORITY, 1);
    for (unsigned i = 0; i < WINDOWS; i++) {
        uint64_t before = spin_count(0);
        sleep_ns(200 * MNOS_MS);
        advanced += spin_count(0) > before;
    }
    tap_eq(advanced, WINDOWS, "who calls a more important server without pause leaves its equals their turn");
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    spin_stop();
    thread_join(caller);
    mnos_fast_call(endpoint, 1, 0, 0, 0, 0);
    thread_join(server);
    mnos_cap_delete(endpoint);
}
