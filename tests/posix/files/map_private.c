/* SPDX-License-Identifier: BSD-2-Clause */
/* Private mappings of files: the file never sees what is written there. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static char buffer[4 * PAGE];

static unsigned sum(const char *bytes, size_t count)
{
    unsigned total = 0;

    for (size_t i = 0; i < count; i++)
        total = total * 31 + (unsigned char)bytes[i];
    return total;
}

int main(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644);

    for (size_t i = 0; i < sizeof buffer; i++)
        buffer[i] = (char)(i * 13 + i / 200);
    SAY("write", write(fd, buffer, sizeof buffer - 100));
    char *p = mmap(NULL, sizeof buffer, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *q = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
    char *s = mmap(NULL, sizeof buffer, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%u %u %u\n", sum(p, sizeof buffer - 100), sum(q, 2 * PAGE), sum(s, sizeof buffer - 100));
    printf("behind the end: %d\n", p[sizeof buffer - 1]);
    memset(p + 100, 'P', PAGE);
    printf("%u %u %u\n", sum(p, sizeof buffer - 100), sum(q, 2 * PAGE), sum(s, sizeof buffer - 100));
    SAY("read", pread(fd, buffer, sizeof buffer, 0));
    printf("%u\n", sum(buffer, sizeof buffer - 100));
    s[100] = 'S';
    printf("what was written stays: %c %c\n", p[100], s[100]);
    SAY("read-only", mprotect(p, PAGE, PROT_READ));
    SAY("and back", mprotect(p, PAGE, PROT_READ | PROT_WRITE));
    p[1] = 'x';
    printf("%c%c\n", p[1], p[100]);
    SAY("executable", mprotect(q, PAGE, PROT_READ | PROT_EXEC));
    SAY("unlink", unlink("f"));
    SAY("close", close(fd));
    printf("%u\n", sum(q, 2 * PAGE));
    /* In place of others, and others in its place. */
    int other = open("other", O_RDWR | O_CREAT, 0644);
    SAY("write", write(other, "other file", 10));
    char *fixed = mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, other, 0);
    printf("in its place: %d %.10s, before it %c, behind it %u\n", fixed == p + PAGE, fixed, p[100],
           sum(p + 2 * PAGE, PAGE));
    fixed = mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
    printf("anonymous: %d %d\n", fixed == p + PAGE, fixed[0]);
    fixed = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, other, 0);
    printf("not in its place: %s\n", fixed == MAP_FAILED ? strerror(errno) : "mapped");
    SAY("munmap", munmap(p, sizeof buffer));
    SAY("munmap", munmap(q, 2 * PAGE));
    SAY("munmap", munmap(s, sizeof buffer));
    for (int i = 0; i < 300; i++) {
        char *m = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, other, 0);
        if (m == MAP_FAILED || m[0] != 'o') {
            printf("at %d: %s\n", i, strerror(errno));
            break;
        }
        m[0] = 'X';
        munmap(m, PAGE);
    }
    char byte;
    SAY("read", pread(other, &byte, 1, 0));
    printf("%c\n", byte);
    return 0;
}
