/* SPDX-License-Identifier: BSD-2-Clause */
/* execve: a program in a process's place. */
#define _GNU_SOURCE
#include "children.h"

static void handler(int signo)
{
    (void)signo;
}

int main(int argc, char **argv)
{
    (void)argc;
    child_told("a child becomes another program", child_start(NULL, NULL, WORDS("exec", "show", "x")));
    child_told("it keeps its pid", child_start(NULL, NULL, WORDS("exec-pid")));
    child_told("and dies as that", child_start(NULL, NULL, WORDS("exec", "crash")));
    child_told("an exec that fails", child_start(NULL, NULL, WORDS("exec-fails")));
    child_told("a waiting signal comes along", child_start(NULL, NULL, WORDS("exec-pending")));
    SAY("execve of nothing", execve("./nowhere", argv, environment));
    SAY("execvp of nothing", execvp("nowhere", argv));

    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGTERM, handler);
    int closing = open("child", O_RDONLY | O_CLOEXEC), staying = open("child", O_RDONLY);
    printf("descriptors: %d %d\n", closing, staying);
    umask(077);
    fflush(stdout);
    execve("./child", WORDS("show", "last"), environment);
    printf("execve: %s\n", strerror(errno));
    return 1;
}
