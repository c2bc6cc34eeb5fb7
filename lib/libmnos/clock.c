/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <mnos/thread.h>

static const struct mnos_time_page *time_page(void)
{
    return (const struct mnos_time_page *)mnos_capset->time_page;
}

static uint64_t tsc_read(void)
{
    uint32_t low, high;

    /* The counter that the time page scales. */
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

uint64_t clock_ns(void)
{
    const struct mnos_time_page *page = time_page();

    if (!page || page->version != 1)
        return (uint64_t)mnos_time();
    return (uint64_t)(((unsigned __int128)(tsc_read() - page->tsc_base) * page->mult) >> page->shift);
}

int64_t clock_unix_base(void)
{
    return time_page() ? time_page()->unix_base : 0;
}

void sleep_until(uint64_t deadline)
{
    static const uint32_t never;

    while (clock_ns() < deadline)
        mnos_thread_block(&never, 0, deadline, MNOS_WAIT_PRIVATE);
}

void sleep_ns(uint64_t ns)
{
    sleep_until(clock_ns() + ns);
}
