/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random calls from the table's model: each argument by its shape, most of the time sound, and values by what the call
 * makes of them.
 */
#include "fuzz.h"

struct entry entry[HANDLES];

uint64_t below(struct worker *w, uint64_t n)
{
    return (random_next(&w->seed) >> 16) % n;
}

static bool chance(struct worker *w, unsigned percent)
{
    return below(w, 100) < percent;
}

static bool type_fits(uint32_t type, uint32_t want)
{
    switch (want) {
    case MNOS_MODEL_ANY:
    case MNOS_MODEL_BY_FLAGS:
        return type != MNOS_TYPE_NONE;
    case MNOS_MODEL_ENDPOINT_OR_NOTIFICATION:
        return type == MNOS_TYPE_ENDPOINT || type == MNOS_TYPE_NOTIFICATION;
    case MNOS_MODEL_THREAD_OR_PROCESS:
        return type == MNOS_TYPE_THREAD || type == MNOS_TYPE_PROCESS;
    default:
        return type == want;
    }
}

static mnos_handle_t pick(struct worker *w, uint32_t type)
{
    unsigned start = (unsigned)below(w, HANDLES);

    for (unsigned i = 0; i < HANDLES; i++) {
        struct entry e = entry[(start + i) % HANDLES];
        if (type_fits(e.type, type))
            return e.handle;
    }
    return entry[start].handle;
}

static mnos_handle_t handle(struct worker *w, uint32_t type)
{
    switch (below(w, 24)) {
    case 0:
    case 1:
        return pick(w, MNOS_MODEL_ANY);
    case 2:
        return pick(w, type) + (1ull << 32); /* a generation that is not there yet */
    case 3:
        return below(w, 200);
    case 4:
        return chance(w, 50) ? MNOS_NONE : random_next(&w->seed);
    default:
        return pick(w, type);
    }
}

