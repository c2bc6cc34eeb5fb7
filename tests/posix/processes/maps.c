/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings and fork: what is shared stays one memory, what is private becomes two; accesses that end a process. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static void in_child(const char *what, void (*run)(void))
{
    int status = 0;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        run();
        fflush(stdout);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        printf("%s: %s\n", what, strerror(errno));
        return;
    }
    printf("%s: exited %d with %d, signal %d\n", what, WIFEXITED(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static char *anonymous, *file, *copy, *hidden;
static int fd;

static void child_writes(void)
{
    printf("child sees %s, %s, %s\n", anonymous, file, copy);
    strcpy(anonymous, "child's anonymous");
    strcpy(file, "child's file");
    strcpy(copy, "child's copy");
    mprotect(hidden, PAGE, PROT_READ | PROT_WRITE);
    strcpy(hidden, "child's hidden");
}

static void grandchild(void)
{
    in_child("grandchild", child_writes);
    printf("between: %s, %s, %s\n", anonymous, file, copy);
}

static void shared(void)
{
    fd = open("f", O_RDWR | O_CREAT, 0644);
    SAY("write", write(fd, "from the file", 14));
    SAY("ftruncate", ftruncate(fd, 3 * PAGE));
    anonymous = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hidden = mmap(NULL, PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    file = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    copy = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    strcpy(anonymous, "anonymous");
    in_child("child", child_writes);
    printf("parent sees %s, %s, %.14s\n", anonymous, file, copy);
    mprotect(hidden, PAGE, PROT_READ);
    printf("and %s\n", hidden);
    strcpy(copy, "parent's copy");
    in_child("child", grandchild);
    printf("parent sees %s, %s, %s\n", anonymous, file, copy);
    SAY("unlink", unlink("f"));
    SAY("close", close(fd));
    in_child("child without the file's name", child_writes);
    munmap(anonymous, 2 * PAGE);
    munmap(file, 3 * PAGE);
    munmap(copy, 3 * PAGE);
    munmap(hidden, PAGE);
}

struct pair {
    sem_t ping, pong;
    int count;
};
static struct pair *pair;

static void pong(void)
{
    for (int i = 0; i < 200; i++) {
        sem_wait(&pair->ping);
        pair->count++;
        sem_post(&pair->pong);
    }
}

static void semaphores(void)
{
    pair = mmap(NULL, sizeof *pair, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(&pair->ping, 1, 0);
    sem_init(&pair->pong, 1, 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pong();
        _exit(0);
    }
    for (int i = 0; i < 200; i++) {
        sem_post(&pair->ping);
        sem_wait(&pair->pong);
    }
    waitpid(pid, NULL, 0);
    printf("%d rounds through semaphores\n", pair->count);
}

/* What ends a process. */
static char *bad;
static void reads(void)
{
    printf("%d\n", *(volatile char *)bad);
}
static void writes(void)
{
    *(volatile char *)bad = 1;
}

static void deadly(void)
{
    fd = open("d", O_RDWR | O_CREAT, 0644);
    ftruncate(fd, PAGE + 10);
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *q = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    bad = p + PAGE + 10;
    in_child("in the last page", reads);
    bad = p + 2 * PAGE;
    in_child("behind the end", reads);
    in_child("behind the end, writing", writes);
    bad = q + 3 * PAGE;
    in_child("behind the end, private", writes);
    p[0] = q[0] = 'p';
    SAY("empty", ftruncate(fd, 0));
    bad = p;
    in_child("no page left", reads);
    bad = p + PAGE;
    in_child("no page left, writing", writes);
    SAY("large again", ftruncate(fd, 4 * PAGE));
    bad = p + 3 * PAGE;
    in_child("all there again", writes);
    SAY("mprotect", mprotect(p, PAGE, PROT_READ));
    bad = p;
    in_child("writing what can be read", writes);
    SAY("mprotect", mprotect(p, PAGE, PROT_NONE));
    in_child("reading what cannot", reads);
    SAY("munmap", munmap(p, PAGE));
    in_child("reading where nothing is", reads);
}

int main(void)
{
    shared();
    semaphores();
    deadly();
    return 0;
}
