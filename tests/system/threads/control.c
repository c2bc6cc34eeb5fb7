/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Thread capability can do to its thread: stop, look, change, signal, end. */
#include <libmnos/thread.h>
#include <libmnos/upcall.h>

#include "threads.h"

static uint64_t progress[2];
static uint32_t finish;

static void spin(void *arg)
{
    uint64_t *mine = arg;

    while (!__atomic_load_n(&finish, __ATOMIC_ACQUIRE))
        __atomic_add_fetch(mine, 1, __ATOMIC_RELEASE);
}

/* Stopped: the other thread goes on meanwhile. */
static bool stands_still(const uint64_t *counter, const uint64_t *other)
{
    uint64_t before = __atomic_load_n(counter, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < 5; i++) {
        sleep_ns(10 * MNOS_MS);
        if (!advances(other))
            return false;
    }
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE) == before;
}

static void suspend_one(void)
{
    const struct mnos_thread_options low = {.priority = 50};
    struct mnos_thread *a = thread_start(spin, &progress[0], &low, NULL);
    struct mnos_thread *b = thread_start(spin, &progress[1], &low, NULL);

    tap_ok(advances(&progress[0]) && advances(&progress[1]), "two threads count");
    tap_status(mnos_thread_control(thread_handle(a), MNOS_THREADCTL_SUSPEND, 0, 0), MNOS_OK, "one is suspended");
    tap_ok(becomes(thread_handle(a), MNOS_STATE_SUSPENDED), "and stops, wherever it runs");
    tap_ok(stands_still(&progress[0], &progress[1]), "it stands still and the other goes on [M022]");
    struct mnos_regs regs = {0};
    tap_status(mnos_thread_control(thread_handle(a), MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0), MNOS_OK,
               "its registers can be read");
    tap_ok(regs.rip >= 0x400000 && regs.rip < 0x500000 && regs.rsp > MNOS_VA_BASE,
           "and are those of its code and stack");
    tap_status(mnos_thread_control(thread_handle(b), MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0), MNOS_E_BUSY,
               "those of a running thread cannot");
    tap_status(mnos_thread_control(thread_handle(a), MNOS_THREADCTL_RESUME, 0, 0), MNOS_OK, "it is resumed");
    tap_ok(advances(&progress[0]), "and counts on [M022]");
    __atomic_store_n(&finish, 1, __ATOMIC_RELEASE);
    thread_join(a);
    thread_join(b);
    finish = 0;
}

/*
 * A thread that runs, on another core where there is one.  Once it is destroyed it does not run one instruction more, and
 * the quickest of the joins shows that the joiner was woken: without that it looks only each second.
 */
static void destroy_running(void)
{
    const struct mnos_thread_options there = {.priority = 50, .affinity = 1ull << (machine_cores() - 1)};
    uint64_t quickest = UINT64_MAX;
    struct tally tally = {0};

    for (unsigned i = 0; i < 5; i++) {
        struct mnos_thread *thread = thread_start(spin, &progress[0], &there, NULL);
        mnos_handle_t death = new_notification();
        struct mnos_msg msg = {0};

        tally_check(&tally, advances(&progress[0]), "it runs", i);
        tally_status(&tally, mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_WATCH, death, 2), MNOS_OK,
                     "watch", i);
        uint64_t start = clock_ns();
        tally_status(&tally, mnos_thread_destroy(thread_handle(thread)), MNOS_OK, "destroy", i);
        tally_check(&tally, becomes(thread_handle(thread), MNOS_STATE_DEAD), "dead", i);
        uint64_t last = progress[0];
        tally_check(&tally, mnos_ipc_recv(death, &msg, NULL, MNOS_NONE) == 0 && msg.bits == 2, "its death is told", i);
        thread_join(thread);
        quickest = clock_ns() - start < quickest ? clock_ns() - start : quickest;
        tally_check(&tally, __atomic_load_n(&progress[0], __ATOMIC_ACQUIRE) == last, "it does not count on", i);
        mnos_cap_delete(death);
    }
    tally_done(&tally, "a thread that runs is destroyed, and its watcher is told");
    /* A core of a virtual machine may be kept waiting by the host; with one core nobody is waited for. */
    tap_ok(quickest < (machine_cores() == 1 ? 10 : 300) * MNOS_MS,
           "it stops within a tick, and its joiner wakes [M064]");
    tap_diag("%lu us", quickest / 1000);
}

/* ---- upcalls ---- */

static volatile uint64_t upcall_bits, upcall_count;

static void on_upcall(struct mnos_upcall_area *a)
{
    upcall_bits = a->bits;
    upcall_count++;
}

static struct upcall upcall = {.handler = on_upcall};

static uint32_t upcall_ready;
static int64_t interrupted_status;

static void upcall_thread(void *arg)
{
    struct mnos_msg msg = {0};
    volatile uint64_t *count = arg;

    upcall_set(&upcall);
    __atomic_store_n(&upcall_ready, 1, __ATOMIC_RELEASE);
    while (upcall_count == 0)
        (*count)++;
    __atomic_store_n(&upcall_ready, 2, __ATOMIC_RELEASE);
    mnos_handle_t nobody = new_endpoint();
    interrupted_status = mnos_ipc_recv(nobody, &msg, NULL, MNOS_NONE);
    mnos_cap_delete(nobody);
}

