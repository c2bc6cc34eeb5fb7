/* SPDX-License-Identifier: BSD-2-Clause */
/* Situations that random calls hardly ever come to. */
#include "fuzz.h"

/* The message that a badge has closed waits at its endpoint, and the badge is wanted again. */
static void pending_badge(struct worker *w)
{
    (void)w;
    int64_t endpoint = mnos_cap_create(MNOS_CREATE_ENDPOINT, entry[0].handle, 0, 0, 0);

    if (endpoint < 0)
        return;
    const uint64_t mint[6] = {MNOS_CREATE_MINT, (uint64_t)endpoint, MNOS_RIGHT_SEND, 9};
    for (unsigned i = 0; i < 2; i++) {
        int64_t sender = counted_call(MNOS_SYS_cap_create, mint);
        if (sender >= 0)
            mnos_cap_delete((mnos_handle_t)sender);
    }
    mnos_cap_delete((mnos_handle_t)endpoint);
}

/* A caller dies between its call and the answer. */
static void dead_caller(struct worker *w)
{
    const mnos_handle_t pool = entry[0].handle;
    int64_t endpoint = mnos_cap_create(MNOS_CREATE_ENDPOINT, pool, 0, 0, 0);
    int64_t reply = mnos_cap_create(MNOS_CREATE_REPLY, pool, 0, 0, 0);
    const struct mnos_thread_args args = {
        .entry = (uint64_t)fuzz_caller, .stack = (uint64_t)w->scratch + SCRATCH / 2, .arg = {(uint64_t)endpoint}};
    int64_t thread = endpoint < 0 || reply < 0 ? -1 : mnos_thread_create(MNOS_SELF, &args);
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + 20 * MNOS_MS;
    if (thread >= 0 && mnos_ipc_recv((mnos_handle_t)endpoint, &msg, &ext, (mnos_handle_t)reply) == 0) {
        mnos_thread_destroy((mnos_handle_t)thread);
        const uint64_t copy[6] = {(uint64_t)reply, MNOS_COPY_FROM_CALLER, 0, (uint64_t)w->scratch, 8};
        counted_call(MNOS_SYS_ipc_copy, copy);
    }
    if (thread >= 0) {
        mnos_thread_destroy((mnos_handle_t)thread);
        mnos_cap_delete((mnos_handle_t)thread);
    }
    if (reply >= 0)
        mnos_cap_delete((mnos_handle_t)reply);
    if (endpoint >= 0)
        mnos_cap_delete((mnos_handle_t)endpoint);
}

/* The table is full, and one capability more is wanted. */
static void full_table(struct worker *w)
{
    (void)w;
    mnos_handle_t copy[256];
    unsigned n = 0;
    int64_t made = 0;
    const uint64_t mint[6] = {MNOS_CREATE_MINT, entry[0].handle, MNOS_RIGHT_READ, 0};

    while (n < 256 && made >= 0) {
        made = counted_call(MNOS_SYS_cap_create, mint);
        if (made >= 0)
            copy[n++] = (mnos_handle_t)made;
    }
    while (n > 0)
        mnos_cap_delete(copy[--n]);
}

void rare_calls(struct worker *w)
{
    static void (*const situation[])(struct worker * w) = {pending_badge, dead_caller, full_table};

    situation[below(w, sizeof situation / sizeof situation[0])](w);
}
