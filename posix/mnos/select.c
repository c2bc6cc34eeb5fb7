/* SPDX-License-Identifier: BSD-2-Clause */
/* select: poll, with its question and answer in three sets of bits. */
#include <libmnos/clock.h>
#include <str.h>
#include <vfs/protocol.h>

#include "poll.h"
#include "px.h"

#define SETS  3u
#define WORDS (FDS_MAX / 64)

/* What is asked of a descriptor in the first, second and third set, and what of the answer sets its bit. */
static const struct {
    uint32_t asked, answered;
} kind[SETS] = {
    {VFS_P_IN, VFS_P_IN | VFS_P_HUP | VFS_P_ERR},
    {VFS_P_OUT, VFS_P_OUT | VFS_P_ERR},
    {VFS_P_PRI, VFS_P_PRI},
};

/* The sets' words that hold descriptors below `count`, one after the other; a negated errno, or how many entries. */
static long entries_make(struct px_pollfd *p, uint64_t *const set[SETS], long count)
{
    long n = 0;

    for (long base = 0; base < count; base += 64) {
        uint64_t all = 0, below = count - base < 64 ? (1ull << (count - base)) - 1 : UINT64_MAX;
        for (unsigned k = 0; k < SETS; k++)
            all |= set[k] ? set[k][base / 64] : 0;
        for (all &= below; all != 0; all &= all - 1) {
            int bit = __builtin_ctzll(all);
            uint32_t events = 0;
            for (unsigned k = 0; k < SETS; k++)
                events |= set[k] && (set[k][base / 64] >> bit & 1) != 0 ? kind[k].asked : 0;
            p[n++] = (struct px_pollfd){.fd = (int32_t)base + bit, .events = (int16_t)events};
        }
    }
    for (long i = 0; i < n; i++)
        if (!fd_get(&px.fds, p[i].fd))
            return -PX_EBADF;
    return n;
}

/* Bits of what is ready; how many. */
static long sets_answer(const struct px_pollfd *p, long n, uint64_t *const set[SETS], long count)
{
    long bits = 0;

    for (unsigned k = 0; k < SETS; k++)
        if (set[k])
            memset(set[k], 0, ((size_t)count + 63) / 64 * 8);
    for (long i = 0; i < n; i++)
        for (unsigned k = 0; p[i].revents != 0 && k < SETS; k++) {
            if (((uint32_t)p[i].events & kind[k].asked) == 0 || ((uint32_t)p[i].revents & kind[k].answered) == 0)
                continue;
            set[k][p[i].fd / 64] |= 1ull << (p[i].fd % 64);
            bits++;
        }
    return bits;
}

static long select_until(long count, uint64_t *const set[SETS], uint64_t deadline)
{
    struct px_pollfd p[FDS_MAX];

    if (count < 0)
        return -PX_EINVAL;
    count = count < (long)FDS_MAX ? count : (long)FDS_MAX;
    long n = entries_make(p, set, count);
    long ready = n < 0 ? n : px_poll_until(p, (unsigned long)n, deadline);
    return ready < 0 ? ready : sets_answer(p, n, set, count);
}

struct timeval {
    int64_t sec, usec;
};

/* select(count, readable, writable, exceptional, struct timeval * or NULL): what is left of the time is written back, as on Linux. */
PX_CALL(select)
{
    uint64_t *const set[SETS] = {(uint64_t *)b, (uint64_t *)c, (uint64_t *)d};
    struct timeval *limit = (struct timeval *)e;
    struct px_timespec wait = {0};
    uint64_t deadline;

    if (limit && (limit->usec < 0 || limit->usec >= 1000000))
        return -PX_EINVAL;
    if (limit)
        wait = (struct px_timespec){limit->sec, limit->usec * 1000};
    if (!px_deadline(limit ? &wait : NULL, &deadline))
        return -PX_EINVAL;
    long result = select_until(a, set, limit && wait.sec == 0 && wait.nsec == 0 ? 0 : deadline);
    if (limit) {
        uint64_t now = clock_ns(), left = deadline > now ? deadline - now : 0;
        *limit = (struct timeval){(int64_t)(left / PX_NS), (int64_t)(left % PX_NS / 1000)};
    }
    return result;
}
