/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals of other processes that are waited for: no handler is set, and by default they would be ignored, or the end. */
#define _GNU_SOURCE
#include "children.h"

#include <time.h>

static sigset_t blocked(int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

static void of_child(const char *what, char *const *words)
{
    sigset_t set = blocked(SIGCHLD);
    siginfo_t info;
    pid_t pid = child_start(NULL, NULL, words);
    int signo = sigwaitinfo(&set, &info);

    printf("%s: SIGCHLD %d, its pid %d, code %d, status %d\n", what, signo == SIGCHLD, info.si_pid == pid, info.si_code,
           info.si_status);
    child_told(what, pid);
}

int main(void)
{
    const struct timespec none = {0, 0};
    sigset_t set;
    siginfo_t info;

    of_child("exit 3", WORDS("exit", "3"));
    of_child("crash", WORDS("crash"));
    set = blocked(SIGCHLD);
    SAY("no more of them", sigtimedwait(&set, &info, &none));

    set = blocked(SIGUSR1);
    pid_t pid = child_start(NULL, NULL, WORDS("parent"));
    printf("SIGUSR1 %d, code %d", sigwaitinfo(&set, &info) == SIGUSR1, info.si_code);
    printf(", from the child %d\n", info.si_pid == pid);
    child_told("parent", pid);
    return 0;
}
