/* SPDX-License-Identifier: BSD-2-Clause */
/* A server dies: those it had received learn so at once, those in the queue go to the next one. */
#include "death.h"

#define CALLERS 8u

static mnos_handle_t service;

struct caller {
    int64_t status;
    uint64_t answer, ended;
    struct mnos_thread *thread;
};
static struct caller caller[CALLERS];

static void call_once(void *arg)
{
    struct caller *c = arg;
    struct mnos_fast m = mnos_fast_call(service, 5, 0, 0, 0, 0);

    c->status = m.status;
    c->answer = m.label;
    c->ended = clock_ns();
}

/* A thread of its own process, which holds the Reply: its death is the server's. */
static int64_t serve_dead(mnos_handle_t endpoint, mnos_handle_t *process)
{
    mnos_handle_t reply = new_reply();
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);
    const struct tiny holder = {.program = TINY_SPIN, .priority = 20};

    *process = must(tiny_start(&holder, NULL), "a process to hold the Reply");
    /* A Reply moves: now that process answers, or nobody. */
    return m.status < 0 ? m.status : mnos_cap_transfer(*process, reply, 0, MNOS_NONE);
}

static unsigned callers_with(int64_t status)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CALLERS; i++)
        count += *(const volatile int64_t *)&caller[i].status == status;
    return count;
}

static void received_and_queued(void)
{
    mnos_handle_t server[3];
    struct tally tally = {0};

    service = new_endpoint();
    for (unsigned i = 0; i < CALLERS; i++) {
        caller[i] = (struct caller){.status = 1};
        caller[i].thread = thread_start(call_once, &caller[i], NULL, NULL);
    }
    sleep_ns(20 * MNOS_MS);
    for (unsigned i = 0; i < 3; i++)
        tally_status(&tally, serve_dead(service, &server[i]), MNOS_OK, "a call is received", i);
    uint64_t killed = clock_ns();
    for (unsigned i = 0; i < 3; i++)
        mnos_proc_destroy(server[i], 0);
    for (unsigned i = 0; i < 1000 && callers_with(-MNOS_E_PEER_GONE) < 3; i++)
        sleep_ns(10 * MNOS_MS);
    sleep_ns(20 * MNOS_MS);
    unsigned gone = 0, waiting = 0;
    uint64_t late = 0;
    for (unsigned i = 0; i < CALLERS; i++) {
        gone += caller[i].status == -MNOS_E_PEER_GONE;
        waiting += caller[i].status == 1;
        if (caller[i].status == -MNOS_E_PEER_GONE && caller[i].ended - killed > late)
            late = caller[i].ended - killed;
    }
    tap_ok(gone == 3 && waiting == CALLERS - 3,
           "three servers die: the three callers they had received get PEER_GONE, the others wait on");
    tap_diag("%u gone, at most %lu ns after the kill; %u waiting", gone, late, waiting);
    mnos_handle_t reply = new_reply();
    for (unsigned i = 0; i < waiting; i++) {
        struct mnos_fast m = mnos_fast_recv(service, reply);
        tally_check(&tally, m.status == 0 && m.label == 5, "the next server receives a queued call", i);
        mnos_fast_reply(MNOS_NONE, reply, 77, 0, 0, 0, 0);
    }
    unsigned answered = 0;
    for (unsigned i = 0; i < CALLERS; i++) {
        thread_join(caller[i].thread);
        answered += caller[i].status == 0 && caller[i].answer == 77;
    }
    tally_check(&tally, answered == CALLERS - 3, "answered by the next server", answered);
    tally_done(&tally, "and are served by whoever receives next");
    for (unsigned i = 0; i < 3; i++)
        mnos_cap_delete(server[i]);
    mnos_cap_delete(reply);
    mnos_cap_delete(service);
}

/* The last RECV capability goes while callers are queued. */
static void nobody_left(void)
{
    struct tally tally = {0};

    mnos_handle_t endpoint = new_endpoint();
    service = mint(endpoint, MNOS_RIGHT_SEND, 0);
    for (unsigned i = 0; i < CALLERS; i++) {
        caller[i] = (struct caller){.status = 1};
        caller[i].thread = thread_start(call_once, &caller[i], NULL, NULL);
    }
    sleep_ns(20 * MNOS_MS);
    mnos_cap_delete(endpoint);
    for (unsigned i = 0; i < CALLERS; i++) {
        thread_join(caller[i].thread);
        tally_status(&tally, caller[i].status, MNOS_E_PEER_GONE, "a queued caller", i);
    }
    tally_status(&tally, mnos_fast_call(service, 0, 0, 0, 0, 0).status, MNOS_E_PEER_GONE, "a later caller", 0);
    tally_done(&tally, "when nobody can receive any more, queued callers and later ones get PEER_GONE");
    mnos_cap_delete(service);
}

