/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_spawn and waitpid: what a child gets, and what is told of its end. */
#define _GNU_SOURCE
#include "children.h"

static pid_t start(char *const argv[])
{
    pid_t pid = -1;
    int error;

    fflush(stdout);
    error = posix_spawn(&pid, "./child", NULL, NULL, argv, environment);
    if (error)
        printf("posix_spawn: %s\n", strerror(error));
    return pid;
}

static void told(const char *what, pid_t pid, int options)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, options);

    printf("%s: own child %d, exited %d with %d, killed %d by %d\n", what, got == pid, WIFEXITED(status) != 0,
           WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) != 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void)
{
    pid_t pid[4];
    int status;

    SAY("nobody to wait for", waitpid(-1, &status, 0));
    SAY("nor without waiting", waitpid(-1, &status, WNOHANG));
    told("exit 0", start((char *[]){"child", "exit", "0", NULL}), 0);
    told("exit 7", start((char *[]){"child", "exit", "7", NULL}), 0);
    told("exit 300", start((char *[]){"child", "exit", "300", NULL}), 0);
    told("show", start((char *[]){"child", "show", "", "two words", NULL}), 0);
    told("abort", start((char *[]){"child", "abort", NULL}), 0);
    told("crash", start((char *[]){"child", "crash", NULL}), 0);

    for (int i = 0; i < 4; i++)
        pid[i] = start((char *[]){"child", "exit", (char[]){(char)('1' + i), 0}, NULL});
    told("the third first", pid[2], 0);
    SAY("not again", waitpid(pid[2], &status, 0));
    int seen = 0;
    for (int i = 0; i < 3; i++) {
        pid_t got = wait(&status);
        for (int k = 0; k < 4; k++)
            seen += got == pid[k] && WEXITSTATUS(status) == k + 1 ? 1 << k : 0;
    }
    printf("the others: %d\n", seen);
    SAY("no more", wait(&status));
    SAY("not a child", waitpid(1, &status, 0));
    SAY("no such option", waitpid(-1, &status, 0x40));
    printf("pids are distinct: %d\n", pid[0] != pid[1] && pid[1] != pid[2] && pid[2] != pid[3] && pid[0] != getpid());
    siginfo_t info = {0};
    pid[0] = start((char *[]){"child", "exit", "9", NULL});
    SAY("waitid leaves it", waitid(P_PID, (id_t)pid[0], &info, WEXITED | WNOWAIT));
    printf("signo %d, code %d, status %d, pid %d\n", info.si_signo, info.si_code, info.si_status,
           info.si_pid == pid[0]);
    memset(&info, 0, sizeof info);
    SAY("waitid takes it", waitid(P_ALL, 0, &info, WEXITED));
    printf("pid %d\n", info.si_pid == pid[0]);
    SAY("waitid for nobody", waitid(P_ALL, 0, &info, WEXITED));
    SAY("waitid for nothing", waitid(P_ALL, 0, &info, 0));
    return 3;
}
