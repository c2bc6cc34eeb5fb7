/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every argument of every system call, wrong in every way that its shape in the table allows: each has its own error, and
 * nothing changes.
 */
#include <libmnos/thread.h>
#include <mnos/model.h>

#include "../common/machine.h"
#include "../common/test.h"

/* A capability of each type, with all the rights that its type has; and one of each that names nothing. */
static mnos_handle_t object[MNOS_TYPE_COUNT];
static mnos_handle_t stale;
static _Alignas(4096) unsigned char buffer[8192];

#define ARENA 0x500000000000ull

static void objects_make(void)
{
    const struct mnos_thread_args args = {.entry = 0x1000, .stack = 0x1000, .flags = MNOS_THREAD_SUSPENDED};

    object[MNOS_TYPE_POOL] = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), 64 * MNOS_PAGE_SIZE, 0, 0), "a pool");
    object[MNOS_TYPE_MEMORY] = new_memory(4 * MNOS_PAGE_SIZE);
    object[MNOS_TYPE_PROCESS] = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "args", 4, 0), "a process");
    object[MNOS_TYPE_THREAD] = must(mnos_thread_create(object[MNOS_TYPE_PROCESS], &args), "a thread");
    object[MNOS_TYPE_ENDPOINT] = new_endpoint();
    object[MNOS_TYPE_NOTIFICATION] = new_notification();
    object[MNOS_TYPE_REPLY] = new_reply();
    object[MNOS_TYPE_INTERRUPT] = must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, 3, 1, 0), "a line");
    object[MNOS_TYPE_IOPORT] = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, 0x80, 1, 0), "a port");
    object[MNOS_TYPE_SYSTEM] = MNOS_BOOT_SYSTEM;
    stale = new_endpoint();
    mnos_cap_delete(stale);
}

static void objects_drop(void)
{
    mnos_proc_destroy(object[MNOS_TYPE_PROCESS], 0);
    for (unsigned type = 1; type < MNOS_TYPE_SYSTEM; type++)
        if (object[type] != 0)
            mnos_cap_delete(object[type]);
}

/* A record that asks not to wait. */
static struct mnos_ipc_ext no_wait = {.flags = MNOS_EXT_NONBLOCK, .deadline = MNOS_FOREVER};
static struct mnos_thread_args thread_args = {.entry = 0x10000, .stack = 0x10000, .flags = MNOS_THREAD_SUSPENDED};
static uint32_t word = 7;