/* Who waits for what can never come. */
static int64_t wait_status[2];

static void wait_at(void *arg)
{
    struct mnos_msg msg = {0};
    const mnos_handle_t *cap = arg;

    wait_status[0] = mnos_ipc_recv(*cap, &msg, NULL, MNOS_NONE);
}

static void receivers_left(void)
{
    struct tally tally = {0};

    for (unsigned kind = 0; kind < 2; kind++) {
        mnos_handle_t cap = kind == 0 ? new_endpoint() : new_notification();
        wait_status[0] = 1;
        struct mnos_thread *thread = thread_start(wait_at, &cap, NULL, NULL);
        becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
        mnos_cap_delete(cap);
        thread_join(thread);
        tally_status(&tally, wait_status[0], MNOS_E_PEER_GONE, "waiting where the last capability is gone", kind);
    }
    tally_done(&tally, "who waits at an endpoint or a notification whose last capability goes is told");
}

/* The caller dies first: the server's late answer fails and harms nothing. */
static void caller_dies(void)
{
    mnos_handle_t endpoint = new_endpoint(), reply = new_reply();
    const struct tiny calls = {.program = TINY_CALL, .caps = 1, .cap = {endpoint}};
    mnos_handle_t process = must(tiny_start(&calls, NULL), "a caller");
    struct mnos_fast m = mnos_fast_recv(endpoint, reply);

    tap_ok(m.status == 0, "a call is received");
    mnos_proc_destroy(process, 0);
    tap_status(mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0).status, MNOS_E_PEER_GONE,
               "an answer to a dead caller fails, and the server keeps it");
    tap_status(mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0).status, MNOS_E_NOT_FOUND,
               "once told, the Reply is free");
    mnos_cap_delete(process);
    mnos_cap_delete(reply);
    mnos_cap_delete(endpoint);
}

/* A crash is told to the fault endpoint; without one the process ends; nobody else notices. */
static void crashes(void)
{
    mnos_handle_t endpoint = new_endpoint(), reply = new_reply(), memory = new_memory(MNOS_PAGE_SIZE);
    volatile uint64_t *word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    const struct tiny crash = {.program = TINY_CRASH, .fault = endpoint};
    const struct tiny other = {
        .program = TINY_COUNT, .priority = 30, .data = memory, .data_size = MNOS_PAGE_SIZE, .arg = {TINY_DATA}};
    mnos_handle_t bystander = must(tiny_start(&other, NULL), "a bystander");
    struct mnos_msg msg = {0};
    struct tally tally = {0};

    for (unsigned i = 0; i < 50; i++) {
        mnos_handle_t process = must(tiny_start(&crash, NULL), "a process");
        int64_t status = mnos_ipc_recv(endpoint, &msg, NULL, reply);
        tally_check(&tally,
                    status == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_FAULT &&
                        msg.word[MNOS_FAULT_CAUSE] == MNOS_FAULT_PAGE && msg.word[MNOS_FAULT_ADDRESS] == 0 &&
                        msg.word[MNOS_FAULT_RIP] == tiny_entry(TINY_CRASH) &&
                        msg.word[MNOS_FAULT_PID] == inspect(process).id,
                    "the fault message", msg.word[MNOS_FAULT_RIP]);
        msg.label = MNOS_FAULT_DESTROY;
        mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
        tally_check(&tally, dies(process) && inspect(process).status == (MNOS_EXIT_FAULT | MNOS_FAULT_PAGE), "its end",
                    i);
        mnos_cap_delete(process);
    }
    tally_check(&tally, advances(word), "the bystander counts on", *word);
    tally_done(&tally, "fifty processes crash, each is told of with cause, address and place, and nothing else stops");
    mnos_proc_destroy(bystander, 0);
    mnos_cap_delete(bystander);
    unmap_memory((void *)word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
    mnos_cap_delete(reply);
    mnos_cap_delete(endpoint);
}

void server_tests(void)
{
    received_and_queued();
    nobody_left();
    receivers_left();
    caller_dies();
    crashes();
}
