/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications, yields, block and wake. */
#include "bench.h"

static void work_notify(struct series *s)
{
    for (uint64_t round = 1; !series_full(s); round++) {
        s->path.label = round;
        SHARED_U64(SHARED_BITS) = 0;
        take(s, time_notify(&s->path));
        expect(s, SHARED_U64(SHARED_BITS) == round);
    }
}

static void work_yield(struct series *s)
{
    while (!series_full(s)) {
        uint64_t before = SHARED_U64(SHARED_COUNT);
        take(s, time_yield_pair(&s->path));
        expect(s, SHARED_U64(SHARED_COUNT) == before + 1);
    }
}

static struct {
    uint32_t mine, other; /* on one cache line, both 0 for ever */
} words;

static void work_futex(struct series *s)
{
    static unsigned char stack[4096];
    struct mnos_thread_args args = {.entry = (uint64_t)serve_futex,
                                    .stack = (uint64_t)(stack + sizeof stack),
                                    .arg = {(uint64_t)&words.other, (uint64_t)&words.mine},
                                    .affinity = 1};
    int64_t thread = mnos_thread_create(MNOS_SELF, &args);

    expect(s, thread >= 0);
    mnos_thread_yield();
    s->path.target = (uint64_t)&words.other;
    s->path.ext = (uint64_t)&words.mine;
    while (!series_full(s)) {
        uint64_t before = SHARED_U64(SHARED_COUNT);
        take(s, time_futex_handoff(&s->path));
        expect(s, SHARED_U64(SHARED_COUNT) == before + 1);
    }
    mnos_thread_destroy((mnos_handle_t)thread);
    mnos_cap_delete((mnos_handle_t)thread);
}

void bench_scheduling(void)
{
    static struct series notify = {.name = "notify"}, yield = {.name = "yield_pair"}, futex = {.name = "futex_handoff"};
    mnos_handle_t notification = new_object(MNOS_CREATE_NOTIFICATION);
    struct partner waiter = {.name = "notify", .entry = child_notify, .priority = PRIO_PARTNER};
    struct partner yielder = {.name = "yield", .entry = child_yield};

    partner_cap(&waiter, notification, MNOS_RIGHT_RECV);
    partner_start(&waiter);
    notify.path.target = notification;
    measure(&notify, work_notify);
    partner_stop(&waiter);
    mnos_cap_delete(notification);

    partner_start(&yielder);
    measure(&yield, work_yield);
    partner_stop(&yielder);

    measure(&futex, work_futex);
}
