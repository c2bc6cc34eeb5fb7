/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>

#include "tls.h"

#define STACK_PAGES 16

/*
 * One range of pages holds it all, from the top: thread-local storage, this record, the stack.  The page below the range
 * and the one above are not mapped.
 */
struct mnos_thread {
    void (*run)(void *);
    void *arg;
    void *pages;
    size_t page_count;
    mnos_handle_t handle;
    uint32_t alive; /* the kernel clears it when the thread has left its stack for ever */
};

void mnos_thread_enter(void);
_Noreturn void mnos_thread_main(struct mnos_thread *thread);

void mnos_thread_main(struct mnos_thread *thread)
{
    mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_CLEAR_WORD, (uint64_t)&thread->alive, 0);
    thread->run(thread->arg);
    thread_exit();
}

void thread_exit(void)
{
    for (;;)
        mnos_thread_destroy(MNOS_SELF);
}

struct mnos_thread *thread_self(void)
{
    return tcb_self()->thread;
}

mnos_handle_t thread_handle(const struct mnos_thread *thread)
{
    return thread->handle;
}

struct mnos_thread *thread_start(void (*run)(void *), void *arg, const struct mnos_thread_options *options,
                                 enum mnos_error *error)
{
    static const struct mnos_thread_options standard;
    const struct mnos_thread_options *o = options ? options : &standard;
    size_t above = tls_bytes() + sizeof(struct mnos_thread) + 64;
    size_t pages = (o->stack_pages ? o->stack_pages : STACK_PAGES) + (above + MNOS_PAGE_SIZE - 1) / MNOS_PAGE_SIZE;
    char *base = alloc_pages(pages, error);

    if (!base)
        return NULL;
    char *end = base + pages * MNOS_PAGE_SIZE;
    struct mnos_thread *thread = (struct mnos_thread *)(((uint64_t)end - above) & ~63ull);
    *thread = (struct mnos_thread){.run = run, .arg = arg, .pages = base, .page_count = pages, .alive = 1};
    struct mnos_thread_args args = {
        .entry = (uint64_t)mnos_thread_enter,
        .stack = (uint64_t)thread,
        .arg = {(uint64_t)thread},
        .fs_base = (uint64_t)tls_place(end, thread),
        .priority = o->priority,
        .affinity = o->affinity,
    };
    int64_t handle = mnos_thread_create(MNOS_SELF, &args);
    if (handle < 0) {
        free_pages(base, pages);
        if (error)
            *error = (enum mnos_error) - handle;
        return NULL;
    }
    thread->handle = (mnos_handle_t)handle;
    if (error)
        *error = MNOS_OK;
    return thread;
}

/* A thread that was destroyed before it could name its word. */
static bool thread_dead(const struct mnos_thread *thread)
{
    struct mnos_cap_info info;

    return mnos_cap_inspect(thread->handle, &info, sizeof info) < 0 || info.state == MNOS_STATE_DEAD;
}

void thread_join(struct mnos_thread *thread)
{
    while (__atomic_load_n(&thread->alive, __ATOMIC_ACQUIRE) != 0) {
        int64_t status = mnos_thread_block(&thread->alive, 1, clock_ns() + MNOS_S, MNOS_WAIT_PRIVATE);
        if (status == -MNOS_E_TIMED_OUT && thread_dead(thread))
            break;
    }
    mnos_cap_delete(thread->handle);
    free_pages(thread->pages, thread->page_count);
}