static uint64_t value(struct worker *w)
{
    switch (below(w, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return random_next(&w->seed);
    case 3:
        return 1ull << below(w, 64);
    case 4:
        return MNOS_PAGE_SIZE * below(w, 20);
    default:
        return below(w, 12);
    }
}

static uint64_t address(struct worker *w)
{
    switch (below(w, 20)) {
    case 0:
        return bad_pointers[below(w, bad_pointer_count)];
    case 1:
        return ARENA + below(w, ARENA_PAGES * MNOS_PAGE_SIZE);
    case 2:
        return MNOS_USER_END - MNOS_PAGE_SIZE * below(w, 4);
    default:
        return ARENA + MNOS_PAGE_SIZE * below(w, ARENA_PAGES);
    }
}

static uint64_t pointer(struct worker *w)
{
    switch (below(w, 20)) {
    case 0:
        return bad_pointers[below(w, bad_pointer_count)];
    case 1:
        return ARENA + below(w, ARENA_PAGES * MNOS_PAGE_SIZE);
    case 2:
        return (uint64_t)w->scratch + below(w, SCRATCH / 2);
    default:
        return (uint64_t)w->scratch + (below(w, SCRATCH / 2) & ~7ull);
    }
}

static uint64_t pages(struct worker *w, uint64_t most)
{
    return chance(w, 94) ? MNOS_PAGE_SIZE * (1 + below(w, most)) : value(w);
}

static uint64_t offset(struct worker *w)
{
    return chance(w, 60) ? 0 : chance(w, 90) ? MNOS_PAGE_SIZE * below(w, 8) : value(w);
}

/* Some soon, some past, few never. */
static uint64_t deadline(struct worker *w)
{
    uint64_t kind = below(w, 20);

    return kind == 0 ? MNOS_FOREVER : kind < 4 ? 0 : clock_ns() + below(w, 1000000);
}

static uint64_t rights(struct worker *w)
{
    return chance(w, 95) ? 1 + below(w, MNOS_RIGHTS_ALL) : value(w);
}

/* Not of those that it was started with, which a message could move away. */
static mnos_handle_t pick_own(struct worker *w)
{
    return entry[KEPT + below(w, HANDLES - KEPT)].handle;
}

/* The extension record of a message. */
static uint64_t extension(struct worker *w)
{
    if (chance(w, 5))
        return 0;
    if (chance(w, 8))
        return pointer(w);
    w->ext = (struct mnos_ipc_ext *)(w->scratch + SCRATCH - sizeof(struct mnos_ipc_ext) - 8 * below(w, 16));
    *w->ext = (struct mnos_ipc_ext){
        .flags = chance(w, 98) ? chance(w, 25) : (uint32_t)value(w),
        .send_caps = chance(w, 30) ? (uint8_t)below(w, chance(w, 97) ? 5 : 256) : 0,
        .recv_caps = (uint8_t)below(w, chance(w, 98) ? 5 : 256),
        .move_mask = (uint8_t)below(w, 16),
        .deadline = deadline(w),
        .send_buf = pointer(w),
        .send_len = chance(w, 60) ? below(w, SCRATCH / 4) : 0,
        .recv_buf = pointer(w),
        .recv_len = chance(w, 97) ? below(w, SCRATCH / 4) : value(w),
    };
    for (unsigned i = 0; i < MNOS_IPC_CAPS; i++)
        w->ext->send_cap[i] = chance(w, 92) ? pick_own(w) : MNOS_NONE;
    return (uint64_t)w->ext;
}

/* None that there is above the judge's: it would wait for ever for a core that a thread of the child does not leave. */
static uint64_t priority(struct worker *w)
{
    uint64_t any = value(w);

    return any > 150 && any <= MNOS_PRIO_MAX ? 150 : any;
}

static uint64_t thread_record(struct worker *w, bool self)
{
    struct mnos_thread_args *a = (struct mnos_thread_args *)(w->scratch + SCRATCH / 2);

    if (chance(w, 6))
        return pointer(w);
    *a = (struct mnos_thread_args){
        .entry = chance(w, 97) ? (uint64_t)fuzz_thread : value(w),
        .stack = (uint64_t)a,
        .arg = {value(w), value(w), value(w)},
        .fs_base = chance(w, 97) ? 0 : value(w),
        .priority = chance(w, 97) ? (uint32_t)below(w, 150) : (uint32_t)priority(w),
        .flags = chance(w, self ? 10 : 95) ? MNOS_THREAD_SUSPENDED : (uint32_t)below(w, 64) / 63,
        .affinity = chance(w, 80) ? 0 : value(w),
    };
    return (uint64_t)a;
}

static void create(struct worker *w, uint64_t arg[6])
{
    static const uint8_t from[] = {MNOS_MODEL_ANY,   MNOS_TYPE_POOL,   MNOS_TYPE_POOL,      MNOS_TYPE_POOL,
                                   MNOS_TYPE_POOL,   MNOS_TYPE_MEMORY, MNOS_TYPE_INTERRUPT, MNOS_TYPE_INTERRUPT,
                                   MNOS_TYPE_IOPORT, MNOS_TYPE_PROCESS};

    arg[0] = chance(w, 98) ? below(w, MNOS_CREATE_COUNT) : value(w);
    arg[1] = handle(w, arg[0] < MNOS_CREATE_COUNT ? from[arg[0]] : MNOS_MODEL_ANY);
    switch (arg[0]) {
    case MNOS_CREATE_MINT:
        arg[2] = chance(w, 40) ? MNOS_RIGHT_SEND : rights(w);
        arg[3] = chance(w, 40) ? below(w, 6) : 0;
        break;
    case MNOS_CREATE_POOL:
        arg[2] = pages(w, 16);
        break;
    case MNOS_CREATE_MEMORY_RANGE:
        arg[2] = offset(w);
        arg[3] = pages(w, 4);
        arg[4] = chance(w, 70) ? 0 : rights(w);
        break;
    case MNOS_CREATE_INTERRUPT:
        arg[2] = 3 + below(w, 2);
        arg[3] = 1 + below(w, 2);
        arg[4] = 0;
        break;
    case MNOS_CREATE_IOPORT:
        arg[2] = 0x80 + below(w, 2);
        arg[3] = 1 + below(w, 2);
        arg[4] = 0;
        break;
    case MNOS_CREATE_THREAD:
        arg[2] = below(w, 2000);
        break;
    default:
        break;
    }
}

static void control(struct worker *w, uint64_t arg[6])
{
    arg[1] = chance(w, 98) ? below(w, MNOS_THREADCTL_COUNT) : value(w);
    if (arg[1] == MNOS_THREADCTL_BIND || chance(w, 20))
        arg[0] = MNOS_SELF;
    switch (arg[1]) {
    case MNOS_THREADCTL_SUSPEND:
        if (arg[0] == MNOS_SELF && !chance(w, 5))
            arg[0] = pick(w, MNOS_TYPE_THREAD);
        break;
    case MNOS_THREADCTL_GET_REGS:
    case MNOS_THREADCTL_SET_REGS:
    case MNOS_THREADCTL_CLEAR_WORD:
        arg[2] = pointer(w);
        break;
    case MNOS_THREADCTL_PRIORITY:
        arg[2] = chance(w, 95) ? 1 + below(w, 120) : priority(w);
        break;
    case MNOS_THREADCTL_AFFINITY:
        arg[2] = chance(w, 90) ? 1 + below(w, 15) : value(w);
        break;
    case MNOS_THREADCTL_UPCALL_AREA:
        arg[2] = chance(w, 50) ? 0 : (uint64_t)w->scratch;
        arg[3] = arg[2] == 0 ? 0 : (uint64_t)fuzz_upcall;
        break;
    case MNOS_THREADCTL_WATCH:
    case MNOS_THREADCTL_BIND:
        arg[2] = chance(w, 20) ? MNOS_NONE : handle(w, MNOS_TYPE_NOTIFICATION);
        break;
    case MNOS_THREADCTL_BUDGET:
        arg[3] = 1000000 * below(w, 20);
        arg[2] = arg[3] == 0 ? 0 : below(w, arg[3]);
        break;
    default:
        break;
    }
}

static void memory_control(struct worker *w, uint64_t arg[6])
{
    arg[1] = chance(w, 98) ? below(w, 6) : value(w);
    arg[2] = offset(w);
    arg[3] = pages(w, 4);
    arg[4] = pointer(w);
    if (arg[1] == MNOS_MEMCTL_SUPPLY) {
        arg[3] = pointer(w) & ~(MNOS_PAGE_SIZE - 1);
        arg[4] = pages(w, 2);
    } else if (arg[1] == MNOS_MEMCTL_RESIZE) {
        arg[2] = pages(w, 16);
    }
}

static void block(struct worker *w, uint64_t arg[6])
{
    arg[3] = chance(w, 95) ? below(w, 3) : value(w);
    if (chance(w, 80))
        arg[0] = (uint64_t)w->scratch + 4 * below(w, 64);
    arg[1] =
        chance(w, 60) && arg[0] >= (uint64_t)w->scratch && arg[0] < (uint64_t)w->scratch + SCRATCH && (arg[0] & 3) == 0
            ? *(uint32_t *)arg[0]
            : value(w);
    arg[2] = deadline(w);
}

static const uint8_t map_flags[] = {1, 3, 3, 3, 5, 1 | 0x80, 3 | 0x80, 0x21, 0x23, 0x43, 7, 0, 0x20, 1 | 8, 0x18 | 1};

static void shape_values(struct worker *w, unsigned nr, uint64_t arg[6])
{
    switch (nr) {
    case MNOS_SYS_ipc_send:
    case MNOS_SYS_ipc_call:
        arg[2] = extension(w);
        break;
    case MNOS_SYS_ipc_recv:
        arg[2] = extension(w);
        arg[3] = chance(w, 40) ? MNOS_NONE : handle(w, MNOS_TYPE_REPLY);
        break;
    case MNOS_SYS_ipc_reply:
        arg[0] = chance(w, 60) ? MNOS_NONE : handle(w, MNOS_TYPE_ENDPOINT);
        arg[2] = chance(w, 40) ? 0 : extension(w);
        break;
    case MNOS_SYS_port_in:
    case MNOS_SYS_port_out:
        arg[1] = chance(w, 80) ? 0x80 : value(w);
        arg[2] = chance(w, 80) ? below(w, 2) : value(w);
        break;
    case MNOS_SYS_irq_bind:
        arg[1] = chance(w, 95) ? below(w, 3) : value(w);
        arg[3] = below(w, 4);
        break;
    case MNOS_SYS_proc_create:
        arg[1] = chance(w, 95) ? 64 + below(w, 128) : value(w);
        arg[2] = chance(w, 70) ? MNOS_NONE : arg[2];
        arg[4] = chance(w, 95) ? below(w, 32) : value(w);
        arg[5] = chance(w, 97) ? 0 : value(w);
        break;
    case MNOS_SYS_mem_alloc:
        arg[2] = chance(w, 95) ? below(w, 4) : value(w);
        arg[1] = arg[2] == MNOS_MEM_COW && chance(w, 50) ? 0 : pages(w, arg[2] == MNOS_MEM_CONTIG ? 2 : 24);
        arg[2] |= arg[2] == MNOS_MEM_ANON && chance(w, 30) ? MNOS_MEM_LAZY : 0;
        arg[3] = arg[2] == MNOS_MEM_PAGED ? handle(w, MNOS_TYPE_ENDPOINT)
                 : arg[2] == MNOS_MEM_COW ? handle(w, MNOS_TYPE_MEMORY)
                 : chance(w, 90)          ? 0
                                          : value(w);
        break;
    case MNOS_SYS_mem_map:
        arg[0] = chance(w, 75) ? MNOS_SELF : arg[0];
        arg[3] = offset(w);
        arg[4] = pages(w, 6);
        arg[5] = chance(w, 97) ? map_flags[below(w, sizeof map_flags)] : value(w);
        if ((arg[5] & MNOS_MAP_PROTECT) != 0 && chance(w, 90))
            arg[1] = MNOS_NONE;
        if (arg[5] == (MNOS_MAP_PORTS | MNOS_MAP_READ | MNOS_MAP_WRITE)) {
            arg[1] = handle(w, MNOS_TYPE_IOPORT);
            arg[2] = arg[3] = arg[4] = 0;
        }
        break;
    case MNOS_SYS_mem_unmap:
        arg[0] = chance(w, 75) ? MNOS_SELF : arg[0];
        arg[2] = pages(w, 6);
        break;
    case MNOS_SYS_mem_grant:
        arg[2] = offset(w);
        arg[3] = pages(w, 3);
        arg[4] = rights(w) & (chance(w, 80) ? 0x27u : UINT64_MAX);
        arg[5] = chance(w, 95) ? below(w, 2) : value(w);
        break;
    case MNOS_SYS_cap_transfer:
        arg[0] = chance(w, 30) ? MNOS_SELF : arg[0];
        arg[2] = chance(w, 40) ? 0 : rights(w);
        arg[3] = chance(w, 75) ? MNOS_NONE : below(w, 80);
        break;
    case MNOS_SYS_thread_create:
        arg[0] = chance(w, 60) ? MNOS_SELF : arg[0];
        arg[1] = thread_record(w, arg[0] == MNOS_SELF);
        break;
    case MNOS_SYS_cap_create:
        create(w, arg);
        break;
    case MNOS_SYS_cap_inspect:
        arg[2] = chance(w, 95) ? below(w, sizeof(struct mnos_cap_info) + 1) : value(w);
        break;
    case MNOS_SYS_thread_block:
        block(w, arg);
        break;
    case MNOS_SYS_thread_wake:
        arg[4] = chance(w, 95) ? below(w, 3) : value(w);
        arg[0] = arg[4] == MNOS_WAIT_PARK ? handle(w, MNOS_TYPE_THREAD) : (pointer(w) & ~3ull);
        arg[2] = chance(w, 60) ? 0 : pointer(w);
        break;
    case MNOS_SYS_debug_write:
        arg[2] = below(w, 64);
        break;
    case MNOS_SYS_ipc_copy:
        arg[1] = chance(w, 95) ? below(w, 2) : value(w);
        arg[2] = below(w, 64);
        arg[4] = chance(w, 95) ? below(w, 64) : value(w);
        break;
    case MNOS_SYS_mem_control:
        memory_control(w, arg);
        break;
    case MNOS_SYS_thread_control:
        control(w, arg);
        break;
    case MNOS_SYS_system_info:
        arg[1] = chance(w, 97) ? below(w, MNOS_INFO_COUNT) : value(w);
        arg[2] = chance(w, 70) ? below(w, 4) : value(w);
        arg[4] = chance(w, 90) ? below(w, 400) : value(w);
        break;
    default:
        break;
    }
}

static bool given(mnos_handle_t cap)
{
    for (unsigned i = 0; i < KEPT; i++)
        if (entry[i].handle == cap)
            return true;
    return false;
}

static bool holds_processes(mnos_handle_t cap)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(cap, &info, sizeof info) >= 0 &&
           (info.type == MNOS_TYPE_PROCESS || info.type == MNOS_TYPE_THREAD);
}

