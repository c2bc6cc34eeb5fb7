/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals between processes: default actions, handlers, masks, SIGCHLD, stop and go on, interrupted calls. */
#define _GNU_SOURCE
#include "children.h"

static volatile sig_atomic_t chld_count, chld_code, chld_status, chld_pid;
static volatile sig_atomic_t usr1_count, usr1_from;

static void on_chld(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    chld_count++;
    chld_code = info->si_code;
    chld_status = info->si_status;
    chld_pid = info->si_pid;
}

static void on_usr1(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    usr1_count++;
    usr1_from = info->si_pid;
}

static void handle(int signo, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

    sigaction(signo, &action, NULL);
}

static void defaults(void)
{
    static const int signo[] = {SIGTERM, SIGINT, SIGKILL, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGPIPE};

    for (size_t i = 0; i < sizeof signo / sizeof signo[0]; i++) {
        pid_t pid = child_ready(NULL, WORDS(i % 2 ? "spin" : "ready"));
        SAY("kill", kill(pid, signo[i]));
        child_told("ready", pid);
    }
    pid_t pid = child_ready(NULL, WORDS("ready"));
    SAY("looked for", kill(pid, 0));
    SAY("what is ignored by default",
        kill(pid, SIGCHLD) + kill(pid, SIGWINCH) + kill(pid, SIGURG) + kill(pid, SIGCONT));
    SAY("still there", kill(pid, 0));
    SAY("no such signal", kill(pid, 65));
    kill(pid, SIGTERM);
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    SAY("a zombie is there", kill(pid, SIGTERM));
    child_told("zombie", pid);
    SAY("nobody there", kill(pid, 0));
    SAY("nor for a signal", kill(pid, SIGTERM));
}

static void handlers(void)
{
    pid_t pid = child_ready(NULL, WORDS("signals"));

    kill(pid, SIGUSR1);
    child_told("a handler", pid);
    pid = child_ready(NULL, WORDS("signals"));
    kill(pid, SIGTERM);
    child_told("another", pid);

    signal(SIGTERM, SIG_IGN);
    pid = child_ready(NULL, WORDS("ready"));
    SAY("an inherited SIG_IGN", kill(pid, SIGTERM));
    SAY("is stronger than SIGTERM", kill(pid, 0));
    kill(pid, SIGKILL);
    child_told("not than SIGKILL", pid);
    signal(SIGTERM, SIG_DFL);
}

/* Blocked from before the child's end until sigsuspend: nothing depends on when it comes. */
static void chld_of(const char *what, char *const *words)
{
    sigset_t block, old;

    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, &old);
    int before = chld_count;
    pid_t pid = child_start(NULL, NULL, words);
    while (chld_count == before)
        sigsuspend(&old);
    printf("%s: code %d, status %d, its pid %d\n", what, chld_code, chld_status, chld_pid == pid);
    sigprocmask(SIG_SETMASK, &old, NULL);
    child_told(what, pid);
}

static void chld(void)
{
    handle(SIGCHLD, on_chld, 0);
    chld_of("exit 3", WORDS("exit", "3"));
    chld_of("crash", WORDS("crash"));
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = child_start(NULL, NULL, WORDS("exit", "3"));
    SAY("children of who ignores SIGCHLD are forgotten", waitpid(pid, NULL, 0));
    SAY("all of them", waitpid(-1, NULL, 0));
    signal(SIGCHLD, SIG_DFL);
}

static void stops(void)
{
    int status;
    pid_t pid = child_ready(NULL, WORDS("ready"));

    SAY("nothing yet", waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED));
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    printf("stopped %d by SIGSTOP %d\n", WIFSTOPPED(status), WSTOPSIG(status) == SIGSTOP);
    SAY("told once", waitpid(pid, &status, WNOHANG | WUNTRACED));
    kill(pid, SIGTERM);
    SAY("a stopped one does not take it", waitpid(pid, &status, WNOHANG));
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    printf("then it does: %d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);

    /* In a group of its own, whose parent is of another one: where whoever runs us has gone, ours is orphaned, and not stopped. */
    posix_spawnattr_t own;
    posix_spawnattr_init(&own);
    posix_spawnattr_setflags(&own, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&own, 0);
    pid = child_ready(&own, WORDS("spin"));
    posix_spawnattr_destroy(&own);
    kill(pid, SIGTSTP);
    waitpid(pid, &status, WUNTRACED);
    printf("stopped %d by SIGTSTP %d\n", WIFSTOPPED(status), WSTOPSIG(status) == SIGTSTP);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    printf("goes on %d\n", WIFCONTINUED(status) != 0);
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGKILL);
    child_told("a stopped one is killed all the same", pid);
}

/* A child sends SIGUSR1 without end, so that one is sure to come while a call waits: EINTR, or the call goes on. */
static void interrupted(void)
{
    int ends[2];
    char byte;
    pid_t pester, slow;

    pipe2(ends, O_CLOEXEC);
    handle(SIGUSR1, on_usr1, 0);
    pester = child_start(NULL, NULL, WORDS("pester"));
    SAY("a read is interrupted", read(ends[0], &byte, 1));
    SAY("a wait is interrupted", waitpid(pester, NULL, 0));
    SAY("a pause is interrupted", pause());
    SAY("a poll is interrupted", poll(NULL, 0, -1));
    handle(SIGUSR1, on_usr1, SA_RESTART);
    slow = child_ready(NULL, WORDS("loop-then-exit"));
    SAY("a wait goes on for the one that is asked for", waitpid(slow, NULL, 0) == slow);
    kill(pester, SIGKILL);
    child_told("pester", pester);
    printf("from it: %d\n", usr1_from == pester);
    usr1_count = 0;
    close(ends[0]);
    close(ends[1]);
}

static void to_parent(void)
{
    sigset_t block, old;

    handle(SIGUSR1, on_usr1, 0);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    pid_t pid = child_start(NULL, NULL, WORDS("parent"));
    while (usr1_count == 0)
        sigsuspend(&old);
    printf("from the child: %d\n", usr1_from == pid);
    sigprocmask(SIG_SETMASK, &old, NULL);
    child_told("parent", pid);
}

int main(void)
{
    defaults();
    handlers();
    chld();
    stops();
    interrupted();
    to_parent();
    return 0;
}
