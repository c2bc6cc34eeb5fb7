/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/package.h>
#include <str.h>

#include "bench.h"

bool reporting = true;
mnos_handle_t shared_page;

/* ---- samples ---- */

void take(struct series *s, uint32_t value)
{
    if (s->skipped < WARM_UP)
        s->skipped++;
    else if (s->taken < ROUNDS)
        s->sample[s->taken++] = value;
}

bool series_full(const struct series *s)
{
    return s->taken == ROUNDS;
}

void expect(struct series *s, bool condition)
{
    s->wrong += !condition;
}

uint64_t median(struct series *s)
{
    for (uint32_t i = 1; i < s->taken; i++)
        for (uint32_t j = i; j > 0 && s->sample[j - 1] > s->sample[j]; j--) {
            uint32_t high = s->sample[j - 1];
            s->sample[j - 1] = s->sample[j];
            s->sample[j] = high;
        }
    return s->taken > 0 ? s->sample[s->taken / 2] : 0;
}

static void work_empty(struct series *s)
{
    while (!series_full(s))
        take(s, time_empty(&s->path));
}

static uint64_t empty_ticks(void)
{
    static struct series s = {.name = "empty"};
    static uint64_t ticks;

    if (s.taken == 0) {
        worker_run(work_empty, &s);
        ticks = median(&s);
    }
    return ticks;
}

void report(const char *name, uint64_t value)
{
    printf("%s %s %lu\n", reporting ? "bench" : "# debug kernel:", name, value);
}

void measure(struct series *s, work_fn *work)
{
    (void)empty_ticks();
    worker_run(work, s);
    conclude(s);
}

void conclude(struct series *s)
{
    s->empty = empty_ticks();
    uint64_t value = median(s);
    value = (s->largest && s->taken > 0 ? s->sample[s->taken - 1] : value) - s->empty;
    tap_ok(s->wrong == 0 && s->taken > 0, "%s does what it is timed for", s->name);
    if (s->wrong > 0)
        tap_diag("%u wrong results", s->wrong);
    if (s->taken > 1)
        tap_diag("%s: %u samples, %lu to %lu", s->name, s->taken, s->sample[0] - s->empty,
                 s->sample[s->taken - 1] - s->empty);
    report(s->name, value);
}

/* ---- workers ---- */

static struct {
    work_fn *work;
    struct series *series;
    uint32_t done;
} job;

static _Noreturn void worker_entry(void)
{
    job.work(job.series);
    __atomic_store_n(&job.done, 1, __ATOMIC_RELEASE);
    mnos_thread_wake((uint64_t)&job.done, 1, 0, 0, MNOS_WAIT_PRIVATE);
    for (;;)
        mnos_thread_destroy(MNOS_SELF);
}

void worker_run(work_fn *work, struct series *s)
{
    static _Alignas(4096) unsigned char stack[32768];
    struct mnos_thread_args args = {.entry = (uint64_t)worker_entry,
                                    .stack = (uint64_t)(stack + sizeof stack - 8),
                                    .priority = PRIO_WORKER,
                                    .affinity = 1};

    memset(stack, 0, sizeof stack);
    job.work = work;
    job.series = s;
    job.done = 0;
    mnos_handle_t thread = must(mnos_thread_create(MNOS_SELF, &args), "a worker");
    while (__atomic_load_n(&job.done, __ATOMIC_ACQUIRE) == 0)
        mnos_thread_block(&job.done, 0, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
    mnos_cap_delete(thread);
}

/* ---- partners ---- */

void partner_cap(struct partner *partner, mnos_handle_t cap, uint32_t rights)
{
    partner->cap[partner->caps++] = (struct spawn_cap){.name = "cap", .handle = cap, .rights = rights};
}

void partner_start(struct partner *partner)
{
    static struct ustar_member image;
    struct spawn_cap caps[8] = {{.name = "pool", .handle = mnos_pool(), .rights = MNOS_RIGHT_WRITE}};

    if (!image.data && package_find("sbin/init", &image) != USTAR_OK)
        must(-MNOS_E_NOT_FOUND, "the image of this program");
    for (unsigned i = 0; i < partner->caps; i++)
        caps[1 + i] = partner->cap[i];
    struct spawn spawn = {.image = image.data,
                          .image_size = image.size,
                          .name = partner->name,
                          .pool = MNOS_NONE,
                          .slots = 2048,
                          .fault = partner->fault ? partner->fault : MNOS_NONE,
                          .caps = caps,
                          .cap_count = 1 + partner->caps,
                          .entry = (uint64_t)partner->entry,
                          .priority = partner->priority ? partner->priority : PRIO_WORKER,
                          .affinity = partner->affinity ? partner->affinity : 1,
                          .suspended = true};
    must(-(int64_t)mnos_spawn(&spawn, &partner->child), partner->name);
    must(mnos_mem_map(partner->child.process, partner->shared ? partner->shared : shared_page, SHARED, 0,
                      MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE),
         "the shared page");
    if (partner->memory_bytes > 0)
        must(mnos_mem_map(partner->child.process, partner->memory, 0x30000000, 0, partner->memory_bytes,
                          MNOS_MAP_READ | MNOS_MAP_WRITE),
             "its memory");
    must(mnos_thread_control(partner->child.thread, MNOS_THREADCTL_RESUME, 0, 0), "resume");
}

void partner_stop(struct partner *partner)
{
    spawn_drop(&partner->child);
}

/* ---- the rest ---- */

mnos_handle_t must(int64_t result, const char *what)
{
    if (result >= 0)
        return (mnos_handle_t)result;
    tap_ok(false, "%s: %s", what, mnos_error_name(result));
    tap_done();
    mnos_exit(1);
}

mnos_handle_t new_object(enum mnos_create what)
{
    return must(mnos_cap_create(what, mnos_pool(), 0, 0, 0), "a kernel object");
}

struct mnos_info_ledger ledger_now(void)
{
    struct mnos_info_ledger ledger;

    for (;;) {
        must(mnos_system_info(MNOS_BOOT_SYSTEM, MNOS_INFO_LEDGER, 0, &ledger, sizeof ledger), "the ledger");
        if (ledger.dead_queue == 0)
            return ledger;
        sleep_ns(MNOS_MS);
    }
}

_Alignas(4096) unsigned char send_buffer[BUFFER_BYTES];
_Alignas(4096) unsigned char recv_buffer[BUFFER_BYTES];

void buffer_fill(unsigned char *buffer, size_t length, unsigned seed)
{
    for (size_t i = 0; i < length; i++)
        buffer[i] = (unsigned char)(i * 7 + i / 4096 + seed);
}

bool buffer_holds(const unsigned char *buffer, size_t length, unsigned seed)
{
    for (size_t i = 0; i < length; i++)
        if (buffer[i] != (unsigned char)(i * 7 + i / 4096 + seed))
            return false;
    return true;
}