unsigned generate(struct worker *w, uint64_t arg[6])
{
    unsigned nr = (unsigned)below(w, MNOS_MODEL_CALLS);
    bool follows = w->reply != MNOS_NONE && chance(w, 60);
    if (follows)
        nr = chance(w, 30) ? MNOS_SYS_ipc_copy : MNOS_SYS_ipc_reply;
    const struct mnos_model_call *call = &mnos_model[nr];

    /* What ends the worker or the child is tried, but rarely. */
    if ((nr == MNOS_SYS_thread_destroy || nr == MNOS_SYS_proc_destroy) && !chance(w, 30))
        nr = MNOS_SYS_cap_create, call = &mnos_model[nr];
    w->ext = NULL;
    for (unsigned i = 0; i < 6; i++) {
        const struct mnos_model_arg *a = &call->arg[i];
        switch (i < call->argc ? a->shape : MNOS_SHAPE_VALUE) {
        case MNOS_SHAPE_HANDLE:
        case MNOS_SHAPE_HANDLE_SELF:
        case MNOS_SHAPE_HANDLE_NONE:
            arg[i] = handle(w, a->type);
            break;
        case MNOS_SHAPE_ADDRESS:
            arg[i] = address(w);
            break;
        case MNOS_SHAPE_VALUE:
            arg[i] = value(w);
            break;
        default:
            arg[i] = pointer(w);
            break;
        }
    }
    shape_values(w, nr, arg);
    if (follows)
        arg[nr == MNOS_SYS_ipc_copy ? 0 : 3] = w->reply;
    if (follows && nr == MNOS_SYS_ipc_reply)
        w->reply = MNOS_NONE;
    if ((nr == MNOS_SYS_thread_destroy || nr == MNOS_SYS_proc_destroy) && arg[0] == MNOS_SELF && !chance(w, 2))
        arg[0] = pick(w, nr == MNOS_SYS_thread_destroy ? MNOS_TYPE_THREAD : MNOS_TYPE_PROCESS);
    unsigned gives = nr == MNOS_SYS_cap_transfer ? 1 : 0;
    if (nr == MNOS_SYS_cap_delete || nr == MNOS_SYS_cap_revoke || (gives == 1 && arg[2] == 0))
        while (given(arg[gives]) && below(w, 1000) != 0)
            arg[gives] = pick_own(w);
    /* No process holds itself, or another that holds it: nobody could take those away again. */
    while (gives == 1 && arg[0] != MNOS_SELF && holds_processes(arg[1]))
        arg[1] = entry[below(w, HANDLES)].handle;
    return nr;
}