static void upcalls(void)
{
    struct mnos_thread *thread = thread_start(upcall_thread, &progress[0], NULL, NULL);

    while (__atomic_load_n(&upcall_ready, __ATOMIC_ACQUIRE) != 1)
        sleep_ns(MNOS_MS);
    tap_status(mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_UPCALL, 0x30, 0), MNOS_OK,
               "an upcall is sent");
    for (unsigned i = 0; i < 10000 && __atomic_load_n(&upcall_ready, __ATOMIC_ACQUIRE) != 2; i++)
        sleep_ns(MNOS_MS);
    tap_ok(upcall_count == 1 && upcall_bits == 0x30, "the handler runs once, with the bits, and the thread goes on");
    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_UPCALL, 1, 0);
    thread_join(thread);
    tap_status(interrupted_status, MNOS_E_INTERRUPTED, "an upcall ends a wait");
    tap_ok(upcall_count == 2 && upcall.area.hold == 0, "and is delivered");
}

/* ---- set registers ---- */

static uint32_t redirected;

static void redirected_to(void)
{
    __atomic_store_n(&redirected, 1, __ATOMIC_RELEASE);
    for (;;)
        mnos_thread_destroy(MNOS_SELF);
}

static void redirect(void)
{
    struct mnos_thread *thread = thread_start(spin, &progress[0], &(struct mnos_thread_options){.priority = 50}, NULL);
    struct mnos_regs regs;
    struct tally tally = {0};

    advances(&progress[0]);
    mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SUSPEND, 0, 0);
    becomes(thread_handle(thread), MNOS_STATE_SUSPENDED);
    must(mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_GET_REGS, (uint64_t)&regs, 0), "registers");
    struct mnos_regs bad = regs;
    bad.rip = 0xffffffff80200000;
    tally_status(&tally, mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SET_REGS, (uint64_t)&bad, 0),
                 MNOS_E_RANGE, "rip of the kernel", bad.rip);
    bad.rip = 0x0000800000000000;
    tally_status(&tally, mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SET_REGS, (uint64_t)&bad, 0),
                 MNOS_E_RANGE, "rip not canonical", bad.rip);
    bad = regs;
    bad.fs_base = 0xffff800000000000;
    tally_status(&tally, mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SET_REGS, (uint64_t)&bad, 0),
                 MNOS_E_RANGE, "fs_base of the kernel", bad.fs_base);
    tally_status(&tally, mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SET_REGS, 8, 0), MNOS_E_FAULT,
                 "pointer", 8);
    tally_done(&tally, "registers that no user code may have are refused, so no call returns to an address that is not "
                       "canonical [M212]");
    regs.rip = (uint64_t)redirected_to;
    regs.rsp = (regs.rsp & ~15ull) - 8 - 256;
    tap_status(mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_SET_REGS, (uint64_t)&regs, 0), MNOS_OK,
               "a stopped thread's registers are set");
    mnos_thread_control(thread_handle(thread), MNOS_THREADCTL_RESUME, 0, 0);
    thread_join(thread);
    tap_eq(redirected, 1, "and it goes on where they say");
}

/* ---- thread_create's arguments ---- */

static void bad_arguments(void)
{
    struct mnos_thread_args good = {.entry = 0x400000, .stack = MNOS_STACK_TOP, .flags = MNOS_THREAD_SUSPENDED}, args;
    struct tally tally = {0};

    args = good;
    args.entry = 0x0000800000000000;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_RANGE, "entry", args.entry);
    args = good;
    args.stack = 0xffff800000000000;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_RANGE, "stack", args.stack);
    args = good;
    args.fs_base = 0xffff800000000000;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_RANGE, "fs_base", args.fs_base);
    args = good;
    args.priority = 256;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_INVALID, "priority", args.priority);
    args = good;
    args.flags = 0x80;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_INVALID, "flags", args.flags);
    args = good;
    args.affinity = 1ull << 63;
    tally_status(&tally, mnos_thread_create(MNOS_SELF, &args), MNOS_E_RANGE, "affinity", args.affinity);
    tally_status(&tally, mnos_thread_create(MNOS_SELF, (char *)&args + 1), MNOS_E_UNALIGNED, "pointer", 1);
    for (unsigned i = 0; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_thread_create(MNOS_SELF, (void *)(bad_pointers[i] & ~7ull)), MNOS_E_FAULT, "pointer",
                     bad_pointers[i]);
    tally_status(&tally, mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_COUNT, 0, 0), MNOS_E_INVALID, "operation",
                 MNOS_THREADCTL_COUNT);
    tally_status(&tally, mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_TLS, 0xffff800000000000, 0), MNOS_E_RANGE, "TLS",
                 0);
    tally_status(&tally, mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_PRIORITY, 0, 0), MNOS_E_RANGE, "priority", 0);
    tally_done(&tally, "wrong arguments of thread_create and thread_control have their own errors [M063 M024]");
}

void control_tests(void)
{
    suspend_one();
    destroy_running();
    upcalls();
    redirect();
    bad_arguments();
}
