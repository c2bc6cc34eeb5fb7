/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, heap, threads, locks, clock and printing: what stays inside the program. */
#include <libmnos/heap.h>
#include <libmnos/sync.h>
#include <libmnos/thread.h>

#include "library.h"

#define PAGE    MNOS_PAGE_SIZE
#define PIECES  200u
#define THREADS 4u
#define ROUNDS  2000u

static void pages(void)
{
    enum mnos_error error = MNOS_E_BUSY;
    char *aligned = alloc_pages_aligned(3, 1 << 21, &error);
    struct mnos_cap_info info;

    tap_ok(aligned && error == MNOS_OK && ((uint64_t)aligned & ((1 << 21) - 1)) == 0 && aligned[3 * PAGE - 1] == 0,
           "memory: alloc_pages_aligned gives zeroed pages at a multiple [M230]");
    aligned[3 * PAGE - 1] = 1;
    tap_ok(mnos_cap_inspect(mnos_pool(), aligned + 3 * PAGE, sizeof info) == -MNOS_E_FAULT,
           "memory: the page behind them is not mapped [M230]");
    free_pages(aligned, 3);
    tap_ok(mnos_cap_inspect(mnos_pool(), aligned, sizeof info) == -MNOS_E_FAULT,
           "memory: free_pages takes them away [M230]");
    tap_ok(!alloc_pages(0, &error) && error == MNOS_E_INVALID && !alloc_pages(1ull << 40, &error) &&
               error == MNOS_E_NO_MEMORY,
           "memory: alloc_pages tells why it gives none [M230]");
    char *range = va_reserve(4 * PAGE, 1 << 16);
    tap_ok(range && ((uint64_t)range & 0xffff) == 0 &&
               mnos_cap_inspect(mnos_pool(), range, sizeof info) == -MNOS_E_FAULT,
           "memory: va_reserve gives addresses without memory [M230]");
    char *other = va_reserve(4 * PAGE, PAGE);
    tap_ok(other && (other >= range + 4 * PAGE || range >= other + 4 * PAGE), "memory: and each of them once [M230]");
    va_release(range, 4 * PAGE);
    char *again = va_reserve(4 * PAGE, 1 << 16);
    tap_ok(again == range, "memory: va_release gives them back [M230]");
    va_release(again, 4 * PAGE);
    va_release(other, 4 * PAGE);

    mnos_handle_t memory = new_memory(2 * PAGE);
    char *one = map_memory(memory, 0, 2 * PAGE, MNOS_MAP_READ | MNOS_MAP_WRITE, &error);
    const char *two = map_memory(memory, PAGE, PAGE, MNOS_MAP_READ, &error);
    one[PAGE] = 42;
    tap_ok(two && *two == 42 && !map_memory(mnos_pool(), 0, PAGE, MNOS_MAP_READ, &error) && error == MNOS_E_BADTYPE,
           "memory: map_memory maps a part of a Memory somewhere [M230]");
    unmap_memory((void *)(uint64_t)two, PAGE);
    unmap_memory(one, 2 * PAGE);
    mnos_cap_delete(memory);
}

static void heap(void)
{
    static unsigned char *piece[PIECES];
    struct heap_stats before, during, after;
    uint64_t seed = 4711;
    bool good = true;

    free(malloc(16));
    heap_stats(&before);
    for (unsigned round = 0; round < 20 * PIECES; round++) {
        unsigned i = (unsigned)((seed = seed * 6364136223846793005ull + 1442695040888963407ull) >> 33) % PIECES;
        size_t size = (seed >> 20) % (round % 50 == 0 ? 100000 : 2000) + 4;
        if (piece[i] && (seed & 3) == 0) {
            unsigned char *bigger = realloc(piece[i], size);
            good &= bigger && bigger[0] == (unsigned char)i && bigger[3] == (unsigned char)~i;
            piece[i] = bigger;
        } else {
            good &= !piece[i] || (piece[i][0] == (unsigned char)i && piece[i][3] == (unsigned char)~i);
            free(piece[i]);
            piece[i] = round & 1 ? malloc(size) : calloc(2, (size + 1) / 2);
            good &= piece[i] && ((uint64_t)piece[i] & 15) == 0 &&
                    (round & 1 || (piece[i][0] == 0 && piece[i][size - 1] == 0));
        }
        piece[i][0] = (unsigned char)i;
        piece[i][3] = (unsigned char)~i;
    }
    heap_stats(&during);
    heap_check();
    for (unsigned i = 0; i < PIECES; i++)
        free(piece[i]);
    heap_stats(&after);
    tap_ok(good && during.objects > PIECES / 2 && during.bytes > during.objects,
           "heap: malloc, calloc, realloc and free keep %u pieces apart [M230]", PIECES);
    tap_ok(after.objects == before.objects && after.bytes == before.bytes && after.pages < during.pages,
           "heap: all of it is given back, and pages to the kernel [M230]");
    tap_ok(!malloc(1ull << 50) && !calloc(1ull << 40, 1ull << 40), "heap: what there cannot be is NULL [M230]");
}

static struct {
    struct mnos_mutex mutex;
    struct mnos_cond cond;
    unsigned count, waiting, signals;
    struct mnos_thread *self;
    bool passed_exit;
} shared;

static void count_up(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&shared.mutex);
        unsigned seen = shared.count;
        if (i % 64 == 0)
            mnos_thread_yield();
        shared.count = seen + 1;
        mutex_unlock(&shared.mutex);
    }
}

