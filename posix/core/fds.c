/* SPDX-License-Identifier: BSD-2-Clause */
#include "fds.h"

int fd_lowest(struct px_fds *t, uint32_t from)
{
    for (uint32_t fd = from > t->lowest ? from : t->lowest; fd < FDS_MAX; fd++)
        if (!t->open[fd])
            return (int)fd;
    return -1;
}

struct px_open *fd_open_new(struct px_fds *t)
{
    for (uint32_t i = 0; i < FDS_MAX; i++) {
        struct px_open *open = &t->store[(t->next + i) % FDS_MAX];
        if (open->kind == 0) {
            t->next = (uint32_t)(open - t->store) + 1;
            return open;
        }
    }
    return (struct px_open *)0;
}

void fd_put(struct px_fds *t, uint32_t fd, struct px_open *open, bool cloexec)
{
    open->refs++;
    fd_set_cloexec(t, fd, cloexec);
    __atomic_store_n(&t->open[fd], open, __ATOMIC_RELEASE);
    if (fd == t->lowest)
        t->lowest = fd + 1;
}

bool fd_take(struct px_fds *t, uint32_t fd, struct px_open *last)
{
    struct px_open *open = t->open[fd];

    __atomic_store_n(&t->open[fd], (struct px_open *)0, __ATOMIC_RELAXED);
    fd_set_cloexec(t, fd, false);
    if (fd < t->lowest)
        t->lowest = fd;
    if (--open->refs > 0)
        return false;
    *last = *open;
    open->kind = 0;
    return true;
}

bool fd_cloexec(const struct px_fds *t, uint32_t fd)
{
    return (t->cloexec[fd / 32] >> (fd % 32) & 1) != 0;
}

void fd_set_cloexec(struct px_fds *t, uint32_t fd, bool on)
{
    uint32_t bit = 1u << (fd % 32);

    t->cloexec[fd / 32] = on ? t->cloexec[fd / 32] | bit : t->cloexec[fd / 32] & ~bit;
}
