/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The descriptor table: numbers to open files.  Pure; whoever calls holds the table's lock, but for fd_get.
 *
 *   fd 0   fd 1   fd 2   fd 3  ...
 *    |      |______|      |            dup: two numbers, one open file
 *    v          v         v
 *   open       open      open          kind and capability; refs counts the numbers
 *
 * Open files come from a fixed store and are never given back to anything else, so that fd_get needs no lock: a thread that
 * reads while another one closes sees the old file, whose handle then names nothing, or the new one.
 */
#ifndef PX_FDS_H
#define PX_FDS_H

#include <posix/start.h>
#include <stdbool.h>
#include <stdint.h>

#define FDS_MAX POSIX_FDS_MAX

struct px_open {
    mnos_handle_t handle;
    uint64_t token;  /* files: for VFS_POLL */
    uint64_t number; /* files: of a directory, for `start` */
    uint32_t mode;   /* files: st_mode, as it was when it was opened */
    uint16_t kind;   /* enum posix_fd_kind; 0: unused */
    uint16_t refs;
};

struct px_fds {
    struct px_open *open[FDS_MAX];
    uint32_t cloexec[FDS_MAX / 32];
    uint32_t lowest; /* no number below is free */
    uint32_t next;   /* where the search for an unused open file begins */
    struct px_open store[FDS_MAX];
};

/* NULL: not open. */
static inline struct px_open *fd_get(struct px_fds *t, long fd)
{
    return fd >= 0 && fd < (long)FDS_MAX ? __atomic_load_n(&t->open[fd], __ATOMIC_RELAXED) : (struct px_open *)0;
}

/* The lowest free number from `from` on, or -1.  Nothing is changed. */
int fd_lowest(struct px_fds *t, uint32_t from);
/* An unused open file with no number yet (refs 0); NULL: all are in use. */
struct px_open *fd_open_new(struct px_fds *t);
/* Gives a free number to an open file. */
void fd_put(struct px_fds *t, uint32_t fd, struct px_open *open, bool cloexec);
/* Takes a number away.  True: it was the last; *last is what it was, and the open file is unused again. */
bool fd_take(struct px_fds *t, uint32_t fd, struct px_open *last);
bool fd_cloexec(const struct px_fds *t, uint32_t fd);
void fd_set_cloexec(struct px_fds *t, uint32_t fd, bool on);

#endif