static void wait_for_signal(void *arg)
{
    (void)arg;
    mutex_lock(&shared.mutex);
    shared.waiting++;
    while (shared.signals == 0)
        cond_wait(&shared.cond, &shared.mutex);
    shared.signals--;
    shared.waiting--;
    mutex_unlock(&shared.mutex);
}

static void try_lock(void *arg)
{
    *(bool *)arg = mutex_try(&shared.mutex);
    if (*(bool *)arg)
        mutex_unlock(&shared.mutex);
}

static bool waiting_is(unsigned wanted)
{
    bool is = false;

    for (uint64_t end = clock_ns() + 5 * MNOS_S; !is && clock_ns() < end; sleep_ns(MNOS_MS)) {
        mutex_lock(&shared.mutex);
        is = shared.waiting == wanted;
        mutex_unlock(&shared.mutex);
    }
    return is;
}

static void locks(void)
{
    struct mnos_thread *thread[THREADS];
    bool got = true;

    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = thread_start(count_up, NULL, NULL, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        thread_join(thread[i]);
    tap_eq((int64_t)shared.count, THREADS * ROUNDS, "locks: no count is lost under mutex_lock [M230]");
    mutex_lock(&shared.mutex);
    thread_join(thread_start(try_lock, &got, NULL, NULL));
    bool held = !got;
    mutex_unlock(&shared.mutex);
    thread_join(thread_start(try_lock, &got, NULL, NULL));
    tap_ok(held && got, "locks: mutex_try fails while the lock is held, and only then [M230]");

    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = thread_start(wait_for_signal, NULL, NULL, NULL);
    bool all = waiting_is(THREADS);
    mutex_lock(&shared.mutex);
    shared.signals = 1;
    cond_signal(&shared.cond);
    mutex_unlock(&shared.mutex);
    bool one = waiting_is(THREADS - 1);
    tap_ok(all && one, "locks: cond_signal lets one waiter go on [M230]");
    mutex_lock(&shared.mutex);
    shared.signals = THREADS - 1;
    cond_broadcast(&shared.cond, &shared.mutex);
    mutex_unlock(&shared.mutex);
    for (unsigned i = 0; i < THREADS; i++)
        thread_join(thread[i]);
    tap_ok(shared.waiting == 0 && shared.signals == 0, "locks: cond_broadcast lets all of them [M230]");
    mutex_lock(&shared.mutex);
    uint64_t deadline = clock_ns() + 20 * MNOS_MS;
    while (cond_wait_until(&shared.cond, &shared.mutex, deadline))
        ;
    tap_ok(clock_ns() >= deadline && !mutex_try(&shared.mutex),
           "locks: cond_wait_until ends at its deadline, with the lock [M230]");
    mutex_unlock(&shared.mutex);
}

static void leave(void *arg)
{
    shared.self = thread_self();
    (void)arg;
    thread_exit();
    shared.passed_exit = true;
}

static void threads(void)
{
    struct mnos_thread *thread = thread_start(leave, NULL, NULL, NULL);
    enum mnos_error error = MNOS_OK;
    static const struct mnos_thread_options huge = {.stack_pages = 1 << 24};

    tap_eq(inspect(thread_handle(thread)).type, MNOS_TYPE_THREAD, "threads: thread_handle names a thread [M230]");
    thread_join(thread);
    tap_ok(shared.self == thread && !shared.passed_exit && !thread_self(),
           "threads: thread_self knows itself, and nothing comes behind thread_exit [M230]");
    tap_ok(!thread_start(leave, NULL, &huge, &error) && error == MNOS_E_NO_MEMORY,
           "threads: thread_start tells why it starts none [M230]");
    uint64_t start = clock_ns();
    sleep_until(start + 30 * MNOS_MS);
    tap_ok(clock_ns() >= start + 30 * MNOS_MS, "clock: sleep_until sleeps until then [M230]");
    start = clock_ns();
    sleep_ns(10 * MNOS_MS);
    tap_ok(clock_ns() >= start + 10 * MNOS_MS, "clock: sleep_ns sleeps so long [M230]");
    int64_t kernel = mnos_time();
    uint64_t after = clock_ns();
    tap_ok(kernel >= (int64_t)start && (uint64_t)kernel <= after, "clock: mnos_time is the clock of clock_ns [M230]");
    tap_ok(clock_unix_base() > 1600000000, "clock: clock_unix_base tells the time of day [M230]");
}

static char said[128];
static size_t said_len;
static unsigned said_calls;

static void sink(void *context, const char *text, size_t length)
{
    *(unsigned *)context += 1;
    for (size_t i = 0; i < length && said_len < sizeof said - 1; i++)
        said[said_len++] = text[i];
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

static void printing(void)
{
    print_to(sink, &said_calls);
    printf("one %d\n", 1);
    say("two %s", "t");
    bool kept = said_calls == 1;
    say("wo\n");
    printf("rest");
    print_flush();
    print_to(print_kernel_log, NULL);
    tap_ok(kept && said_calls == 3 && strcmp(said, "one 1\ntwo two\nrest") == 0,
           "print: printf and vprintf give whole lines to the sink of print_to, and print_flush the rest [M230]");
}

void local_tests(void)
{
    pages();
    heap();
    locks();
    threads();
    printing();
}
