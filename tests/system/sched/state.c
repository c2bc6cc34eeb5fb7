/* SPDX-License-Identifier: BSD-2-Clause */
/* States of threads and processes as capabilities show them; waiting on words. */
#include "sched.h"

static uint64_t state_of(mnos_handle_t thread)
{
    return inspect(thread).state;
}

/* ---- the states of one thread ---- */

static void states(void)
{
    mnos_handle_t endpoint = new_endpoint(), thread, death = new_notification();
    struct tiny t = {
        .program = TINY_CALL, .caps = 1, .cap = {endpoint}, .affinity = 1, .priority = 40, .suspended = true};

    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, 1, 0);
    mnos_handle_t process = must(tiny_start(&t, &thread), "a process");
    tap_ok(state_of(thread) == MNOS_STATE_SUSPENDED, "a thread that is to be started later is suspended");
    mnos_thread_control(thread, MNOS_THREADCTL_RESUME, 0, 0);
    tap_ok(state_of(thread) == MNOS_STATE_READY, "resumed, it is ready");
    tap_ok(becomes(thread, MNOS_STATE_BLOCKED), "it runs, calls, and is blocked");
    struct mnos_info_thread info = {0};
    mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_THREAD, inspect(process).id << 32, &info, sizeof info);
    tap_ok(info.wait == MNOS_WAIT_SENDING && info.pid == inspect(process).id, "in the endpoint's queue");
    mnos_thread_control(thread, MNOS_THREADCTL_WATCH, death, 1);
    tap_status(mnos_thread_destroy(thread), MNOS_OK, "it is destroyed");
    tap_ok(becomes(thread, MNOS_STATE_DEAD), "and dead [M190]");
    struct mnos_msg msg = {0};
    tap_ok(mnos_ipc_recv(death, &msg, NULL, MNOS_NONE) == 0 && msg.bits == 1, "its watcher is told");
    tap_status(mnos_thread_control(thread, MNOS_THREADCTL_SUSPEND, 0, 0), MNOS_E_PEER_GONE,
               "the dead cannot be suspended");
    mnos_cap_delete(thread);
    mnos_cap_delete(process);
    mnos_cap_delete(endpoint);
    mnos_cap_delete(death);
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_AFFINITY, UINT64_MAX, 0);
}

/* ---- a process through its capability alone ---- */

static void supervise(void)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE), death = new_notification();
    volatile uint64_t *word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    struct tiny t = {
        .program = TINY_COUNT, .data = memory, .data_size = MNOS_PAGE_SIZE, .arg = {TINY_DATA}, .priority = 40};
    mnos_handle_t first, process = must(tiny_start(&t, &first), "a counting process"), second;
    struct mnos_msg msg = {0};

    t.arg[0] = TINY_DATA + 8;
    second = must(tiny_thread(process, &t), "its second thread");
    tap_ok(advances(&word[0]) && advances(&word[1]), "two threads of a process count");
    tap_status(mnos_thread_control(process, MNOS_THREADCTL_SUSPEND, 0, 0), MNOS_OK, "the process is suspended");
    tap_ok(becomes(first, MNOS_STATE_SUSPENDED) && becomes(second, MNOS_STATE_SUSPENDED), "both threads stop");
    uint64_t stood = word[0] + word[1];
    sleep_ns(40 * MNOS_MS);
    tap_ok(word[0] + word[1] == stood, "and stand still");
    tap_status(mnos_thread_control(process, MNOS_THREADCTL_RESUME, 0, 0), MNOS_OK, "it is resumed");
    tap_ok(advances(&word[0]) && advances(&word[1]), "and they go on");
    mnos_thread_control(process, MNOS_THREADCTL_WATCH, death, 4);
    tap_status(mnos_proc_destroy(process, 0x77), MNOS_OK, "it is killed");
    uint64_t last = word[0];
    sleep_ns(5 * MNOS_MS);
    tap_ok(word[0] == last, "nothing of it runs after the call has returned");
    tap_ok(mnos_ipc_recv(death, &msg, NULL, MNOS_NONE) == 0 && msg.bits == 4 &&
               inspect(process).state == MNOS_STATE_DEAD && inspect(process).status == (MNOS_EXIT_KILLED | 0x77),
           "and its end is on record: suspended, resumed and killed through its capability alone [M021]");
    mnos_cap_delete(first);
    mnos_cap_delete(second);
    mnos_cap_delete(process);
    mnos_cap_delete(death);
    unmap_memory((void *)word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
}