/* Arguments with which a call passes all its checks.  It is never made with them unless that changes nothing. */
static void sound(unsigned nr, uint64_t arg[6])
{
    const mnos_handle_t *o = object;

    memset(arg, 0, 6 * sizeof arg[0]);
    switch (nr) {
    case MNOS_SYS_thread_destroy:
        arg[0] = o[MNOS_TYPE_THREAD];
        break;
    case MNOS_SYS_ipc_send:
    case MNOS_SYS_ipc_call:
        arg[0] = o[MNOS_TYPE_ENDPOINT];
        arg[2] = (uint64_t)&no_wait;
        break;
    case MNOS_SYS_ipc_recv:
        arg[0] = o[MNOS_TYPE_ENDPOINT];
        arg[2] = (uint64_t)&no_wait;
        arg[3] = o[MNOS_TYPE_REPLY];
        break;
    case MNOS_SYS_ipc_reply:
        arg[0] = o[MNOS_TYPE_ENDPOINT];
        arg[2] = (uint64_t)&no_wait;
        arg[3] = o[MNOS_TYPE_REPLY];
        break;
    case MNOS_SYS_port_out:
    case MNOS_SYS_port_in:
        arg[0] = o[MNOS_TYPE_IOPORT];
        arg[1] = 0x80;
        arg[2] = 1;
        break;
    case MNOS_SYS_irq_bind:
        arg[0] = o[MNOS_TYPE_INTERRUPT];
        arg[1] = MNOS_IRQ_BIND;
        arg[2] = o[MNOS_TYPE_NOTIFICATION];
        arg[3] = 1;
        break;
    case MNOS_SYS_proc_create:
        arg[0] = o[MNOS_TYPE_POOL];
        arg[1] = 64;
        arg[2] = o[MNOS_TYPE_ENDPOINT];
        arg[3] = (uint64_t)buffer;
        arg[4] = 16;
        break;
    case MNOS_SYS_mem_alloc:
        arg[0] = o[MNOS_TYPE_POOL];
        arg[1] = MNOS_PAGE_SIZE;
        break;
    case MNOS_SYS_mem_map:
        arg[0] = o[MNOS_TYPE_PROCESS];
        arg[1] = o[MNOS_TYPE_MEMORY];
        arg[2] = ARENA;
        arg[4] = MNOS_PAGE_SIZE;
        arg[5] = MNOS_MAP_READ | MNOS_MAP_WRITE;
        break;
    case MNOS_SYS_mem_unmap:
        arg[0] = o[MNOS_TYPE_PROCESS];
        arg[1] = ARENA;
        arg[2] = MNOS_PAGE_SIZE;
        break;
    case MNOS_SYS_cap_transfer:
        arg[0] = o[MNOS_TYPE_PROCESS];
        arg[1] = o[MNOS_TYPE_ENDPOINT];
        arg[2] = MNOS_RIGHT_SEND;
        arg[3] = MNOS_NONE;
        break;
    case MNOS_SYS_thread_create:
        arg[0] = o[MNOS_TYPE_PROCESS];
        arg[1] = (uint64_t)&thread_args;
        break;
    case MNOS_SYS_cap_delete:
    case MNOS_SYS_cap_revoke:
        arg[0] = o[MNOS_TYPE_ENDPOINT];
        break;
    case MNOS_SYS_ipc_notify:
        arg[0] = o[MNOS_TYPE_NOTIFICATION];
        break;
    case MNOS_SYS_mem_grant:
        arg[0] = o[MNOS_TYPE_PROCESS];
        arg[1] = o[MNOS_TYPE_MEMORY];
        arg[3] = MNOS_PAGE_SIZE;
        arg[4] = MNOS_RIGHT_READ;
        break;
    case MNOS_SYS_cap_create:
        arg[0] = MNOS_CREATE_ENDPOINT;
        arg[1] = o[MNOS_TYPE_POOL];
        break;
    case MNOS_SYS_cap_inspect:
        arg[0] = o[MNOS_TYPE_ENDPOINT];
        arg[1] = (uint64_t)buffer;
        arg[2] = sizeof(struct mnos_cap_info);
        break;
    case MNOS_SYS_proc_destroy:
        arg[0] = o[MNOS_TYPE_PROCESS];
        break;
    case MNOS_SYS_thread_block:
        arg[0] = (uint64_t)&word;
        arg[1] = 7;
        arg[3] = MNOS_WAIT_PRIVATE;
        break;
    case MNOS_SYS_debug_write:
        arg[0] = MNOS_BOOT_LOG;
        arg[1] = (uint64_t)buffer;
        arg[2] = 16;
        break;
    case MNOS_SYS_ipc_copy:
        arg[0] = o[MNOS_TYPE_REPLY];
        arg[3] = (uint64_t)buffer;
        arg[4] = 16;
        break;
    case MNOS_SYS_mem_control:
        arg[0] = o[MNOS_TYPE_MEMORY];
        arg[1] = MNOS_MEMCTL_DECOMMIT;
        arg[3] = MNOS_PAGE_SIZE;
        break;
    case MNOS_SYS_thread_control:
        arg[0] = o[MNOS_TYPE_THREAD];
        arg[1] = MNOS_THREADCTL_UPCALL;
        break;
    case MNOS_SYS_system_info:
        arg[0] = MNOS_BOOT_SYSTEM;
        arg[3] = (uint64_t)buffer;
        arg[4] = 64;
        break;
    default:
        break;
    }
}

static struct tally tally;
static uint64_t cases[MNOS_MODEL_CALLS];

static void expect(unsigned nr, const uint64_t arg[6], int error, const char *what, uint64_t detail)
{
    int64_t result = raw_call(nr, arg);

    cases[nr]++;
    tally.checks++;
    if (result == -error)
        return;
    if (tally.failed++ < 24)
        tap_diag("%s, %s (0x%lx): got %ld (%s), expected %s", mnos_model[nr].name, what, detail, result,
                 result < 0 ? mnos_error_name(result) : "success", mnos_error_name(error));
}

