/* SPDX-License-Identifier: BSD-2-Clause */
/* Time, from the time page: no call asks the kernel, and only sleeping waits in it. */
#include <libmnos/clock.h>
#include <mnos/calls.h>
#include <mnos/errors.h>
#include <mnos/ipc.h>
#include <mnos/thread.h>

#include "px.h"
#include "wait.h"

enum clock { REALTIME = 0, MONOTONIC = 1, MONOTONIC_RAW = 4, REALTIME_COARSE = 5, MONOTONIC_COARSE = 6, BOOTTIME = 7 };
#define TIMER_ABSTIME 1

/* ns of that clock at system clock 0; false: there is no such clock. */
static bool clock_base(long clock, uint64_t *base)
{
    switch (clock) {
    case REALTIME:
    case REALTIME_COARSE:
        *base = (uint64_t)clock_unix_base() * PX_NS;
        return true;
    case MONOTONIC:
    case MONOTONIC_RAW:
    case MONOTONIC_COARSE:
    case BOOTTIME:
        *base = 0;
        return true;
    default:
        return false;
    }
}

static struct px_timespec timespec_of(uint64_t ns)
{
    return (struct px_timespec){(int64_t)(ns / PX_NS), (int64_t)(ns % PX_NS)};
}

/* False: no time.  What is too far away is for ever. */
static bool ns_of(const struct px_timespec *t, uint64_t *ns)
{
    if (t->sec < 0 || t->nsec < 0 || t->nsec >= (int64_t)PX_NS)
        return false;
    *ns = (uint64_t)t->sec < UINT64_MAX / PX_NS - 1 ? (uint64_t)t->sec * PX_NS + (uint64_t)t->nsec : MNOS_FOREVER;
    return true;
}

bool px_deadline(const struct px_timespec *relative, uint64_t *deadline)
{
    uint64_t ns;

    *deadline = MNOS_FOREVER;
    if (!relative)
        return true;
    if (!ns_of(relative, &ns))
        return false;
    if (__builtin_add_overflow(clock_ns(), ns, deadline))
        *deadline = MNOS_FOREVER;
    return true;
}

PX_CALL(clock_gettime)
{
    uint64_t base;

    if (!clock_base(a, &base))
        return -PX_EINVAL;
    *(struct px_timespec *)b = timespec_of(base + clock_ns());
    return 0;
}

PX_CALL(clock_getres)
{
    uint64_t base;

    if (!clock_base(a, &base))
        return -PX_EINVAL;
    if (b != 0)
        *(struct px_timespec *)b = timespec_of(1);
    return 0;
}

PX_CALL(gettimeofday)
{
    struct px_timespec now = timespec_of((uint64_t)clock_unix_base() * PX_NS + clock_ns());

    if (a != 0)
        *(struct px_timespec *)a = (struct px_timespec){now.sec, now.nsec / 1000};
    return 0;
}

static long sleep_till(uint64_t deadline, struct px_timespec *left)
{
    static const uint32_t never;

    while (clock_ns() < deadline) {
        if (px_block(&never, 0, deadline, MNOS_WAIT_PRIVATE) != -MNOS_E_INTERRUPTED)
            continue;
        uint64_t now = clock_ns();
        if (left)
            *left = timespec_of(deadline > now ? deadline - now : 0);
        return -PX_EINTR;
    }
    return 0;
}

/* clock_nanosleep(clock, flags, request, remain) */
PX_CALL(clock_nanosleep)
{
    uint64_t base, until;

    if (!clock_base(a, &base) || (b & ~(long)TIMER_ABSTIME) != 0)
        return -PX_EINVAL;
    if (b == 0) {
        if (!px_deadline((const struct px_timespec *)c, &until))
            return -PX_EINVAL;
        return sleep_till(until, (struct px_timespec *)d);
    }
    if (!ns_of((const struct px_timespec *)c, &until))
        return -PX_EINVAL;
    return sleep_till(until > base ? until - base : 0, NULL);
}

PX_CALL(nanosleep)
{
    return px_clock_nanosleep(MONOTONIC, 0, a, b, 0, 0);
}
