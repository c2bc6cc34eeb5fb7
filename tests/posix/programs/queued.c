/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals with values, and signals that are waited for instead of handled; all of them the program's own. */
#include "../say.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static sigset_t set_of(int first, int second)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, first);
    if (second)
        sigaddset(&set, second);
    return set;
}

static void tell(const char *what, const siginfo_t *info)
{
    printf("%s: signal %d, code %d, from this process %d, value %d\n", what,
           info->si_signo < SIGRTMIN ? info->si_signo : info->si_signo - SIGRTMIN, info->si_code,
           info->si_pid == getpid(), info->si_code == SI_QUEUE ? info->si_value.sival_int : 0);
}

static void handler(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    tell("handler", info);
}

static void send(int signo, int value)
{
    SAY("sigqueue", sigqueue(getpid(), signo, (union sigval){.sival_int = value}));
}

static void handled(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t block = set_of(SIGRTMIN + 1, SIGRTMIN + 2), old;

    sigaddset(&block, SIGUSR1);
    sigaction(SIGRTMIN + 1, &action, NULL);
    sigaction(SIGRTMIN + 2, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    send(SIGRTMIN + 1, 5);
    sigprocmask(SIG_BLOCK, &block, &old);
    for (int i = 0; i < 3; i++) {
        send(SIGRTMIN + 2, 10 + i);
        send(SIGRTMIN + 1, 20 + i);
        send(SIGUSR1, 30 + i);
    }
    kill(getpid(), SIGRTMIN + 1);
    /* One by one: which of several handlers comes first is nobody's promise. */
    for (int i = 1; i <= 2; i++) {
        sigset_t one = set_of(SIGRTMIN + i, 0);
        sigprocmask(SIG_UNBLOCK, &one, NULL);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    SAY("no such signal", sigqueue(getpid(), 65, (union sigval){0}));
    SAY("only looked", sigqueue(getpid(), 0, (union sigval){0}));
}

static void awaited(void)
{
    const struct timespec none = {0, 0}, some = {0, 1000000}, bad = {0, 1000000000};
    sigset_t set = set_of(SIGRTMIN + 3, SIGCHLD), pending, old;
    siginfo_t info;
    int signo;

    sigprocmask(SIG_BLOCK, &set, &old);
    SAY("nothing there", sigtimedwait(&set, &info, &none));
    SAY("nothing comes", sigtimedwait(&set, &info, &some));
    SAY("no time", sigtimedwait(&set, &info, &bad));
    send(SIGRTMIN + 3, 7);
    send(SIGRTMIN + 3, 8);
    raise(SIGCHLD);
    printf("the lowest first: %d\n", sigwaitinfo(&set, &info) == SIGCHLD);
    for (int i = 0; i < 2; i++) {
        printf("then: %d\n", sigwaitinfo(&set, &info) - SIGRTMIN);
        tell("info", &info);
    }
    SAY("none is left", sigtimedwait(&set, NULL, &none));
    raise(SIGRTMIN + 3);
    printf("sigwait: %d", sigwait(&set, &signo));
    printf(" %d\n", signo - SIGRTMIN);
    send(SIGRTMIN + 3, 9);
    signal(SIGRTMIN + 3, SIG_IGN);
    sigpending(&pending);
    printf("ignored, and gone: %d\n", sigismember(&pending, SIGRTMIN + 3));
    SAY("from the queue, too", sigtimedwait(&set, NULL, &none));
    sigprocmask(SIG_SETMASK, &old, NULL);
}

int main(void)
{
    handled();
    awaited();
    return 0;
}
