/* SPDX-License-Identifier: BSD-2-Clause */
/* A request for a new process that is being carried out: what spawn.c and fork.c share. */
#ifndef PROC_REQUEST_H
#define PROC_REQUEST_H

#include <posix/start.h>

#include "proc.h"

struct request {
    struct proc_spawn head;
    mnos_handle_t cap[PROC_CAPS_MAX + MNOS_IPC_CAPS]; /* MNOS_NONE: handed on */
    uint32_t caps;
    mnos_handle_t reply;
    mnos_handle_t pool;
    struct posix_start *block; /* mapped here while it is written */
    uint64_t block_bytes;
    mnos_handle_t block_memory;
    void *image; /* of a fork: its pieces */
    uint64_t image_bytes;
    struct spawn_child child;
    struct spawn_region part[SPAWN_REGIONS_MAX]; /* segments and stack of the child */
    uint32_t parts;
    mnos_handle_t handle[PROC_CAPS_MAX + MNOS_IPC_CAPS]; /* in the child's table; MNOS_NONE: not there */
};

/* Takes head and capabilities, and makes the start block. */
enum proc_status request_begin(struct request *r, struct proc *p, struct call *call);
/* Drops whatever is left of it. */
void request_end(struct request *r);
/* `bytes` of the caller's buffer at `at`. */
enum proc_status request_copy(const struct request *r, uint64_t at, void *to, uint64_t bytes);
/* So many bytes of the caller's buffer in memory of the request's pool, as r->image. */
enum proc_status request_copy_image(struct request *r, uint64_t at, uint64_t bytes);
/*
 * The process, suspended, with the start block and all capabilities that it names.  `spawn` says what is in it beside them; pool,
 * slots and capabilities are filled in here, `more` of them after the standard ones.
 */
enum { REQUEST_MORE_MAX = 2 };
enum proc_status child_make(struct request *r, uint64_t badge, struct spawn *spawn, const struct spawn_cap *more,
                            unsigned more_count);
/* The record takes the process over and lets it run: nothing can fail any more but for the process having been ended. */
void child_adopt(struct proc *p, struct request *r);
enum proc_status status_of(int64_t error);

#endif
