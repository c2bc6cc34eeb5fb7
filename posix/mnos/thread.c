/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads are kernel threads; a thread id is the kernel's.
 *
 * The end of one: the kernel zeroes and wakes the word that clone named when the thread is off its stack.  For musl that word
 * is the lock of its list of threads, which the ending thread holds.  That makes one static stack enough for the detached
 * threads that unmap their own: the next one gets the lock when the one before has left that stack.
 */
#include <libmnos/clock.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <mnos/thread.h>
#include <posix/seam.h>

#include "signal.h"
#include "wait.h"

#define CLONE_VM     0x100
#define CLONE_THREAD 0x10000

struct px_thread_start {
    int (*fn)(void *);
    void *arg;
    int *ptid, *ctid;
};

void px_thread_entry(void);
_Noreturn void px_thread_main(const struct px_thread_start *start);
_Noreturn void px_off_stack(void *base, size_t bytes, void *top);
_Noreturn void px_unmap_and_end(void *base, size_t bytes);

static __thread uint32_t tid; /* 0: not asked yet */

static uint32_t tid_ask(void)
{
    return (uint32_t)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_ID, 0, 0);
}

/* Only after thread-local storage is there. */
uint32_t px_tid(void)
{
    if (tid == 0)
        tid = tid_ask();
    return tid;
}

void px_thread_forked(void)
{
    tid = 0;
}

static _Noreturn void thread_end(void)
{
    for (;;)
        mnos_thread_destroy(MNOS_SELF);
}

int __mnos_set_tp(void *tp)
{
    int result = (int)px_result(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_TLS, (uint64_t)tp, 0));

    if (result == 0 && !px_ready)
        px_signals_begin();
    return result;
}

void px_thread_main(const struct px_thread_start *start)
{
    if (start->ctid)
        mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_CLEAR_WORD, (uint64_t)start->ctid, 0);
    if (start->ptid)
        __atomic_store_n(start->ptid, (int)px_tid(), __ATOMIC_RELEASE);
    start->fn(start->arg);
    thread_end();
}

int __mnos_clone(int (*fn)(void *), void *stack, int flags, void *arg, int *ptid, void *tls, int *ctid)
{
    if ((flags & (CLONE_VM | CLONE_THREAD)) != (CLONE_VM | CLONE_THREAD))
        return -PX_ENOSYS;
    struct px_thread_start *start =
        (struct px_thread_start *)(((uint64_t)stack - sizeof(struct px_thread_start)) & ~15ull);
    *start = (struct px_thread_start){fn, arg, ptid, ctid};
    const struct mnos_thread_args args = {
        .entry = (uint64_t)px_thread_entry,
        .stack = (uint64_t)start,
        .arg = {(uint64_t)start},
        .fs_base = (uint64_t)tls,
    };
    int64_t thread = mnos_thread_create(MNOS_SELF, &args);
    if (thread < 0)
        return -PX_EAGAIN;
    int id = (int)mnos_thread_control((mnos_handle_t)thread, MNOS_THREADCTL_ID, 0, 0);
    mnos_cap_delete((mnos_handle_t)thread);
    if (ptid)
        __atomic_store_n(ptid, id, __ATOMIC_RELEASE);
    return id;
}

void px_unmap_and_end(void *base, size_t bytes)
{
    px_unmap((uint64_t)base, bytes);
    thread_end();
}

void __mnos_unmapself(void *base, size_t size)
{
    static _Alignas(16) char stack[8192];

    px_queue_drop(px_tid(), 0);
    px_off_stack(base, size, stack + sizeof stack);
}

/* The word is the main thread's; nobody waits for that one's end but by exit_group. */
PX_CALL(set_tid_address)
{
    if (a != 0)
        mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_CLEAR_WORD, (uint64_t)a, 0);
    return (long)tid_ask();
}

PX_CALL(gettid)
{
    return (long)px_tid();
}

/* One thread; the last one takes its process with it. */
PX_CALL(exit)
{
    px_queue_drop(px_tid(), 0);
    thread_end();
}

PX_CALL(exit_group)
{
    px_die((uint64_t)a & 0xff);
}

PX_CALL(sched_yield)
{
    return px_result(mnos_thread_yield());
}

enum futex { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_PRIVATE = 128 };

/* A word in memory that processes share is known by its place there; the kernel itself wakes private ones (clear-tid). */
static uint64_t kind_of(uint64_t word)
{
    return px_memory_shared(word) ? MNOS_WAIT_SHARED : MNOS_WAIT_PRIVATE;
}

static long futex_wait(uint64_t word, uint32_t expected, const struct px_timespec *relative)
{
    uint64_t deadline;

    if (!px_deadline(relative, &deadline))
        return -PX_EINVAL;
    return px_result(px_block((const void *)word, expected, deadline, kind_of(word)));
}

/* futex(word, op, value, timeout or second count, second word) */
PX_CALL(futex)
{
    uint64_t count = (int)c < 0 ? 0 : (uint64_t)(uint32_t)c;

    switch ((int)b & ~FUTEX_PRIVATE) {
    case FUTEX_WAIT:
        return futex_wait((uint64_t)a, (uint32_t)c, (const struct px_timespec *)d);
    case FUTEX_WAKE:
        return px_result(mnos_thread_wake((uint64_t)a, count, 0, 0, kind_of((uint64_t)a)));
    case FUTEX_REQUEUE:
        return px_result(mnos_thread_wake((uint64_t)a, count, (uint64_t)e, (uint64_t)d, kind_of((uint64_t)a)));
    default:
        return -PX_ENOSYS;
    }
}
