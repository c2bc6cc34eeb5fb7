/* SPDX-License-Identifier: BSD-2-Clause */
/* All of posix_spawn as one request of libposix, instead of a child that does it step by step. */
#define _GNU_SOURCE
#include <spawn.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "fdop.h"
#include "pthread_impl.h"
#include "syscall.h"

/* include/posix/seam.h of libposix, which is not on the path of this tree. */
struct px_spawn_action {
    int kind, fd, from, flags;
    unsigned mode;
    const char *path;
};
struct px_spawn {
    const char *path, *search;
    char *const *argv, *const *envp;
    const struct px_spawn_action *actions;
    unsigned action_count;
    int flags, group;
    unsigned long defaults, mask, handled;
};
hidden long __mnos_spawn(const struct px_spawn *spawn);
hidden void __get_handler_set(sigset_t *);

/* The list is kept from its end. */
static unsigned actions_take(const posix_spawn_file_actions_t *fa, struct px_spawn_action *out)
{
    unsigned count = 0;
    struct fdop *op = fa ? fa->__actions : 0;

    for (; op && op->next; op = op->next)
        ;
    for (; op; op = op->prev, count++)
        if (out)
            out[count] = (struct px_spawn_action){op->cmd, op->fd, op->srcfd, op->oflag, op->mode, op->path};
    return count;
}

int posix_spawn(pid_t *restrict res, const char *restrict path, const posix_spawn_file_actions_t *fa,
                const posix_spawnattr_t *restrict attr, char *const argv[restrict], char *const envp[restrict])
{
    unsigned count = actions_take(fa, 0);
    struct px_spawn_action *actions = count ? malloc(count * sizeof *actions) : 0;
    const char *search = getenv("PATH");
    sigset_t handled;
    int cancel;

    if (count && !actions)
        return ENOMEM;
    actions_take(fa, actions);
    __get_handler_set(&handled);
    const struct px_spawn spawn = {
        .path = path,
        .search = attr && attr->__fn ? (search ? search : "/usr/local/bin:/bin:/usr/bin") : 0,
        .argv = argv,
        .envp = envp,
        .actions = actions,
        .action_count = count,
        .flags = attr ? attr->__flags : 0,
        .group = attr ? attr->__pgrp : 0,
        .defaults = attr ? attr->__def.__bits[0] : 0,
        .mask = attr ? attr->__mask.__bits[0] : 0,
        .handled = handled.__bits[0],
    };
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    long pid = __mnos_spawn(&spawn);
    pthread_setcancelstate(cancel, 0);
    free(actions);
    if (pid < 0)
        return (int)-pid;
    if (res)
        *res = (pid_t)pid;
    return 0;
}
