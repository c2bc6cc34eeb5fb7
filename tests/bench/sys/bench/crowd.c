/* SPDX-License-Identifier: BSD-2-Clause */
/* Crowds: many threads, waiters, mappings and generations of capabilities, as a hostile program would make them. */
#include <libmnos/ipc.h>
#include <libmnos/errors.h>

#include "bench.h"

#define CROWD        1000u
#define STACK        256u
#define PLACE        0x30000000ull
#define STACKS       0x50000000ull
#define STACKS_BYTES ((CROWD * STACK + MNOS_PAGE_SIZE - 1) & ~(MNOS_PAGE_SIZE - 1))
#define LEND         (MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)
#define RW           (MNOS_MAP_READ | MNOS_MAP_WRITE)

static mnos_handle_t threads[CROWD];
static uint32_t word[3];

static void crowd_start(mnos_handle_t process, void (*entry)(uint64_t, uint64_t), uint64_t a, uint64_t b,
                        uint32_t flags)
{
    for (unsigned i = 0; i < CROWD; i++) {
        struct mnos_thread_args args = {.entry = (uint64_t)entry,
                                        .stack = STACKS + (i + 1) * STACK - 8,
                                        .arg = {a, b},
                                        .priority = PRIO_PARTNER,
                                        .flags = flags};
        threads[i] = must(mnos_thread_create(process, &args), "a thread of a crowd");
    }
}

static void crowd_end(const char *what)
{
    for (unsigned i = 0; i < CROWD; i++) {
        mnos_thread_destroy(threads[i]);
        mnos_cap_delete(threads[i]);
    }
    (void)ledger_now();
    irqoff_step(what);
}

static void nothing(uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    mnos_thread_destroy(MNOS_SELF);
}

static void send_one(uint64_t endpoint, uint64_t label)
{
    struct mnos_msg msg = {.label = label};

    mnos_ipc_send(endpoint, &msg, NULL);
    mnos_thread_destroy(MNOS_SELF);
}

static void wait_bits(uint64_t notification, uint64_t unused)
{
    struct mnos_msg msg = {0};

    (void)unused;
    mnos_ipc_recv(notification, &msg, NULL, MNOS_NONE);
    mnos_thread_destroy(MNOS_SELF);
}

static void wait_word(uint64_t flags, uint64_t deadline)
{
    mnos_thread_block(word, 0, deadline, flags);
    mnos_thread_destroy(MNOS_SELF);
}

static void many_threads(void)
{
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "crowd", 5, 0), "a process");

    crowd_start(process, nothing, 0, 0, MNOS_THREAD_SUSPENDED);
    irqoff_step("1,000 threads");
    must(mnos_thread_control(process, MNOS_THREADCTL_SUSPEND, 0, 0), "suspend");
    irqoff_step("suspending them");
    must(mnos_proc_destroy(process, 0), "destroy");
    irqoff_step("killing them");
    mnos_cap_delete(process);
    crowd_end("and their end");
}

static void many_senders(void)
{
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT);
    mnos_handle_t badged = must(mnos_cap_create(MNOS_CREATE_MINT, endpoint, LEND, 7, 0), "a badge");
    mnos_handle_t second = must(mnos_cap_create(MNOS_CREATE_MINT, endpoint, LEND, 8, 0), "a badge");

    crowd_start(MNOS_SELF, send_one, badged, 1, 0);
    irqoff_step("1,000 senders");
    must(mnos_cap_revoke(badged), "revoke");
    mnos_cap_delete(second);
    irqoff_step("revoking below what they use");
    mnos_cap_delete(badged);
    irqoff_step("deleting what they use");
    mnos_cap_delete(endpoint);
    irqoff_step("the end of their endpoint");
    crowd_end("and their end");
}

static void many_receivers(void)
{
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT), notification = new_object(MNOS_CREATE_NOTIFICATION);

    crowd_start(MNOS_SELF, wait_bits, endpoint, 0, 0);
    irqoff_step("1,000 receivers");
    crowd_end("and their end");
    crowd_start(MNOS_SELF, wait_bits, notification, 0, 0);
    irqoff_step("1,000 threads that wait for one notification");
    must(mnos_ipc_notify(notification, 1), "notify");
    irqoff_step("a notification for them");
    mnos_cap_delete(notification);
    irqoff_step("its end");
    crowd_end("and theirs");
    notification = new_object(MNOS_CREATE_NOTIFICATION);
    mnos_handle_t lent =
        must(mnos_cap_create(MNOS_CREATE_MINT, notification, MNOS_RIGHT_RECV | MNOS_RIGHT_GRANT, 0, 0), "a copy");
    crowd_start(MNOS_SELF, wait_bits, lent, 0, 0);
    must(mnos_cap_revoke(notification), "revoke");
    irqoff_step("revoking what they wait through");
    mnos_cap_delete(notification);
    crowd_end("and their end");
    crowd_start(MNOS_SELF, wait_bits, endpoint, 0, 0);
    mnos_cap_delete(endpoint);
    irqoff_step("the end of an endpoint with 1,000 receivers");
    crowd_end("and theirs");
}

