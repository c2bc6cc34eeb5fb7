/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that a program sends to itself. */
#include "../say.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65], order[16], orders;
static sigjmp_buf back;

static void handler(int signo)
{
    seen[signo]++;
    if (orders < 16)
        order[orders++] = signo;
}

static void informed(int signo, siginfo_t *info, void *context)
{
    printf("signal %d, si_signo %d, from this process %d, context %d\n", signo, info->si_signo,
           info->si_pid == getpid(), context != NULL);
}

static void jumper(int signo)
{
    siglongjmp(back, signo);
}

static void masks(void)
{
    sigset_t set, old, pending;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("blocked: %d %d, pending: %d %d\n", seen[SIGUSR1], seen[SIGUSR2], sigismember(&pending, SIGUSR1),
           sigismember(&pending, SIGUSR2));
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("after: %d %d\n", seen[SIGUSR1], seen[SIGUSR2]);
}

static void nested(int signo)
{
    sigset_t now;

    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("in %d: itself blocked %d, SIGUSR2 blocked %d\n", signo, sigismember(&now, signo),
           sigismember(&now, SIGUSR2));
    raise(SIGUSR2);
    printf("still none: %d\n", seen[SIGUSR2]);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};

    signal(SIGUSR1, handler);
    SAY("raise", raise(SIGUSR1));
    printf("seen: %d\n", seen[SIGUSR1]);
    signal(SIGUSR2, handler);
    masks();
    memset((void *)seen, 0, sizeof seen);

    action.sa_handler = nested;
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGTERM, &action, NULL);
    kill(getpid(), SIGTERM);
    printf("then it comes: %d\n", seen[SIGUSR2]);

    memset(&action, 0, sizeof action);
    action.sa_sigaction = informed;
    action.sa_flags = SA_SIGINFO | SA_RESETHAND;
    sigaction(SIGHUP, &action, NULL);
    raise(SIGHUP);
    sigaction(SIGHUP, NULL, &action);
    printf("reset: %d\n", action.sa_handler == SIG_DFL);

    signal(SIGALRM, jumper);
    for (int i = 0; i < 3; i++)
        if (sigsetjmp(back, 1) == 0)
            raise(SIGALRM);
        else
            printf("jumped out\n");

    signal(SIGPIPE, SIG_IGN);
    SAY("ignored", raise(SIGPIPE));
    SAY("by default ignored", raise(SIGCHLD));
    SAY("SIGKILL cannot be caught", signal(SIGKILL, handler) == SIG_ERR);
    SAY("no such signal", raise(65));
    fflush(stdout);
    return 5;
}
