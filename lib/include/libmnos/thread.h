/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of this process, with a stack (an unmapped page below it) and thread-local storage each. */
#ifndef LIBMNOS_THREAD_H
#define LIBMNOS_THREAD_H

#include <mnos/errors.h>
#include <mnos/thread.h>
#include <stdbool.h>
#include <stddef.h>

struct mnos_thread;

struct mnos_thread_options {
    size_t stack_pages; /* 0: 16 */
    uint32_t priority;  /* 0: the creator's */
    uint64_t affinity;  /* 0: any core */
};

/* NULL: *error (may be NULL) tells why.  options may be NULL. */
struct mnos_thread *thread_start(void (*run)(void *), void *arg, const struct mnos_thread_options *options,
                                 enum mnos_error *error);
/* Waits for its end and gives everything back.  Once for each thread, by one other thread. */
void thread_join(struct mnos_thread *thread);
mnos_handle_t thread_handle(const struct mnos_thread *thread);
/* Ends the calling thread; returning from `run` does the same.  Not for the main thread, whose end is mnos_exit. */
_Noreturn void thread_exit(void);
/* NULL in the main thread. */
struct mnos_thread *thread_self(void);

#endif
