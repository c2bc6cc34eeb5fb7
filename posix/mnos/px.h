/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the mnos back end share: the process's state, and its parts' doors. */
#ifndef PX_MNOS_H
#define PX_MNOS_H

#include <libmnos/sync.h>
#include <mnos/object.h>
#include <posix/start.h>

#include "../core/core.h"
#include "../core/fds.h"

/* The process.  Written at the start, by chdir and umask under fd_lock, and by the child of a fork. */
struct px_process {
    const struct posix_start *block; /* NULL: a native service */
    mnos_handle_t block_memory;      /* the block's */
    uint64_t block_bytes;
    mnos_handle_t pool;      /* pays for everything */
    mnos_handle_t proc;      /* of the process server; MNOS_NONE: a native service */
    mnos_handle_t root, cwd; /* directories, or MNOS_NONE */
    uint64_t cwd_number;
    uint32_t umask, pid, ppid, pgid, sid, uid, gid; /* group and session as they were at the start */
    struct mnos_mutex fd_lock;                      /* the table below, and cwd */
    struct px_fds fds;
};
extern struct px_process px;
#define START_ADDR 0x7fff10000000ull                  /* of the block */
#define FORK_ADDR  (START_ADDR + 2 * POSIX_START_MAX) /* of that which a fork's child is told its handles with */

/* Threads: ids are the kernel's. */
uint32_t px_tid(void);
_Noreturn void px_die(uint64_t status);

/* Memory: true once the arena is there.  A page range of it, mapped READ and WRITE, or 0. */
bool px_memory_begin(void);
long px_map_anonymous(size_t bytes);
long px_unmap(uint64_t address, size_t bytes);
/* Is it in memory that other processes may have, too? */
bool px_memory_shared(uint64_t address);

/* The descriptors of a native service, or those of the block. False: the block breaks a rule. */
bool px_fds_begin(void);

/* 16 bytes or more from the processor; false: it has no generator. */
bool px_random(void *bytes, size_t length);

/* In the child of a fork, for its only thread: what the parent's had of the kernel is not here. */
void px_thread_forked(void);
void px_poll_forked(void);

/* struct timespec of x86-64. */
struct px_timespec {
    int64_t sec, nsec;
};
#define PX_NS UINT64_C(1000000000)
/* The system clock's value at which a relative wait ends; MNOS_FOREVER for NULL.  False: it is no time. */
bool px_deadline(const struct px_timespec *relative, uint64_t *deadline);

#endif