static bool accepts(uint32_t want, unsigned type)
{
    switch (want) {
    case MNOS_MODEL_ANY:
        return true;
    case MNOS_MODEL_ENDPOINT_OR_NOTIFICATION:
        return type == MNOS_TYPE_ENDPOINT || type == MNOS_TYPE_NOTIFICATION;
    case MNOS_MODEL_THREAD_OR_PROCESS:
        return type == MNOS_TYPE_THREAD || type == MNOS_TYPE_PROCESS;
    default:
        return want == type;
    }
}

/* Argument i, which should be a capability of type `want` with these rights. */
static void wrong_handles(unsigned nr, const uint64_t good[6], unsigned i, uint32_t want, uint32_t rights,
                          bool none_allowed)
{
    const mnos_handle_t nothing[] = {3000, 0xffffffff, stale, good[i] + (1ull << 32), good[i] | 1ull << 63, MNOS_NONE};
    uint64_t arg[6];

    memcpy(arg, good, sizeof arg);
    for (unsigned k = 0; k < sizeof nothing / sizeof nothing[0]; k++) {
        arg[i] = nothing[k];
        if (nothing[k] != MNOS_NONE || !none_allowed)
            expect(nr, arg, MNOS_E_BADCAP, "names nothing", nothing[k]);
    }
    for (unsigned type = 1; type < MNOS_TYPE_COUNT; type++) {
        arg[i] = object[type];
        if (object[type] != 0 && !accepts(want, type))
            expect(nr, arg, MNOS_E_BADTYPE, "another type", type);
    }
    if (rights == 0 || want == MNOS_TYPE_REPLY)
        return;
    struct mnos_cap_info info = inspect(good[i]);
    for (uint32_t right = 1; right < MNOS_RIGHTS_ALL; right <<= 1) {
        if ((rights & right) == 0 || (info.rights & ~right) == 0)
            continue;
        arg[i] = mint(good[i], info.rights & ~right, 0);
        expect(nr, arg, MNOS_E_NO_RIGHTS, "lacks a right", right);
        mnos_cap_delete(arg[i]);
    }
}

static void wrong_pointers(unsigned nr, const uint64_t good[6], unsigned i, bool zero_is_none)
{
    uint64_t arg[6];

    memcpy(arg, good, sizeof arg);
    for (unsigned k = 0; k < bad_pointer_count; k++) {
        arg[i] = bad_pointers[k];
        if (arg[i] != 0 || !zero_is_none)
            expect(nr, arg, MNOS_E_FAULT, "a bad pointer", arg[i]);
    }
}

static void wrong_addresses(unsigned nr, const uint64_t good[6], unsigned i, unsigned length)
{
    static const uint64_t outside[] = {
        0, 0x1000, 0xf000, MNOS_USER_END, 0x8000000000000000, 0xffff800000000000, 0xfffffffffffff000};
    uint64_t arg[6];

    memcpy(arg, good, sizeof arg);
    for (uint64_t odd = 1; odd < MNOS_PAGE_SIZE; odd <<= 1) {
        arg[i] = ARENA + odd;
        expect(nr, arg, MNOS_E_UNALIGNED, "an odd address", odd);
        arg[i] = ARENA;
        arg[length] = MNOS_PAGE_SIZE + odd;
        expect(nr, arg, MNOS_E_UNALIGNED, "an odd length", odd);
        arg[length] = good[length];
    }
    for (unsigned k = 0; k < sizeof outside / sizeof outside[0]; k++) {
        arg[i] = outside[k];
        expect(nr, arg, MNOS_E_RANGE, "an address outside", arg[i]);
    }
    arg[i] = MNOS_USER_END - MNOS_PAGE_SIZE;
    arg[length] = 2 * MNOS_PAGE_SIZE;
    expect(nr, arg, MNOS_E_RANGE, "a range that leaves user space", arg[length]);
    arg[length] = 0xfffffffffffff000;
    expect(nr, arg, MNOS_E_RANGE, "a range that wraps", arg[length]);
    arg[length] = 0;
    expect(nr, arg, MNOS_E_RANGE, "an empty range", 0);
}

