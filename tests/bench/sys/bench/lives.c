/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and processes from their creation until nothing is left of them. */
#include <str.h>

#include "bench.h"

#define CODE  0x400000ull
#define DATA  0x600000ull
#define PAGES 3u

static unsigned char stack[4096];
static struct mnos_thread_args thread_args;

/* The new thread is more important, and so is the kernel's reaper: both have run when the calls return. */
static void work_thread(struct series *s)
{
    while (!series_full(s)) {
        uint64_t before = SHARED_U64(SHARED_COUNT);
        take(s, time_thread_lifecycle(&s->path));
        expect(s, SHARED_U64(SHARED_COUNT) == before + 1 && (int64_t)s->path.out[0] > 0);
    }
}

static mnos_handle_t pool, code;
static struct mnos_thread_args process_args;
static uint64_t process_wrong;
void process_once(struct path *path);

/* One process: a page of shared code, three pages of its own that it writes to; its status is read. */
void process_once(struct path *path)
{
    struct mnos_cap_info info;
    mnos_handle_t process = (mnos_handle_t)mnos_proc_create(pool, 64, MNOS_NONE, NULL, 0, 0);
    mnos_handle_t memory = (mnos_handle_t)mnos_mem_alloc(pool, PAGES * MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0);

    (void)path;
    mnos_mem_map(process, code, CODE, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_EXEC);
    mnos_mem_map(process, memory, DATA, 0, PAGES * MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE);
    mnos_cap_delete(memory);
    mnos_handle_t thread = (mnos_handle_t)mnos_thread_create(process, &process_args);
    mnos_cap_inspect(process, &info, sizeof info);
    process_wrong += info.state != MNOS_STATE_DEAD || info.status != 7;
    mnos_cap_delete(thread);
    mnos_cap_delete(process);
}

static void work_process(struct series *s)
{
    process_wrong = 0;
    while (!series_full(s))
        take(s, time_process_lifecycle(&s->path));
    expect(s, process_wrong == 0);
}

static mnos_handle_t code_memory(void)
{
    const uint64_t place = 0x30000000;
    mnos_handle_t memory = must(mnos_mem_alloc(mnos_pool(), MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0), "code");

    must(mnos_mem_map(MNOS_SELF, memory, place, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE), "code");
    memcpy((void *)place, small_code, (size_t)(small_code_end - small_code));
    must(mnos_mem_unmap(MNOS_SELF, place, MNOS_PAGE_SIZE), "code");
    return memory;
}

static void same(struct series *s, const struct mnos_info_ledger *before, work_fn *work)
{
    measure(s, work);
    struct mnos_info_ledger after = ledger_now();
    tap_ok(memcmp(before->objects, after.objects, sizeof after.objects) == 0 && before->caps == after.caps,
           "%s leaves no object behind", s->name);
}

void bench_lives(void)
{
    static struct series thread = {.name = "thread_lifecycle"}, process = {.name = "process_lifecycle"};

    thread_args = (struct mnos_thread_args){.entry = (uint64_t)serve_exit,
                                            .stack = (uint64_t)(stack + sizeof stack),
                                            .priority = PRIO_PARTNER,
                                            .affinity = 1};
    thread.path.ext = (uint64_t)&thread_args;
    struct mnos_info_ledger before = ledger_now();
    same(&thread, &before, work_thread);

    pool = mnos_pool();
    code = code_memory();
    process_args = (struct mnos_thread_args){.entry = CODE,
                                             .stack = DATA + PAGES * MNOS_PAGE_SIZE,
                                             .arg = {DATA, DATA + MNOS_PAGE_SIZE, DATA + 2 * MNOS_PAGE_SIZE},
                                             .priority = PRIO_PARTNER,
                                             .affinity = 1};
    before = ledger_now();
    same(&process, &before, work_process);
    mnos_cap_delete(code);
}