/* ---- what a process owns ---- */

static void own_tables(void)
{
    struct mnos_info_ledger before = ledger_now();
    const struct tiny t = {.program = TINY_SPIN, .priority = 20};
    mnos_handle_t process[8];
    struct mnos_info_process info[8];
    unsigned equal = 0, caps = 0;

    for (unsigned i = 0; i < 8; i++) {
        process[i] = must(tiny_start(&t, NULL), "a process");
        process_info(inspect(process[i]).id, &info[i]);
        caps += info[i].caps != 0;
        for (unsigned k = 0; k < i; k++)
            equal += info[i].cr3 == info[k].cr3;
    }
    tap_ok(equal == 0 && info[0].cr3 != 0, "each process has a top page table of its own");
    tap_ok(caps == 0, "and an empty capability table of its own");
    for (unsigned i = 0; i < 8; i++) {
        mnos_proc_destroy(process[i], 0);
        mnos_cap_delete(process[i]);
    }
    ledger_same(&before, "destroying the processes frees both [M189]");
}

/* ---- strict alternation ---- */

#define TURNS 1000u
static uint32_t turn[2 * TURNS + 8], turns, taking;

static void take_turns(void *arg)
{
    __atomic_add_fetch(&taking, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&taking, __ATOMIC_SEQ_CST) < 2)
        mnos_thread_yield();
    for (unsigned i = 0; i < TURNS; i++) {
        turn[__atomic_fetch_add(&turns, 1, __ATOMIC_SEQ_CST)] = (uint32_t)(uint64_t)arg;
        mnos_thread_yield();
    }
}

static void alternation(void)
{
    const struct mnos_thread_options here = {.affinity = 1, .priority = SPIN_PRIORITY};
    struct mnos_thread *a = thread_start(take_turns, (void *)1, &here, NULL);
    struct mnos_thread *b = thread_start(take_turns, (void *)2, &here, NULL);
    unsigned same = 0;

    thread_join(a);
    thread_join(b);
    for (unsigned i = 1; i < 2 * TURNS; i++)
        same += turn[i] == turn[i - 1];
    tap_ok(turns == 2 * TURNS && same <= (exact() ? 1 : 20), "two threads that yield alternate exactly [M065]");
    tap_diag("%u of %u turns were not alternate", same, turns);
}

/* ---- words shared between processes ---- */

static uint32_t never_waited;
static uint32_t *shared_word;
static int64_t shared_status;

static void block_shared(void *arg)
{
    (void)arg;
    shared_status = mnos_thread_block(shared_word, 7, MNOS_FOREVER, MNOS_WAIT_SHARED);
}

static void word_rights(void)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE);
    uint32_t *other = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);

    shared_word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    *shared_word = 7;
    struct mnos_thread *thread = thread_start(block_shared, NULL, NULL, NULL);
    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    tap_eq(mnos_thread_wake((uint64_t)other, 1, 0, 0, MNOS_WAIT_PRIVATE), 0,
           "a private wake does not reach a shared waiter");
    tap_status(mnos_thread_wake(0x300000000000, 1, 0, 0, MNOS_WAIT_SHARED), MNOS_E_FAULT,
               "who has no Memory mapped there wakes nobody");
    tap_status(mnos_thread_wake(0x300000000000, 1, 0, 0, MNOS_WAIT_PRIVATE), MNOS_E_FAULT, "in either way");
    tap_eq(mnos_thread_wake((uint64_t)&never_waited, 1, 0, 0, MNOS_WAIT_SHARED), 0, "another word wakes nobody");
    tap_ok(inspect(thread_handle(thread)).state == MNOS_STATE_BLOCKED, "the waiter waits on");
    tap_eq(mnos_thread_wake((uint64_t)other, 1, 0, 0, MNOS_WAIT_SHARED), 1,
           "who has the word's Memory mapped wakes it, at any address [M067]");
    thread_join(thread);
    tap_status(shared_status, MNOS_OK, "it was woken");
    unmap_memory(other, MNOS_PAGE_SIZE);
    unmap_memory(shared_word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
}

void state_tests(void)
{
    states();
    supervise();
    own_tables();
    alternation();
    word_rights();
}
