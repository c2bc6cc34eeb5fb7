/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs here share: starting the helper, and saying how it ended. */
#ifndef CHILDREN_H
#define CHILDREN_H

#include "../say.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS(...) ((char *const[]){"child", __VA_ARGS__, NULL})

static char *const environment[] __attribute__((unused)) = {"A=1", "B=two words", NULL};

/* Whoever runs the tests may ignore some. */
static __attribute__((constructor)) void signals_plain(void)
{
    sigset_t none;

    sigemptyset(&none);
    for (int signo = 1; signo < 32; signo++)
        signal(signo, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* -1: an error, which was printed. */
static inline pid_t child_start(const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                                char *const *words)
{
    pid_t pid = -1;

    fflush(stdout);
    int error = posix_spawn(&pid, "./child", actions, attributes, words, environment);
    if (error) {
        printf("posix_spawn: %s\n", strerror(error));
        return -1;
    }
    return pid;
}

static inline void child_told(const char *what, pid_t pid)
{
    int status = 0;

    if (pid < 0)
        return;
    if (waitpid(pid, &status, 0) != pid)
        printf("%s: waitpid: %s\n", what, strerror(errno));
    else if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else
        printf("%s: killed by %d\n", what, WTERMSIG(status));
}

/* The helper with its descriptor 3 as the writing end of a pipe, from which one byte is read: it is ready. */
static inline pid_t child_ready(const posix_spawnattr_t *attributes, char *const *words)
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    char byte = 0;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
    pid_t pid = child_start(&actions, attributes, words);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (pid >= 0 && (read(ends[0], &byte, 1) != 1 || byte != 'r'))
        printf("the child is not ready\n");
    close(ends[0]);
    return pid;
}

#endif
