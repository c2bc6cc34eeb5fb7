/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who looks the same name up twice running is expected a third time: the capability is then kept, and only copies are
 * sent, until init receives anything else or a moment has passed.
 *
 *   asked once: moved, remembered --same again--> kept: copies --anything else, or TIDY_BIT--> nothing
 *
 * Why it is not kept for longer: a server learns that a client has let go when the last capability with its badge is gone,
 * and this is one of them.
 */
#include <libmnos/clock.h>
#include <libmnos/sync.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "init.h"

#define KEPT_NS (20 * MNOS_MS)

struct ready ready = {.cap = MNOS_NONE};

static uint32_t kept; /* 1: the tidy thread shall come by; a word that it waits on */

/* The main thread drops the capability when it hears of this: nobody else touches it. */
static void tidy(void *arg)
{
    (void)arg;
    for (;;) {
        while (__atomic_load_n(&kept, __ATOMIC_ACQUIRE) == 0)
            (void)mnos_thread_block(&kept, 0, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
        sleep_ns(KEPT_NS);
        (void)mnos_ipc_notify(init.deaths, TIDY_BIT);
    }
}

static bool tidy_start(void)
{
    static const struct mnos_thread_options options = {.stack_pages = 2};
    static bool started;

    if (!started)
        started = thread_start(tidy, NULL, &options, NULL) != NULL;
    return started;
}

bool ready_keep(const struct mnos_msg *msg, mnos_handle_t cap)
{
    bool again = ready.badge == msg->badge && memcmp(ready.word, msg->word, sizeof ready.word) == 0;

    if (cap == MNOS_NONE) {
        ready.badge = 0;
        return false;
    }
    ready.badge = msg->badge;
    memcpy(ready.word, msg->word, sizeof ready.word);
    if (!again || !tidy_start())
        return false;
    ready.cap = cap;
    __atomic_store_n(&kept, 1, __ATOMIC_RELEASE);
    (void)mnos_thread_wake((uint64_t)&kept, 1, 0, 0, MNOS_WAIT_PRIVATE);
    return true;
}

void ready_drop(void)
{
    if (ready.cap == MNOS_NONE)
        return;
    (void)mnos_cap_delete(ready.cap);
    ready.cap = MNOS_NONE;
    ready.badge = 0;
    __atomic_store_n(&kept, 0, __ATOMIC_RELEASE);
}
