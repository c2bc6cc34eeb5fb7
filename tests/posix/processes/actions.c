/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_spawn with file actions and attributes: a child has what they say, and the parent keeps what it had. */
#define _GNU_SOURCE
#include "children.h"

static posix_spawn_file_actions_t actions;
static posix_spawnattr_t attributes;

static void run(const char *what, char *const *words)
{
    child_told(what, child_start(&actions, &attributes, words));
    posix_spawn_file_actions_destroy(&actions);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
}

static void file_put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (write(fd, text, strlen(text)) < 0)
        printf("write: %s\n", strerror(errno));
    close(fd);
}

static void file_show(const char *name)
{
    char text[256] = "";
    int fd = open(name, O_RDONLY);

    if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
        printf("%s: %s\n", name, strerror(errno));
    printf("%s holds: %s|\n", name, text);
    close(fd);
}

static void numbers(void)
{
    int a = open("input", O_RDONLY), b = open("input", O_RDONLY | O_CLOEXEC);

    run("an open one is inherited, one that closes is not", WORDS("show"));
    posix_spawn_file_actions_addclose(&actions, a);
    posix_spawn_file_actions_addclose(&actions, 55);
    run("closed", WORDS("show"));
    posix_spawn_file_actions_adddup2(&actions, b, 20);
    posix_spawn_file_actions_adddup2(&actions, b, b);
    run("copied, and itself", WORDS("show"));
    posix_spawn_file_actions_addopen(&actions, 30, "input", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, 30, 31);
    posix_spawn_file_actions_addclose(&actions, 30);
    run("opened, copied, closed", WORDS("show"));
    SAY("here nothing has changed", fcntl(b, F_GETFD));
    SAY("nor here", fcntl(31, F_GETFD));
    close(a);
    close(b);
}

static void redirected(void)
{
    posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "output", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    run("from file to file", WORDS("copy"));
    file_show("output");
    struct stat st;
    stat("output", &st);
    printf("mode %o\n", st.st_mode & 0777);

    /* One open file: the position is common. */
    int fd = open("input", O_RDONLY);
    char byte;
    read(fd, &byte, 1);
    posix_spawn_file_actions_adddup2(&actions, fd, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "output", O_WRONLY | O_TRUNC, 0);
    run("the position goes along", WORDS("copy"));
    file_show("output");
    SAY("and is moved by the child", lseek(fd, 0, SEEK_CUR));
    close(fd);
}

/* Through two pipes and a child between them. */
static void piped(void)
{
    int in[2], out[2];
    char text[64] = "";

    pipe2(in, O_CLOEXEC);
    pipe2(out, O_CLOEXEC);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    pid_t pid = child_start(&actions, NULL, WORDS("copy"));
    close(in[0]);
    close(out[1]);
    SAY("written", write(in[1], "through a pipe", 14));
    close(in[1]);
    SAY("read", read(out[0], text, sizeof text));
    printf("%s\n", text);
    SAY("then the end", read(out[0], text, sizeof text));
    close(out[0]);
    child_told("copy", pid);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawn_file_actions_init(&actions);
}

static void directories(void)
{
    mkdir("below", 0755);
    link("child", "below/child");
    posix_spawn_file_actions_addchdir_np(&actions, "below");
    run("in another directory", WORDS("here"));
    unlink("below/child");
    posix_spawn_file_actions_addchdir_np(&actions, "below");
    run("where there is no such program", WORDS("here"));
    int fd = open("below", O_RDONLY | O_DIRECTORY);
    link("child", "below/child");
    posix_spawn_file_actions_addfchdir_np(&actions, fd);
    run("by descriptor", WORDS("here"));
    posix_spawn_file_actions_addfchdir_np(&actions, 0);
    run("which is none", WORDS("here"));
    SAY("the parent is where it was", access("below/child", X_OK));
    close(fd);
}

static void wrong(void)
{
    posix_spawn_file_actions_adddup2(&actions, 44, 45);
    run("no such descriptor", WORDS("show"));
    posix_spawn_file_actions_addopen(&actions, 5, "nowhere", O_RDONLY, 0);
    run("no such file", WORDS("show"));
    posix_spawn_file_actions_addopen(&actions, 5, "below", O_WRONLY, 0);
    run("a directory to write to", WORDS("show"));
    posix_spawn_file_actions_addchdir_np(&actions, "input");
    run("a file to go to", WORDS("show"));
    SAY("no child of those is left", waitpid(-1, NULL, 0));
}

static void signals(void)
{
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    run("mask and ignored ones are inherited", WORDS("show"));
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    posix_spawnattr_setsigdefault(&attributes, &set);
    sigaddset(&set, SIGUSR2);
    posix_spawnattr_setsigmask(&attributes, &set);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    run("or set", WORDS("show"));
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

static void groups(void)
{
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    run("a group of its own", WORDS("ids"));
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    run("a session of its own", WORDS("ids"));
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 30000);
    run("a group that does not exist", WORDS("ids"));
    run("none of these", WORDS("ids"));
}

int main(void)
{
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    file_put("input", "some text");
    numbers();
    redirected();
    piped();
    directories();
    wrong();
    signals();
    groups();
    umask(027);
    run("umask", WORDS("show"));
    return 0;
}