/* What the table says by flags, spelled out. */
static void wrong_by_flags(unsigned nr)
{
    static const struct {
        uint32_t what, type, rights;
    } from[] = {{MNOS_CREATE_POOL, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE},
                {MNOS_CREATE_ENDPOINT, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE},
                {MNOS_CREATE_NOTIFICATION, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE},
                {MNOS_CREATE_REPLY, MNOS_TYPE_POOL, MNOS_RIGHT_WRITE},
                {MNOS_CREATE_MEMORY_RANGE, MNOS_TYPE_MEMORY, 0},
                {MNOS_CREATE_INTERRUPT, MNOS_TYPE_INTERRUPT, 0},
                {MNOS_CREATE_MSI, MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV},
                {MNOS_CREATE_IOPORT, MNOS_TYPE_IOPORT, 0},
                {MNOS_CREATE_THREAD, MNOS_TYPE_PROCESS, MNOS_RIGHT_WRITE}};
    uint64_t arg[6];

    sound(nr, arg);
    switch (nr) {
    case MNOS_SYS_cap_create:
        for (unsigned k = 0; k < sizeof from / sizeof from[0]; k++) {
            arg[0] = from[k].what;
            arg[1] = object[from[k].type];
            wrong_handles(nr, arg, 1, from[k].type, from[k].rights, from[k].what == MNOS_CREATE_THREAD);
        }
        arg[0] = MNOS_CREATE_COUNT;
        expect(nr, arg, MNOS_E_INVALID, "nothing to create", arg[0]);
        break;
    case MNOS_SYS_mem_map:
        wrong_handles(nr, arg, 1, MNOS_TYPE_MEMORY, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, false);
        arg[5] = MNOS_MAP_WRITE | MNOS_MAP_EXEC;
        expect(nr, arg, MNOS_E_INVALID, "writable and executable", arg[5]);
        arg[5] = MNOS_MAP_PORTS | MNOS_MAP_READ | MNOS_MAP_WRITE;
        arg[1] = object[MNOS_TYPE_IOPORT];
        arg[2] = arg[4] = 0;
        wrong_handles(nr, arg, 1, MNOS_TYPE_IOPORT, MNOS_RIGHT_READ | MNOS_RIGHT_WRITE, false);
        break;
    case MNOS_SYS_mem_alloc:
        arg[2] = MNOS_MEM_PAGED;
        arg[3] = object[MNOS_TYPE_ENDPOINT];
        wrong_handles(nr, arg, 3, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, false);
        arg[2] = MNOS_MEM_COW;
        arg[3] = object[MNOS_TYPE_MEMORY];
        wrong_handles(nr, arg, 3, MNOS_TYPE_MEMORY, MNOS_RIGHT_READ, false);
        arg[2] = 0x77;
        expect(nr, arg, MNOS_E_INVALID, "no kind of Memory", arg[2]);
        break;
    case MNOS_SYS_thread_wake:
        arg[0] = object[MNOS_TYPE_THREAD];
        arg[4] = MNOS_WAIT_PARK;
        wrong_handles(nr, arg, 0, MNOS_TYPE_THREAD, MNOS_RIGHT_WRITE, true);
        arg[4] = MNOS_WAIT_PRIVATE;
        for (unsigned k = 0; k < bad_pointer_count; k++) {
            arg[0] = bad_pointers[k];
            expect(nr, arg, MNOS_E_FAULT, "a word that is not mapped", arg[0]);
        }
        arg[0] = (uint64_t)&word + 1;
        expect(nr, arg, MNOS_E_UNALIGNED, "an odd word", arg[0]);
        break;
    default:
        break;
    }
}

