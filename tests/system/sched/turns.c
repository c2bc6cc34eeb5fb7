/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns of equals, where one of them has a more important server do most of its work: the quantum ends there.  And who waits inside
 * the kernel for what a less important thread of its core has begun leaves it the core.
 */
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

#define COPIES 300u
#define ROUNDS 60u

static struct {
    mnos_handle_t middle; /* 0: end */
    uint32_t round, done;
} revocation;

static void revoke_middle(void *arg)
{
    (void)arg;
    for (uint32_t round = 0;; round++) {
        while (__atomic_load_n(&revocation.round, __ATOMIC_ACQUIRE) == round)
            mnos_thread_block(&revocation.round, round, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
        if (revocation.middle == 0)
            return;
        mnos_cap_revoke(revocation.middle);
        __atomic_add_fetch(&revocation.done, 1, __ATOMIC_RELEASE);
    }
}

static void next_round(mnos_handle_t middle)
{
    revocation.middle = middle;
    __atomic_add_fetch(&revocation.round, 1, __ATOMIC_RELEASE);
    mnos_thread_wake((uint64_t)&revocation.round, 1, 0, 0, MNOS_WAIT_PRIVATE);
}

void many_copies(mnos_handle_t endpoint)
{
    for (unsigned n = 0; n < COPIES; n++)
        must(mnos_cap_create(MNOS_CREATE_MINT, endpoint, MNOS_RIGHT_SEND, 0, 0), "a copy");
}

/* The root is revoked a little later each time, so that some times the revocation below it is under way. */
static void revocation_tests(void)
{
    const uint64_t rights = MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE;
    struct mnos_thread *below = thread_start(
        revoke_middle, NULL, &(struct mnos_thread_options){.priority = SPIN_PRIORITY, .affinity = 1}, NULL);
    unsigned before = 0, within = 0;

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    becomes(thread_handle(below), MNOS_STATE_BLOCKED);
    for (unsigned i = 0; i < ROUNDS; i++) {
        mnos_handle_t root = new_endpoint();
        mnos_handle_t middle = must(mnos_cap_create(MNOS_CREATE_MINT, root, rights, 0, 0), "a copy");
        many_copies(middle);
        next_round(middle);
        sleep_ns(1000 + i * 6000);
        before += __atomic_load_n(&revocation.done, __ATOMIC_ACQUIRE) == i;
        mnos_cap_revoke(root);
        mnos_cap_delete(root);
        while (__atomic_load_n(&revocation.done, __ATOMIC_ACQUIRE) == i)
            sleep_ns(MNOS_MS);
        within++;
    }
    tap_diag("%u of %u began before the less important one had ended", before, ROUNDS);
    tap_eq(within, ROUNDS,
           "who revokes a root while a less important thread of its core revokes below it comes to an end [M065]");
    next_round(0);
    thread_join(below);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
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
    revocation_tests();
}
