/* SPDX-License-Identifier: BSD-2-Clause */
/* fork: the child has what the parent had, and from then on each has its own. */
#define _GNU_SOURCE
#include "children.h"

#include <pthread.h>
#include <sys/mman.h>

#define PAGE  4096
#define BYTES (64 * PAGE)

static int in_data = 7, in_bss;
static const char text[] = "read-only";

/* In the child it returns 0; the parent waits for the child and says how it ended. */
static pid_t forked(const char *what)
{
    fflush(stdout);
    pid_t pid = fork();

    if (pid < 0)
        printf("%s: fork: %s\n", what, strerror(errno));
    if (pid > 0)
        child_told(what, pid);
    return pid;
}

static _Noreturn void end(int status)
{
    fflush(stdout);
    _exit(status);
}

static void results(void)
{
    pid_t parent = getpid();

    if (forked("it returns twice") == 0) {
        printf("child: parent %d, another pid %d, same group %d, same session %d\n", getppid() == parent,
               getpid() != parent, getpgrp() == getpgid(parent), getsid(0) == getsid(parent));
        end(41);
    }
    SAY("no other child is left", waitpid(-1, NULL, 0));
    if (forked("it is killed") == 0)
        raise(SIGKILL);
    if (forked("it faults") == 0)
        *(volatile char *)text = 1;
}

/* Each kind of memory, written on both sides after the fork. */
static void memory(void)
{
    int on_stack = 1, *in_heap = malloc(sizeof(int));
    char *pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int ends[2], back[2];
    char byte;

    *in_heap = 2;
    memset(pages, 'p', BYTES);
    pipe(ends);
    pipe(back);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        printf("child has %d %d %d %d %s %c\n", in_data, in_bss, on_stack, *in_heap, text, pages[BYTES - 1]);
        in_data = 70, in_bss = 71, on_stack = 72, *in_heap = 73;
        memset(pages, 'c', BYTES / 2);
        fflush(stdout);
        write(back[1], "x", 1);
        read(ends[0], &byte, 1); /* the parent has written */
        printf("child keeps %d %d %d %d %c %c\n", in_data, in_bss, on_stack, *in_heap, pages[0], pages[BYTES - 1]);
        end(0);
    }
    read(back[0], &byte, 1); /* the child has written */
    printf("parent keeps %d %d %d %d %c %c\n", in_data, in_bss, on_stack, *in_heap, pages[0], pages[BYTES - 1]);
    in_data = 8, in_bss = 9, on_stack = 10, *in_heap = 11;
    memset(pages, 'q', BYTES);
    fflush(stdout);
    write(ends[1], "x", 1);
    child_told("both wrote", pid);
    munmap(pages, BYTES);
    free(in_heap);
    close(ends[0]), close(ends[1]), close(back[0]), close(back[1]);
}

/* Protections are inherited; what either side maps later is its own. */
static void mappings(void)
{
    char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memset(p, 'm', 8 * PAGE);
    mprotect(p + PAGE, PAGE, PROT_READ);
    mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE);
    munmap(p + 5 * PAGE, PAGE);
    if (forked("a page that is read only") == 0) {
        printf("reads %c\n", p[PAGE]);
        fflush(stdout);
        p[PAGE] = 'w';
        end(1);
    }
    if (forked("a page that is not there") == 0)
        end(*(volatile char *)(p + 3 * PAGE));
    if (forked("a page that is gone") == 0)
        end(*(volatile char *)(p + 5 * PAGE));
    if (forked("and the others") == 0) {
        p[0] = p[4 * PAGE] = p[6 * PAGE] = 'w';
        SAY("given back", mprotect(p + PAGE, 3 * PAGE, PROT_READ | PROT_WRITE));
        printf("still there: %c %c\n", p[PAGE], p[3 * PAGE]);
        p[3 * PAGE] = 'w';
        char *more = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(more, 'n', BYTES);
        end(more[BYTES - 1] == 'n' && p[7 * PAGE] == 'm' ? 5 : 6);
    }
    printf("the parent's: %c %c %c\n", p[0], p[PAGE], p[7 * PAGE]);
    munmap(p, 8 * PAGE);
}

static void descriptors(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644), ends[2], same;
    char text[16] = "";
    struct stat st;

    same = dup(fd);
    write(fd, "0123456789", 10);
    lseek(fd, 0, SEEK_SET);
    pipe2(ends, O_CLOEXEC);
    if (forked("descriptors") == 0) {
        SAY("read", read(fd, text, 4));
        printf("%s\n", text);
        SAY("closes at exec", fcntl(ends[0], F_GETFD));
        close(fd);
        SAY("the other number", read(same, text, 2));
        close(ends[0]);
        SAY("to the parent", write(ends[1], "through", 7));
        chdir("/");
        umask(0);
        end(0);
    }
    close(ends[1]);
    memset(text, 0, sizeof text);
    SAY("one position", lseek(fd, 0, SEEK_CUR));
    SAY("from the child", read(ends[0], text, sizeof text));
    SAY("then the end", read(ends[0], text, sizeof text));
    printf("%s\n", text);
    close(ends[0]);
    SAY("still open", fstat(same, &st));
    printf("umask %o\n", umask(022));
    close(fd);
    close(same);
}