static void wrong_arguments(unsigned nr)
{
    const struct mnos_model_call *call = &mnos_model[nr];
    uint64_t good[6];

    if (nr == MNOS_SYS_debug_write && !machine_debug()) {
        sound(nr, good);
        expect(nr, good, MNOS_E_NOT_SUPPORTED, "a release kernel", 0);
        return;
    }
    for (unsigned i = 0; i < call->argc; i++) {
        const struct mnos_model_arg *a = &call->arg[i];
        bool by_flags = a->type == MNOS_MODEL_BY_FLAGS || (a->rights & MNOS_MODEL_RIGHTS_BY_FLAGS) != 0;
        sound(nr, good);
        switch (a->shape) {
        case MNOS_SHAPE_HANDLE:
        case MNOS_SHAPE_HANDLE_SELF:
        case MNOS_SHAPE_HANDLE_NONE:
            if (!by_flags)
                wrong_handles(nr, good, i, a->type, a->rights, a->shape != MNOS_SHAPE_HANDLE);
            break;
        case MNOS_SHAPE_ADDRESS:
            wrong_addresses(nr, good, i, nr == MNOS_SYS_mem_map ? 4 : 2);
            break;
        case MNOS_SHAPE_VALUE:
            break;
        default:
            if (nr != MNOS_SYS_ipc_copy)
                wrong_pointers(nr, good, i,
                               nr == MNOS_SYS_ipc_send || nr == MNOS_SYS_ipc_recv || nr == MNOS_SYS_ipc_call ||
                                   nr == MNOS_SYS_ipc_reply);
            break;
        }
    }
    wrong_by_flags(nr);
}

/* ---- ipc_copy, which needs a caller ---- */

static void call_with_buffers(void *endpoint)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_buf = ext.recv_buf = (uint64_t)buffer;
    ext.send_len = ext.recv_len = 64;
    mnos_ipc_call((mnos_handle_t)endpoint, &msg, &ext);
}

static void wrong_copies(void)
{
    struct mnos_msg msg = {0};
    struct mnos_thread *thread = thread_start(call_with_buffers, (void *)object[MNOS_TYPE_ENDPOINT], NULL, NULL);
    uint64_t arg[6];

    must(mnos_ipc_recv(object[MNOS_TYPE_ENDPOINT], &msg, NULL, object[MNOS_TYPE_REPLY]), "a call");
    sound(MNOS_SYS_ipc_copy, arg);
    for (unsigned direction = 0; direction < 2; direction++) {
        arg[1] = direction;
        wrong_pointers(MNOS_SYS_ipc_copy, arg, 3, false);
        arg[2] = 60;
        expect(MNOS_SYS_ipc_copy, arg, MNOS_E_RANGE, "beyond the caller's buffer", arg[2]);
        arg[2] = 0;
    }
    arg[1] = 2;
    expect(MNOS_SYS_ipc_copy, arg, MNOS_E_INVALID, "no direction", arg[1]);
    tally_status(&tally, mnos_ipc_reply(MNOS_NONE, &msg, NULL, object[MNOS_TYPE_REPLY]), MNOS_OK, "the answer", 0);
    thread_join(thread);
}

/* ---- a page that another thread unmaps meanwhile ---- */

static uint32_t stop;
static uint64_t flips;

static void flip_page(void *memory)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        mnos_mem_map(MNOS_SELF, (mnos_handle_t)memory, ARENA, 0, MNOS_PAGE_SIZE, MNOS_MAP_READ | MNOS_MAP_WRITE);
        /* So that the other thread finds it there on one core too. */
        if ((flips++ & 3) == 0)
            sleep_ns(20000);
        mnos_mem_unmap(MNOS_SELF, ARENA, MNOS_PAGE_SIZE);
        if ((flips & 3) == 1)
            sleep_ns(20000);
    }
}

