/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that makes the random calls: workers that share a list of handles, and a main thread that frees them from waits
 * that nobody would end.
 */
#include <libmnos/thread.h>

#include "fuzz.h"

#define WORKERS 3u

static struct stats *stats;
static struct worker worker[WORKERS];
static struct mnos_thread *thread[WORKERS];

static uint32_t type_of(mnos_handle_t handle)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(handle, &info, sizeof info) < 0 ? MNOS_TYPE_NONE : info.type;
}

/* In place of one that was there, which is mostly given back. */
static void keep(struct worker *w, mnos_handle_t handle)
{
    unsigned i = KEPT + (unsigned)below(w, HANDLES - KEPT);
    struct entry old = entry[i];

    entry[i] = (struct entry){handle, type_of(handle)};
    if (old.type != MNOS_TYPE_NONE && below(w, 20) != 0)
        mnos_cap_delete(old.handle);
}

static void make_room(struct worker *w)
{
    for (unsigned n = 0; n < 12; n++) {
        unsigned i = KEPT + (unsigned)below(w, HANDLES - KEPT);
        mnos_cap_delete(entry[i].handle);
        /* And what was received and not kept. */
        mnos_cap_delete(8 + below(w, 256));
    }
}

static void results(struct worker *w, unsigned nr, const uint64_t arg[6], int64_t result)
{
    switch (nr) {
    case MNOS_SYS_proc_create:
    case MNOS_SYS_mem_alloc:
    case MNOS_SYS_thread_create:
    case MNOS_SYS_cap_create:
        keep(w, (mnos_handle_t)result);
        break;
    case MNOS_SYS_cap_transfer:
        if (arg[0] == MNOS_SELF)
            keep(w, (mnos_handle_t)result);
        break;
    case MNOS_SYS_ipc_recv:
        w->reply = arg[3];
        /* fall through */
    case MNOS_SYS_ipc_call:
    case MNOS_SYS_ipc_reply:
        for (unsigned i = 0; w->ext && i < MNOS_IPC_CAPS; i++)
            if (w->ext->recv_cap[i] != 0 && type_of(w->ext->recv_cap[i]) != MNOS_TYPE_NONE)
                keep(w, w->ext->recv_cap[i]);
        break;
    default:
        break;
    }
}

/* Something new: an object of a kind that is seldom made otherwise, or a weak copy of one that is there. */
static mnos_handle_t fresh(struct worker *w)
{
    const mnos_handle_t pool = entry[0].handle;
    int64_t made;

    switch (below(w, 8)) {
    case 0:
    case 1:
        made = mnos_cap_create(MNOS_CREATE_ENDPOINT, pool, 0, 0, 0);
        break;
    case 2:
        made = mnos_cap_create(MNOS_CREATE_NOTIFICATION, pool, 0, 0, 0);
        break;
    case 3:
        made = mnos_cap_create(MNOS_CREATE_REPLY, pool, 0, 0, 0);
        break;
    case 4:
        made = mnos_mem_alloc(pool, 4 * MNOS_PAGE_SIZE, MNOS_MEM_ANON, 0);
        break;
    case 5:
        made = mnos_proc_create(pool, 64, MNOS_NONE, "fuzzed", 6, 0);
        break;
    case 6:
        made = mnos_cap_create(MNOS_CREATE_MINT, entry[below(w, HANDLES)].handle, MNOS_RIGHT_SEND, 0, 0);
        break;
    default:
        made = mnos_cap_create(MNOS_CREATE_MINT, entry[below(w, HANDLES)].handle, MNOS_RIGHT_GRANT, 0, 0);
        break;
    }
    return made < 0 ? MNOS_NONE : (mnos_handle_t)made;
}

/* Handles that name nothing any more are replaced; a child without its pool is of no more use. */
static void refresh(struct worker *w)
{
    if (type_of(entry[0].handle) == MNOS_TYPE_NONE)
        mnos_exit(0);
    for (unsigned n = 0; n < 6; n++) {
        unsigned i = KEPT + (unsigned)below(w, HANDLES - KEPT);
        if (type_of(entry[i].handle) != MNOS_TYPE_NONE)
            continue;
        mnos_handle_t handle = fresh(w);
        entry[i] = (struct entry){handle, handle == MNOS_NONE ? MNOS_TYPE_NONE : type_of(handle)};
    }
}

int64_t counted_call(unsigned nr, const uint64_t arg[6])
{
    int64_t result = raw_call(nr, arg);
    uint64_t error = result < 0 ? (uint64_t)-result : 0;

    __atomic_add_fetch(&stats->calls, 1, __ATOMIC_RELAXED);
    if (error < MNOS_ERROR_COUNT)
        __atomic_add_fetch(&stats->count[nr][error], 1, __ATOMIC_RELAXED);
    else
        __atomic_add_fetch(&stats->strange, 1, __ATOMIC_RELAXED);
    return result;
}

static void work(void *context)
{
    struct worker *w = context;

    for (;;) {
        uint64_t arg[6];
        if (below(w, 16) == 0)
            refresh(w);
        if (below(w, 1000) == 0)
            rare_calls(w);
        unsigned nr = generate(w, arg);
        int64_t result = counted_call(nr, arg), error = result < 0 ? -result : 0;
        if (result >= 0)
            results(w, nr, arg, result);
        else if ((error == MNOS_E_NO_SLOTS || error == MNOS_E_NO_MEMORY) && below(w, 3) == 0)
            make_room(w);
    }
}

static void start_handles(void)
{
    static const char *const given[KEPT] = {"pool", "system", "irq", "ioport", "log"};
    struct worker w = {.seed = stats->seed};

    for (unsigned i = 0; i < KEPT; i++)
        entry[i] = (struct entry){mnos_cap(given[i]), type_of(mnos_cap(given[i]))};
    keep(&w, new_endpoint());
    keep(&w, new_notification());
    keep(&w, new_reply());
    keep(&w, new_memory(4 * MNOS_PAGE_SIZE));
}

int fuzz_child(int argc, char **argv)
{
    (void)argc, (void)argv;
    stats = (struct stats *)STATS_ADDRESS;
    if (mnos_mem_map(MNOS_SELF, mnos_cap("stats"), STATS_ADDRESS, 0, STATS_BYTES, MNOS_MAP_READ | MNOS_MAP_WRITE) < 0)
        return 1;
    start_handles();
    for (unsigned i = 0; i < WORKERS; i++) {
        worker[i].seed = (stats->seed + i) * 0x9e3779b97f4a7c15ull | 1;
        worker[i].reply = MNOS_NONE;
        worker[i].scratch = alloc_pages(SCRATCH / MNOS_PAGE_SIZE, NULL);
        thread[i] = thread_start(work, &worker[i], NULL, NULL);
        if (!thread[i])
            return 1;
    }
    for (uint64_t round = 0;; round++) {
        sleep_ns(MNOS_MS);
        for (unsigned i = 0; i < WORKERS; i++) {
            mnos_thread_control(thread_handle(thread[i]), MNOS_THREADCTL_RESUME, 0, 0);
            mnos_thread_control(thread_handle(thread[i]), MNOS_THREADCTL_UPCALL, 1, 0);
        }
        /* Whoever waits for an answer gets one. */
        for (unsigned i = 0; i < HANDLES; i++)
            if (entry[i].type == MNOS_TYPE_REPLY)
                mnos_fast_reply(MNOS_NONE, entry[i].handle, round & 1, 0, 0, 0, 0);
    }
}