static void many_words(void)
{
    crowd_start(MNOS_SELF, wait_word, MNOS_WAIT_PRIVATE, MNOS_FOREVER, 0);
    irqoff_step("1,000 threads that wait for a word");
    must(mnos_thread_wake((uint64_t)(&word[1]), 1, 0, 0, MNOS_WAIT_PRIVATE), "wake");
    irqoff_step("a wake of its neighbour");
    must(mnos_thread_wake((uint64_t)word, 0, (uint64_t)(&word[2]), UINT32_MAX, MNOS_WAIT_PRIVATE), "requeue");
    irqoff_step("their move to another word");
    must(mnos_thread_wake((uint64_t)(&word[2]), UINT32_MAX, 0, 0, MNOS_WAIT_PRIVATE), "wake");
    irqoff_step("their wake");
    crowd_end("and their end");
}

/* Each copy is made of the one before. */
static void generations(void)
{
    static mnos_handle_t copy[CROWD];
    mnos_handle_t endpoint = new_object(MNOS_CREATE_ENDPOINT), last = endpoint;
    int64_t made = 0;
    unsigned n = 0;

    for (; n < CROWD && (made = mnos_cap_create(MNOS_CREATE_MINT, last, LEND, 0, 0)) >= 0; n++)
        last = copy[n] = (mnos_handle_t)made;
    tap_diag("%u generations: %s", n, mnos_error_name(made));
    irqoff_step("as many generations of a capability");
    must(mnos_cap_revoke(last), "revoke");
    irqoff_step("revoking below the last");
    for (unsigned i = 0; i < n; i += 2)
        mnos_cap_delete(copy[i]);
    irqoff_step("deleting every second");
    must(mnos_cap_revoke(endpoint), "revoke");
    irqoff_step("revoking the rest");
    mnos_cap_delete(endpoint);
    (void)ledger_now();
    irqoff_step("and their end");
}

static void many_mappings(void)
{
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0), "memory");
    mnos_handle_t lent =
        must(mnos_cap_create(MNOS_CREATE_MINT, memory, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_REVOKE, 0, 0),
             "a copy");

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < CROWD; i++)
            must(mnos_mem_map(MNOS_SELF, lent, PLACE + i * 2 * MNOS_PAGE_SIZE, 0, MNOS_PAGE_SIZE, RW), "a mapping");
        for (unsigned i = 0; i < CROWD; i++)
            *(volatile unsigned char *)(PLACE + i * 2 * MNOS_PAGE_SIZE) = 1;
        irqoff_step("1,000 mappings of one page");
        mnos_handle_t copy = must(mnos_mem_alloc(mnos_pool(), 0, MNOS_MEM_COW, memory), "a copy");
        irqoff_step("a copy of it");
        mnos_cap_delete(copy);
        mnos_mem_map(MNOS_SELF, MNOS_NONE, PLACE, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_PROTECT);
        must(mnos_mem_control(memory, MNOS_MEMCTL_DECOMMIT, 0, MNOS_PAGE_SIZE, 0), "decommit");
        irqoff_step("giving the page back");
        if (round == 0)
            must(mnos_mem_unmap(MNOS_SELF, PLACE, 2 * CROWD * MNOS_PAGE_SIZE), "unmap");
        else
            must(mnos_cap_revoke(memory), "revoke");
        irqoff_step(round == 0 ? "unmapping all" : "revoking the capability that they were made through");
    }
    mnos_cap_delete(memory);
    (void)ledger_now();
    irqoff_step("and their end");
}

void bench_crowd(void)
{
    mnos_handle_t stacks = must(mnos_mem_alloc(mnos_pool(), STACKS_BYTES, MNOS_MEM_ANON, 0), "stacks");

    must(mnos_mem_map(MNOS_SELF, stacks, STACKS, 0, STACKS_BYTES, RW), "stacks");
    many_threads();
    many_senders();
    many_receivers();
    many_words();
    generations();
    many_mappings();
}