static void unmapped_meanwhile(void)
{
    mnos_handle_t memory = new_memory(MNOS_PAGE_SIZE);
    struct mnos_thread *thread =
        thread_start(flip_page, (void *)memory, &(struct mnos_thread_options){.priority = 110}, NULL);
    uint64_t end = clock_ns() + 700 * MNOS_MS, good = 0, faults = 0, other = 0;

    while (clock_ns() < end) {
        const uint64_t calls[][7] = {
            {MNOS_SYS_cap_inspect, object[MNOS_TYPE_ENDPOINT], ARENA + 1024, 80},
            {MNOS_SYS_system_info, MNOS_BOOT_SYSTEM, MNOS_INFO_KERNEL, 0, ARENA + 2048, 300},
            {MNOS_SYS_ipc_notify, object[MNOS_TYPE_NOTIFICATION], 0},
            {MNOS_SYS_thread_block, ARENA, 1, 0, MNOS_WAIT_PRIVATE},
            {MNOS_SYS_proc_create, mnos_pool(), 64, MNOS_NONE, ARENA, 16, 0},
            {MNOS_SYS_ipc_recv, object[MNOS_TYPE_ENDPOINT], 0, ARENA, MNOS_NONE},
            {MNOS_SYS_ipc_send, MNOS_BOOT_LOG, 0, ARENA},
        };
        for (unsigned k = 0; k < sizeof calls / sizeof calls[0]; k++) {
            /* An extension of zeros has a deadline in the past, and sends nothing. */
            int64_t result = raw_call(calls[k][0], &calls[k][1]);
            if (result >= 0 && calls[k][0] == MNOS_SYS_proc_create)
                mnos_cap_delete((mnos_handle_t)result);
            good += result >= 0;
            faults += result == -MNOS_E_FAULT;
            if (result < 0 && result != -MNOS_E_FAULT && result != -MNOS_E_WOULD_BLOCK && result != -MNOS_E_TIMED_OUT &&
                other < 4)
                tap_diag("%s: %s", mnos_model[calls[k][0]].name, mnos_error_name(result));
            other +=
                result < 0 && result != -MNOS_E_FAULT && result != -MNOS_E_WOULD_BLOCK && result != -MNOS_E_TIMED_OUT;
        }
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    thread_join(thread);
    mnos_cap_delete(memory);
    tap_ok(good > 100 && faults > 100 && other == 0 && flips > 3,
           "a page that another thread maps and unmaps all the time is used or FAULT, and nothing else [M024]");
    tap_diag("%lu good, %lu faults, %lu other, %lu flips", good, faults, other, flips);
}

/* ---- a process that holds nothing ---- */

static int empty_role(int argc, char **argv)
{
    unsigned gained = 0;

    (void)argc, (void)argv;
    /* What needs nothing: ending itself, yielding, waiting, the clock, its own address space and thread. */
    for (unsigned nr = 0; nr < MNOS_MODEL_CALLS; nr++) {
        if (nr == MNOS_SYS_thread_destroy || nr == MNOS_SYS_proc_destroy || nr == MNOS_SYS_thread_yield ||
            nr == MNOS_SYS_thread_block || nr == MNOS_SYS_time || nr == MNOS_SYS_thread_control ||
            nr == MNOS_SYS_mem_unmap || nr == MNOS_SYS_thread_wake || nr == MNOS_SYS_thread_create)
            continue;
        for (uint64_t handle = 0; handle < 64; handle++) {
            uint64_t arg[6] = {handle, handle, (uint64_t)buffer, handle, (uint64_t)buffer, 0};
            gained += raw_call(nr, arg) >= 0;
        }
    }
    return gained == 0 ? 33 : 1;
}

static void tests(void)
{
    struct mnos_info_ledger before, now;
    unsigned covered = 0;

    machine_warm();
    before = ledger_now();
    objects_make();
    now = ledger_now();
    for (unsigned nr = 0; nr < MNOS_MODEL_CALLS; nr++) {
        wrong_arguments(nr);
        tap_diag("%s: %lu wrong calls", mnos_model[nr].name, cases[nr]);
        /* These three take no argument that can be wrong. */
        covered += cases[nr] > 0 || nr == MNOS_SYS_thread_yield || nr == MNOS_SYS_time || nr == MNOS_SYS_ring_enter;
    }
    wrong_copies();
    tally_done(&tally, "every wrong argument of every system call has its own error [M003 M024 M208 M211]");
    tap_diag("%u wrong calls", tally.checks);
    tap_eq(covered, MNOS_MODEL_CALLS, "all system calls are covered");
    ledger_same(&now, "and no failed call has changed anything [M003]");
    for (unsigned nr = MNOS_MODEL_CALLS; nr < 32; nr++)
        tap_ok(raw_call(nr, (const uint64_t[6]){0}) < 0, "number %u is no system call", nr);
    unmapped_meanwhile();
    struct spawn_child child = test_spawn_empty("empty");
    tap_ok(test_wait(&child) == 33, "a process without capabilities gains nothing by any call [M014]");
    objects_drop();
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {{"empty", empty_role}};

    return test_main(argc, argv, roles, 1, tests);
}
