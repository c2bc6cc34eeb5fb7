/* SPDX-License-Identifier: BSD-2-Clause */
/* A request for a new process, as it is worked out: what spawn.c and fork.c share. */
#ifndef PX_PLAN_H
#define PX_PLAN_H

#include <proc/protocol.h>

#include "path.h"

#define SCRIPTS_MAX      4       /* interpreters that are scripts */
#define LINE_MAX         256u    /* of a script's first line */
#define PATH_BYTES       4096u

/* A descriptor of the new program. */
struct slot {
    struct px_open open; /* kind 0: none */
    const void *same;    /* what it shares with others of the same open file */
    bool cloexec;
};

/* The new program, as far as it is known; lies in pages of its own. */
struct plan {
    struct slot slot[FDS_MAX];
    mnos_handle_t made[FDS_MAX]; /* opened for it: given up at the end */
    uint32_t made_count;
    struct px_place cwd;
    mnos_handle_t cap[PROC_CAPS_MAX];
    uint32_t caps;
    struct px_open file;
    uint64_t file_size;
    char path[PATH_BYTES];                     /* of the file */
    char line[SCRIPTS_MAX][LINE_MAX];          /* first lines of scripts */
    char script_path[SCRIPTS_MAX][PATH_BYTES]; /* their own paths, which their interpreters get */
    const char *before[3 * SCRIPTS_MAX];       /* arguments in place of argv[0], the last one first */
    uint32_t before_count;
};

/* NULL: no memory. */
struct plan *px_plan_begin(void);
void px_plan_end(struct plan *plan);
/* Under fd_lock: descriptors and directory as they are. */
void px_plan_take(struct plan *plan);
/* The number of a capability in the request; PROC_NO_CAP for MNOS_NONE, or where there are too many. */
uint32_t px_plan_cap(struct plan *plan, mnos_handle_t handle);
/* The descriptors as records, of which there are that many; those that close are left out. */
uint32_t px_plan_fds(struct plan *plan, struct posix_start_fd *record);
/* The request with all its capabilities: word 0 of the answer, or a negated errno.  One at a time. */
long px_plan_send(uint64_t label, const struct plan *plan, const void *bytes, uint64_t size);
/* In the child of a fork, which has never come back from px_plan_send. */
void px_plan_sent(void);

#endif
