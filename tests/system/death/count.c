/* SPDX-License-Identifier: BSD-2-Clause */
#include "death.h"

/* ---- processes, one after the other ---- */

static void many_processes(void)
{
    const unsigned target = machine_option("full") ? 10000 : 500;
    const struct tiny quick = {.program = TINY_EXIT}, lasting = {.program = TINY_SPIN, .priority = 50};
    struct mnos_info_ledger before = ledger_now();
    struct tally tally = {0};

    for (unsigned i = 0; i < target; i++) {
        /* Half of them end by themselves, half are ended. */
        mnos_handle_t process = must(tiny_start(i % 2 ? &quick : &lasting, NULL), "a process");
        if (i % 2)
            tally_check(&tally, dies(process), "dies", i);
        else
            tally_status(&tally, mnos_proc_destroy(process, 0), MNOS_OK, "is ended", i);
        mnos_cap_delete(process);
    }
    tally_done(&tally, "processes come and go");
    tap_diag("%u processes", target);
    ledger_same(&before, "and when all are gone, frames, objects and capabilities are what they were [M062]");
}

/* A process that has everything: memory in all corners, threads, capabilities, a fault endpoint. */
static void rich_process(void)
{
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), 64 * MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0), "memory");
    mnos_handle_t endpoint = new_endpoint(), notification = new_notification();
    struct tiny t = {.program = TINY_TOUCH,
                     .data = memory,
                     .data_size = 64 * MNOS_PAGE_SIZE,
                     .fault = endpoint,
                     .arg = {TINY_DATA, TINY_DATA + 64 * MNOS_PAGE_SIZE},
                     .caps = 3,
                     .cap = {endpoint, notification, memory}};
    mnos_handle_t process = must(tiny_start(&t, NULL), "a process");
    struct tally tally = {0};

    /* One page in each of 100 places that share no page table. */
    for (uint64_t i = 0; i < 100; i++)
        tally_status(&tally,
                     mnos_mem_map(process, memory, 0x8000000000 * (1 + i % 250) + (i * 0x40200000), 0, MNOS_PAGE_SIZE,
                                  MNOS_MAP_READ | MNOS_MAP_WRITE),
                     MNOS_OK, "a scattered mapping", i);
    for (uint64_t i = 0; i < 20; i++) {
        t.arg[0] = 0x8000000000 * (1 + i % 250) + (i * 0x40200000);
        t.arg[1] = t.arg[0] + MNOS_PAGE_SIZE;
        int64_t thread = tiny_thread(process, &t);
        tally_status(&tally, thread, MNOS_OK, "a thread", i);
        mnos_cap_delete((mnos_handle_t)thread);
    }
    for (unsigned i = 0; i < 1000 && machine_frames_free() + 100 >= before.frames_free; i++)
        sleep_ns(10 * MNOS_MS);
    uint64_t pid = inspect(process).id;
    struct mnos_info_process info;
    tally_check(&tally, process_info(pid, &info) && info.threads == 21 && info.caps == 3, "what it has", info.threads);
    struct mnos_info_ledger during = ledger_now();
    tap_ok(during.frames_free + 100 < before.frames_free,
           "a process with a hundred scattered mappings holds many tables");
    mnos_proc_destroy(process, 3);
    tap_ok(inspect(process).state == MNOS_STATE_DEAD && inspect(process).status == (MNOS_EXIT_KILLED | 3),
           "it is destroyed");
    tally_status(&tally, tiny_thread(process, &t), MNOS_E_PEER_GONE, "no thread starts in it", 0);
    tally_status(&tally, mnos_cap_transfer(process, endpoint, MNOS_RIGHT_SEND, MNOS_NONE), MNOS_E_PEER_GONE,
                 "no capability enters it", 0);
    tally_check(&tally, mnos_mem_map(process, memory, TINY_DATA, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ) < 0,
                "nothing is mapped in it", 0);
    for (unsigned i = 0; i < 10000 && process_info(pid, &info); i++)
        sleep_ns(MNOS_MS);
    tally_check(&tally, !process_info(pid, &info), "it is listed no more", pid);
    tally_done(&tally, "a dead process is out of the table and takes nothing any more [M239]");
    mnos_cap_delete(process);
    mnos_cap_delete(endpoint);
    mnos_cap_delete(notification);
    mnos_cap_delete(memory);
    ledger_same(&before, "all its frames and tables are back [M238]");
}

/* ---- threads ---- */

#define STORM_THREADS 4u

static volatile uint64_t *storm_word;
static mnos_handle_t storm_process;
static uint64_t storm_each, storm_failed;
static struct tiny storm_thread = {.program = TINY_COUNT_EXIT, .arg = {TINY_DATA}, .priority = 110};

static void storm(void *arg)
{
    struct tiny t = storm_thread;

    t.affinity = 1ull << ((uint64_t)arg % machine_cores());
    for (uint64_t i = 0; i < storm_each; i++) {
        int64_t thread = tiny_thread(storm_process, &t);
        if (thread < 0)
            __atomic_add_fetch(&storm_failed, 1, __ATOMIC_SEQ_CST);
        else
            mnos_cap_delete((mnos_handle_t)thread);
    }
}

