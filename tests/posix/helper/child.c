/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of tests/posix/processes/ start: the first argument says what it does. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int show_all(int argc, char **argv)
{
    sigset_t mask;

    printf("argc %d:", argc);
    for (int i = 0; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf("\nenvironment:");
    for (char **e = environ; *e; e++)
        printf(" [%s]", *e);
    printf("\numask %03o, descriptors:", umask(0));
    for (int fd = 0; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("\nblocked:");
    for (int signo = 1; signo < 32; signo++)
        if (sigismember(&mask, signo))
            printf(" %d", signo);
    printf(", ignored:");
    for (int signo = 1; signo < 32; signo++) {
        struct sigaction action;
        if (sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            printf(" %d", signo);
    }
    printf("\n");
    return 0;
}

/* From descriptor 0 to descriptor 1. */
static int copy(void)
{
    char bytes[512];
    ssize_t got;

    while ((got = read(0, bytes, sizeof bytes)) > 0)
        if (write(1, bytes, (size_t)got) != got)
            return 1;
    return got < 0 ? 2 : 0;
}

static int ids(void)
{
    printf("group is own pid: %d, session is own pid: %d, parent known: %d\n", getpgrp() == getpid(),
           getsid(0) == getpid(), getppid() > 0);
    return 0;
}

static void say_and_go(int signo)
{
    char text[] = "child: signal 00\n";

    text[14] = (char)('0' + signo / 10);
    text[15] = (char)('0' + signo % 10);
    write(1, text, sizeof text - 1);
}

/* Says that it is ready by a byte on descriptor 3, and waits for a signal. */
static int wait_signals(void)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGUSR1, say_and_go);
    signal(SIGTERM, say_and_go);
    write(3, "r", 1);
    sigsuspend(&none);
    return 7;
}

static int here(void)
{
    char path[256];

    printf("cwd has child: %d, is root: %d\n", access("child", X_OK) == 0,
           strcmp(getcwd(path, sizeof path) ? path : "", "/") == 0);
    return 0;
}

static int crash(void)
{
    volatile int *volatile nowhere = NULL;

    *nowhere = 1;
    return 0;
}

static int moves(void)
{
    SAY("into a group of its own", setpgid(0, 0));
    SAY("again", setpgid(0, 0));
    SAY("into one that does not exist", setpgid(0, 30000));
    SAY("no session for who leads a group", setsid());
    return 0;
}

static int leaves(void)
{
    printf("a session: %d\n", setsid() == getpid());
    printf("and a group: %d %d\n", getsid(0) == getpid(), getpgrp() == getpid());
    SAY("once", setsid());
    SAY("a leader stays in its group", setpgid(0, 0));
    SAY("to the own group, which is oneself", kill(0, SIGUSR2));
    return 0;
}

static int exec_pid(void)
{
    char pid[16];

    snprintf(pid, sizeof pid, "%d", getpid());
    execve("./child", (char *[]){"child", "is-pid", pid, NULL}, environ);
    return 98;
}

static int exec_fails(void)
{
    SAY("no such file", execve("./nowhere", (char *[]){"nowhere", NULL}, environ));
    SAY("a directory", execve("/", (char *[]){"child", NULL}, environ));
    printf("it goes on\n");
    return 12;
}

static int exec_pending(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    execve("./child", (char *[]){"child", "unblock", NULL}, environ);
    return 98;
}

static int unblock(void)
{
    sigset_t set;

    sigemptyset(&set);
    printf("before\n");
    fflush(stdout);
    sigprocmask(SIG_SETMASK, &set, NULL);
    printf("not after\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "exit") == 0)
        return argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(what, "show") == 0)
        return show_all(argc, argv);
    if (strcmp(what, "copy") == 0)
        return copy();
    if (strcmp(what, "ids") == 0)
        return ids();
    if (strcmp(what, "signals") == 0)
        return wait_signals();
    if (strcmp(what, "here") == 0)
        return here();
    if (strcmp(what, "crash") == 0)
        return crash();
    if (strcmp(what, "abort") == 0)
        abort();
    if (strcmp(what, "pester") == 0)
        while (kill(getppid(), SIGUSR1) == 0)
            sched_yield();
    if (strcmp(what, "loop-then-exit") == 0) {
        write(3, "r", 1);
        for (int i = 0; i < 100; i++)
            sched_yield();
        return 0;
    }
    if (strcmp(what, "moves") == 0)
        return moves();
    if (strcmp(what, "leaves") == 0)
        return leaves();
    if (strcmp(what, "parent") == 0)
        return kill(getppid(), SIGUSR1) == 0 ? 21 : 22;
    if (strcmp(what, "exec") == 0)
        return execve("./child", argv + 1, environ) + 99; /* argv[0] is then "exec" */
    if (strcmp(what, "exec-pid") == 0)
        return exec_pid();
    if (strcmp(what, "is-pid") == 0)
        return atoi(argv[2]) == getpid() ? 31 : 32;
    if (strcmp(what, "exec-fails") == 0)
        return exec_fails();
    if (strcmp(what, "exec-pending") == 0)
        return exec_pending();
    if (strcmp(what, "unblock") == 0)
        return unblock();
    if (strcmp(what, "ready") == 0) { /* and then for ever */
        write(3, "r", 1);
        for (;;)
            pause();
    }
    if (strcmp(what, "spin") == 0) {
        write(3, "r", 1);
        for (volatile unsigned long i = 0;; i++)
            ;
    }
    printf("child: what is '%s'?\n", what);
    return 99;
}
