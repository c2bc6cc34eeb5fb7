/* SPDX-License-Identifier: BSD-2-Clause */
/* The derivation tree, and what revocation takes. */
#include <libmnos/thread.h>

#include "caps.h"

#define DEPTH  8
#define FANOUT 8
#define SRGV   (MNOS_RIGHT_SEND | MNOS_RIGHT_RECV | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)

static bool gone(mnos_handle_t cap)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(cap, &info, sizeof info) == -MNOS_E_BADCAP;
}

static void revoke_tree(void)
{
    static mnos_handle_t node[DEPTH][FANOUT];
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t root = new_endpoint(), above = mint(root, SRGV, 0), top = above;
    struct tally tally = {0};

    for (unsigned d = 0; d < DEPTH; d++) {
        for (unsigned f = 0; f < FANOUT; f++)
            node[d][f] = mint(above, SRGV, 0);
        above = node[d][FANOUT - 1];
    }
    tally_status(&tally, mnos_cap_revoke(top), MNOS_OK, "revoke", 0);
    for (unsigned d = 0; d < DEPTH; d++)
        for (unsigned f = 0; f < FANOUT; f++)
            tally_check(&tally, gone(node[d][f]), "a descendant is left", d * FANOUT + f);
    tally_check(&tally, !gone(top) && !gone(root), "the root or what is above it is gone", 0);
    tally_status(&tally, mnos_cap_revoke(top), MNOS_OK, "revoke with nothing below", 0);
    mnos_handle_t again = mint(top, MNOS_RIGHT_SEND, 0);
    tally_check(&tally, !gone(again), "nothing can be derived after a revocation", 0);
    mnos_cap_delete(again);
    mnos_cap_delete(top);
    mnos_cap_delete(root);
    tally_done(&tally, "revocation takes a tree of depth 8 and fan-out 8, and nothing else [M059 M017]");
    ledger_same(&before, "and the counts are what they were");
}

static void delete_keeps_children(void)
{
    mnos_handle_t root = new_endpoint(), middle = mint(root, SRGV, 0), leaf = mint(middle, MNOS_RIGHT_SEND, 0);

    mnos_cap_delete(middle);
    tap_ok(!gone(leaf), "deleting a capability keeps what was derived from it");
    mnos_cap_revoke(root);
    tap_ok(gone(leaf), "which is then its origin's to revoke");
    mnos_cap_delete(root);
}

static void siblings(void)
{
    mnos_handle_t root = new_endpoint();
    mnos_handle_t plain = mint(root, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0), child = mint(plain, MNOS_RIGHT_SEND, 0);

    tap_status(mnos_cap_revoke(plain), MNOS_E_NO_RIGHTS, "a capability without REVOKE is no parent");
    mnos_cap_delete(plain);
    tap_ok(!gone(child), "and its copies do not go with it");
    mnos_cap_delete(child);
    mnos_cap_delete(root);
}

static void revoked_mapping(void)
{
    volatile uint64_t *at = (volatile uint64_t *)0x510000000000;
    mnos_handle_t root = new_memory(2 * MNOS_PAGE_SIZE);
    mnos_handle_t view = mint(root, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, 0);
    struct mnos_cap_info info;

    must(mnos_mem_map(MNOS_SELF, view, (uint64_t)at, 0, 2 * MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE), "map");
    at[0] = 1;
    at[512] = 2;
    mnos_cap_revoke(root);
    tap_ok(gone(view), "the revoked view of a Memory is gone");
    /* The kernel says it without a crash: a call cannot read there any more. */
    tap_status(mnos_cap_inspect(root, (void *)(uint64_t)at, sizeof info), MNOS_E_FAULT,
               "and so is the mapping made through it [M017]");
    mnos_cap_delete(root);
}

static int64_t blocked_result;

static void block_in_call(void *arg)
{
    struct mnos_msg msg = {0};

    blocked_result = mnos_ipc_call((mnos_handle_t)arg, &msg, NULL);
}

static void revoke_wakes_callers(void)
{
    mnos_handle_t root = new_endpoint(), view = mint(root, MNOS_RIGHT_SEND, 0);
    struct mnos_thread *thread = thread_start(block_in_call, (void *)view, NULL, NULL);

    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    mnos_cap_revoke(root);
    thread_join(thread);
    tap_status(blocked_result, MNOS_E_PEER_GONE, "a caller who waits through a revoked capability is woken");
    mnos_cap_delete(root);
}

static uint32_t stop, rounds;

static void user_loop(void *arg)
{
    mnos_handle_t note = (mnos_handle_t)arg;

    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        int64_t status = mnos_ipc_notify(note, 1);
        if (status == -MNOS_E_BADCAP)
            break;
        __atomic_add_fetch(&rounds, status == 0, __ATOMIC_RELEASE);
    }
}

static void revoke_during_use(void)
{
    struct tally tally = {0};

    for (unsigned i = 0; i < 20; i++) {
        struct mnos_thread *thread[4];
        mnos_handle_t root = new_notification(), view = mint(root, MNOS_RIGHT_SEND, 0);
        stop = 0;
        rounds = 0;
        for (unsigned t = 0; t < 4; t++)
            thread[t] = thread_start(user_loop, (void *)view, NULL, NULL);
        sleep_ns(3 * MNOS_MS);
        tally_status(&tally, mnos_cap_revoke(root), MNOS_OK, "revoke", i);
        uint32_t at_return = __atomic_load_n(&rounds, __ATOMIC_ACQUIRE);
        sleep_ns(2 * MNOS_MS);
        uint32_t later = __atomic_load_n(&rounds, __ATOMIC_ACQUIRE);
        /* Each thread may have been past its call, but not yet past its count. */
        tally_check(&tally, later - at_return <= 4, "uses after the revocation", later - at_return);
        __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
        for (unsigned t = 0; t < 4; t++)
            thread_join(thread[t]);
        mnos_cap_delete(root);
    }
    tally_done(&tally, "no use succeeds after a revocation returned, with four threads at it [M017]");
}

void derivation_tests(void)
{
    revoke_tree();
    delete_keeps_children();
    siblings();
    revoked_mapping();
    revoke_wakes_callers();
    revoke_during_use();
}
