/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared mappings of files: they are the file, in both directions; what may be mapped how; holes; sizes that change. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

static char buffer[3 * PAGE];

static void *map(size_t bytes, int prot, int flags, int fd, off_t offset)
{
    errno = 0;
    void *at = mmap(NULL, bytes, prot, flags, fd, offset);
    printf("mmap %zu prot %d flags %d offset %ld: %s\n", bytes, prot, flags, (long)offset,
           at == MAP_FAILED ? strerror(errno) : "mapped");
    return at;
}

static void coherent(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644);

    memset(buffer, 'a', sizeof buffer);
    SAY("write", write(fd, buffer, sizeof buffer));
    char *p = map(sizeof buffer, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%c%c%c\n", p[0], p[PAGE], p[3 * PAGE - 1]);
    SAY("write beside it", pwrite(fd, "WRITTEN", 7, PAGE - 3));
    printf("%.10s\n", p + PAGE - 3);
    memcpy(p + 2 * PAGE - 2, "MAPPED", 6);
    SAY("read beside it", pread(fd, buffer, 10, 2 * PAGE - 4));
    printf("%.10s\n", buffer);
    char *q = map(PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);
    printf("%.4s\n", q);
    p[2 * PAGE] = 'Q';
    printf("%.4s\n", q);
    SAY("msync", msync(p, sizeof buffer, MS_SYNC));
    SAY("msync of both kinds", msync(p, PAGE, MS_SYNC | MS_ASYNC));
    SAY("msync of no page", msync(p + 1, PAGE, MS_SYNC));
    SAY("close", close(fd));
    SAY("unlink", unlink("f"));
    p[5] = 'z';
    printf("still there: %c%c%c\n", p[4], p[5], q[0]);
    SAY("a hole", munmap(p + PAGE, PAGE));
    SAY("msync over it", msync(p, 3 * PAGE, MS_SYNC));
    printf("on both sides: %c %c\n", p[5], p[2 * PAGE]);
    SAY("all of it", munmap(p, 3 * PAGE));
    SAY("again", munmap(p, 3 * PAGE));
    printf("the other one: %c\n", q[0]);
    SAY("munmap", munmap(q, PAGE));
    SAY("munmap of nothing", munmap(q, 0));
}

static void allowed(void)
{
    int rd = open("m", O_RDONLY | O_CREAT, 0644), wr = open("m", O_WRONLY), rw = open("m", O_RDWR);
    int dir = open(".", O_RDONLY), pipes[2];

    ftruncate(rw, PAGE);
    map(PAGE, PROT_READ, MAP_SHARED, wr, 0);
    map(PAGE, PROT_READ, MAP_PRIVATE, wr, 0);
    map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rd, 0);
    map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, rd, 0);
    map(PAGE, PROT_READ, MAP_SHARED, dir, 0);
    map(PAGE, PROT_READ, MAP_SHARED, -1, 0);
    map(PAGE, PROT_READ, MAP_SHARED, 77, 0);
    map(0, PROT_READ, MAP_SHARED, rd, 0);
    map(PAGE, PROT_READ, MAP_SHARED, rd, 100);
    map(PAGE, PROT_READ, 0, rd, 0);
    SAY("pipe", pipe(pipes));
    map(PAGE, PROT_READ, MAP_SHARED, pipes[0], 0);
    char *p = map(PAGE, PROT_READ, MAP_SHARED, rd, 0);
    SAY("made writable", mprotect(p, PAGE, PROT_READ | PROT_WRITE));
    char *q = map(PAGE, PROT_READ, MAP_SHARED, rw, 0);
    SAY("made writable", mprotect(q, PAGE, PROT_READ | PROT_WRITE));
    q[0] = '1';
    SAY("made unreachable", mprotect(q, PAGE, PROT_NONE));
    SAY("and back", mprotect(q, PAGE, PROT_READ));
    printf("%c %c\n", p[0], q[0]);
    for (int fd = 3; fd < 10; fd++)
        close(fd);
    munmap(p, PAGE);
    munmap(q, PAGE);
}

static void sizes(void)
{
    int fd = open("s", O_RDWR | O_CREAT, 0644);
    struct stat st;

    SAY("ftruncate", ftruncate(fd, 100));
    char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    p[50] = 'x';
    printf("behind the end, in the page: %d\n", p[200]);
    SAY("larger", ftruncate(fd, 3 * PAGE));
    p[2 * PAGE + 1] = 'y';
    SAY("read", pread(fd, buffer, 3, 2 * PAGE));
    printf("%d %c %d\n", buffer[0], buffer[1], buffer[2]);
    SAY("appended", pwrite(fd, "tail", 4, 3 * PAGE));
    printf("%.4s\n", p + 3 * PAGE);
    SAY("smaller", ftruncate(fd, PAGE));
    SAY("larger again", ftruncate(fd, 4 * PAGE));
    printf("zero: %d %d, kept: %c\n", p[2 * PAGE + 1], p[3 * PAGE], p[50]);
    SAY("empty", ftruncate(fd, 0));
    SAY("one page", ftruncate(fd, PAGE));
    printf("zero: %d\n", p[50]);
    SAY("fstat", fstat(fd, &st));
    printf("size %ld\n", (long)st.st_size);
    munmap(p, 4 * PAGE);
    SAY("sparse", ftruncate(fd, 1 << 28));
    p = map(1 << 28, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < 16; i++)
        p[i * (1 << 24) + i] = (char)('A' + i);
    int bad = 0;
    for (int i = 0; i < 16; i++)
        bad += pread(fd, buffer, 1, i * (1 << 24) + i) != 1 || buffer[0] != 'A' + i;
    printf("of 16 bytes far apart %d are bad\n", bad);
    munmap(p, 1 << 28);
    close(fd);
}

/* The buffers of reads and writes are mappings that nobody has touched yet. */
static void as_buffers(void)
{
    int from = open("from", O_RDWR | O_CREAT, 0644), to = open("to", O_RDWR | O_CREAT, 0644), pipes[2];
    int bad = 0;

    for (size_t i = 0; i < sizeof buffer; i++)
        buffer[i] = (char)(i * 7 + i / 251);
    write(from, buffer, sizeof buffer);
    ftruncate(to, 2 * sizeof buffer);
    char *p = map(sizeof buffer, PROT_READ, MAP_SHARED, from, 0);
    char *q = map(2 * sizeof buffer, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
    SAY("from a mapping", pwrite(to, p + 10, sizeof buffer - 10, 10));
    SAY("into a mapping", pread(from, q + sizeof buffer, sizeof buffer, 0));
    for (size_t i = 10; i < sizeof buffer; i++)
        bad += q[i] != buffer[i] || q[sizeof buffer + i] != buffer[i];
    munmap(p, sizeof buffer);
    p = map(sizeof buffer, PROT_READ, MAP_PRIVATE, from, 0);
    SAY("pipe", pipe(pipes));
    SAY("into the pipe", write(pipes[1], p, sizeof buffer));
    ftruncate(to, 0);
    ftruncate(to, sizeof buffer);
    SAY("out of the pipe", read(pipes[0], q, sizeof buffer));
    for (size_t i = 0; i < sizeof buffer; i++)
        bad += q[i] != buffer[i];
    printf("%d bytes are bad\n", bad);
}

int main(void)
{
    coherent();
    allowed();
    sizes();
    as_buffers();
    return 0;
}