static volatile int taken;

static void take(int signo)
{
    taken = signo;
}

static void signals(void)
{
    sigset_t set, old, pending;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGUSR1, take);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR1);
    if (forked("signals") == 0) {
        sigpending(&pending);
        printf("none is pending: %d\n", sigismember(&pending, SIGUSR1));
        SAY("ignored", raise(SIGUSR2));
        kill(getpid(), SIGUSR1);
        sigprocmask(SIG_SETMASK, &old, NULL);
        printf("handled %d\n", taken);
        end(0);
    }
    sigpending(&pending);
    printf("it is pending here: %d\n", sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("handled %d\n", taken);

    /* From the parent to a child that waits. */
    int ends[2];
    char byte;
    pipe(ends);
    sigprocmask(SIG_BLOCK, &set, &old);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        taken = 0;
        write(ends[1], "r", 1);
        sigsuspend(&old);
        printf("from the parent: %d\n", taken);
        end(3);
    }
    read(ends[0], &byte, 1);
    kill(pid, SIGUSR1);
    child_told("a signal for it", pid);
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    close(ends[0]), close(ends[1]);
}

/* As a shell does it: a pipe, a fork for each side, another program in the child's place. */
static void execs(void)
{
    int in[2], out[2];
    char read_text[16] = "";

    pipe2(in, O_CLOEXEC);
    pipe2(out, O_CLOEXEC);
    fflush(stdout);
    pid_t copy = fork();
    if (copy == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execve("./child", WORDS("copy"), environment);
        _exit(99);
    }
    pid_t writer = vfork();
    if (writer == 0) {
        write(in[1], "pipeline", 8);
        _exit(0);
    }
    close(in[0]), close(in[1]), close(out[1]);
    child_told("the writer", writer);
    SAY("through both", read(out[0], read_text, sizeof read_text - 1));
    SAY("then the end", read(out[0], read_text + 8, sizeof read_text - 9));
    printf("%s\n", read_text);
    child_told("the copier", copy);
    close(out[0]);
    if (forked("no such program") == 0) {
        SAY("execve", execve("./nowhere", WORDS("show"), environment));
        end(127);
    }
    if (forked("a fork of its own before") == 0) {
        if (forked("the grandchild") == 0)
            end(2);
        fflush(stdout);
        execve("./child", WORDS("show"), environment);
        end(99);
    }
}

/* Each is the parent of the next. */
static void generations(int depth)
{
    if (depth == 0)
        end(1);
    char what[32];
    snprintf(what, sizeof what, "generation %d", depth);
    if (forked(what) == 0) {
        generations(depth - 1);
        end(depth);
    }
}

static void many(void)
{
    int sum = 0, status;

    fflush(stdout);
    for (int i = 0; i < 8; i++)
        if (fork() == 0)
            _exit(i);
    for (int i = 0; i < 8; i++)
        if (wait(&status) > 0 && WIFEXITED(status))
            sum += WEXITSTATUS(status);
    printf("eight at a time: %d\n", sum);
    for (int i = 0; i < 40; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(i & 1);
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            printf("number %d: %s\n", i, strerror(errno));
    }
}

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static int gate[2], go[2];

static void *other(void *nothing)
{
    char byte;

    write(gate[1], "r", 1);
    read(go[0], &byte, 1);
    return nothing;
}

static void *forks(void *nothing)
{
    if (forked("from a second thread") == 0) {
        char *bytes = malloc(100000);
        memset(bytes, 1, 100000);
        pthread_t thread;
        pipe(go); /* the parent's thread reads from the other one */
        SAY("it starts one itself", pthread_create(&thread, NULL, other, NULL));
        write(go[1], "g", 1);
        pthread_join(thread, NULL);
        end(9);
    }
    return nothing;
}

/* Only the thread that forks is in the child. */
static void threads(void)
{
    pthread_t waiting, forking;
    char byte;

    pipe(gate);
    pipe(go);
    pthread_create(&waiting, NULL, other, NULL);
    read(gate[0], &byte, 1);
    pthread_mutex_lock(&held);
    pthread_create(&forking, NULL, forks, NULL);
    pthread_join(forking, NULL);
    write(go[1], "g", 1);
    pthread_join(waiting, NULL);
    pthread_mutex_unlock(&held);
}

static void before(void)
{
    printf("before\n");
}

static void after(void)
{
    printf("after, in one of the two\n");
}

int main(void)
{
    results();
    memory();
    mappings();
    descriptors();
    signals();
    execs();
    generations(4);
    many();
    threads();
    pthread_atfork(before, after, NULL);
    if (forked("handlers of fork") == 0)
        end(0);
    return 0;
}