static void thread_storm(void)
{
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE);
    const struct tiny keeper = {.program = TINY_SPIN, .priority = 20, .data = memory, .data_size = MNOS_PAGE_SIZE};
    struct mnos_thread *thread[STORM_THREADS];

    storm_each = (machine_option("full") ? 100000 : 20000) / STORM_THREADS;
    storm_word = map_memory(memory, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    storm_process = must(tiny_start(&keeper, NULL), "a process for the threads");
    for (uint64_t i = 0; i < STORM_THREADS; i++)
        thread[i] = thread_start(storm, (void *)i, NULL, NULL);
    for (unsigned i = 0; i < STORM_THREADS; i++)
        thread_join(thread[i]);
    for (unsigned i = 0; i < 1000 && *storm_word != storm_each * STORM_THREADS; i++)
        sleep_ns(10 * MNOS_MS);
    tap_eq((int64_t)*storm_word, (int64_t)(storm_each * STORM_THREADS),
           "threads on all cores end at the same time, none is lost");
    tap_eq((int64_t)storm_failed, 0, "none could not be made");
    struct mnos_info_ledger after = ledger_now();
    tap_ok(after.dead_queue == 0, "the reaper's queue is empty again without being asked [M236]");
    mnos_proc_destroy(storm_process, 0);
    mnos_cap_delete(storm_process);
    unmap_memory((void *)storm_word, MNOS_PAGE_SIZE);
    mnos_cap_delete(memory);
    ledger_same(&before, storm_each * STORM_THREADS >= 100000 && machine_cores() >= 4
                             ? "a hundred thousand threads: each was reaped once [M235]"
                             : "each of the threads was reaped once");
}

/* ---- one thread, to the frame ---- */

static uint32_t fpu_go, fpu_ready;

static void use_vector_state(void *arg)
{
    volatile char *pages = arg;

    for (unsigned i = 0; i < 4; i++)
        pages[i * MNOS_PAGE_SIZE] = 1;
    /* The first use makes the area for vector state. */
    __asm__ volatile("pxor %%xmm0, %%xmm0" : : : "xmm0");
    __atomic_store_n(&fpu_ready, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&fpu_go, __ATOMIC_SEQ_CST))
        sleep_ns(MNOS_MS);
}

static void one_thread(void)
{
    /* Neighbours, so that no page table comes or goes with the four pages. */
    volatile char *neighbour = alloc_pages(1, NULL);
    *neighbour = 1;
    char *pages = alloc_pages(4, NULL);
    volatile char *other = alloc_pages(1, NULL);
    *other = 1;
    struct mnos_info_ledger before = ledger_now();
    struct mnos_thread *thread = thread_start(use_vector_state, pages, NULL, NULL);

    while (!__atomic_load_n(&fpu_ready, __ATOMIC_SEQ_CST))
        sleep_ns(MNOS_MS);
    struct mnos_info_ledger during = ledger_now();
    __atomic_store_n(&fpu_go, 1, __ATOMIC_SEQ_CST);
    thread_join(thread);
    struct mnos_info_ledger after = ledger_now();
    free_pages(pages, 4);
    struct mnos_info_ledger end = ledger_now();
    uint64_t slabs = during.slab_frames - after.slab_frames;
    tap_ok(end.frames_free - after.frames_free == 4,
           "four pages that a thread touched are four frames, exactly [M237]");
    tap_ok(after.frames_free > during.frames_free && end.frames_free == before.frames_free &&
               end.slab_frames == before.slab_frames,
           "its stack, its vector state and its record are back to the frame [M237]");
    free_pages((void *)neighbour, 1);
    free_pages((void *)other, 1);
    tap_diag("frames free: %lu before, %lu while it lives, %lu after its end (%lu of records), %lu in the end",
             before.frames_free, during.frames_free, after.frames_free, slabs, end.frames_free);
}

/* ---- slots ---- */

static void slots_again(void)
{
    mnos_handle_t endpoint = new_endpoint();
    struct mnos_info_ledger before = ledger_now();
    struct tally tally = {0};
    mnos_handle_t copy[50];

    for (unsigned round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < 50; i++)
            copy[i] = (mnos_handle_t)mnos_cap_create(MNOS_CREATE_MINT, endpoint, MNOS_RIGHT_SEND, 0, 0);
        for (unsigned i = 0; i < 50; i++)
            tally_status(&tally, mnos_cap_delete(copy[i]), MNOS_OK, "delete", round);
        tally_status(&tally, mnos_cap_delete(copy[round % 50]), MNOS_E_BADCAP, "delete again", round);
    }
    tally_done(&tally, "slots are filled, emptied and filled again 100,000 times, and no old handle is good [M240]");
    ledger_same(&before, "without using up anything");
    mnos_cap_delete(endpoint);
}

void count_tests(void)
{
    many_processes();
    rich_process();
    thread_storm();
    one_thread();
    slots_again();
}
