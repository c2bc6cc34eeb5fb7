/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular files: opening in all ways, reading and writing at positions, sizes, holes, times, modes, stdio on files. */
#define _GNU_SOURCE
#include "../say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char big[300000], back[300000];

static void opening(void)
{
    SAY("nothing there", open("f", O_RDONLY));
    SAY("made", open("f", O_RDWR | O_CREAT | O_EXCL, 0640));
    SAY("exclusive", open("f", O_RDWR | O_CREAT | O_EXCL, 0640));
    SAY("as directory", open("f", O_RDONLY | O_DIRECTORY));
    SAY("below a file", open("f/x", O_RDONLY));
    SAY("slash behind", open("f/", O_RDONLY));
    SAY("empty name", open("", O_RDONLY));
    SAY("write", write(3, "0123456789", 10));
    SAY("tell", lseek(3, 0, SEEK_CUR));
    SAY("from the end", lseek(3, -3, SEEK_END));
    SAY("before the start", lseek(3, -30, SEEK_SET));
    char few[16] = {0};
    SAY("read", read(3, few, 10));
    printf("%s\n", few);
    SAY("at its end", read(3, few, 10));
    SAY("pread", pread(3, few, 4, 2));
    printf("%.4s\n", few);
    SAY("pwrite", pwrite(3, "AB", 2, 4));
    SAY("position is where it was", lseek(3, 0, SEEK_CUR));
    SAY("read only", open("f", O_RDONLY));
    SAY("writing it", write(4, "x", 1));
    SAY("write only", open("f", O_WRONLY | O_APPEND));
    SAY("reading it", read(5, few, 1));
    SAY("appended", write(5, "END", 3));
    SAY("size", lseek(3, 0, SEEK_END));
    SAY("flags", fcntl(5, F_GETFL) & (O_ACCMODE | O_APPEND));
    SAY("no append any more", fcntl(5, F_SETFL, 0));
    SAY("flags", fcntl(5, F_GETFL) & (O_ACCMODE | O_APPEND));
    SAY("truncating", open("f", O_RDWR | O_TRUNC));
    SAY("size", lseek(3, 0, SEEK_END));
    for (int i = 3; i < 7; i++)
        close(i);
    SAY("all closed", fcntl(3, F_GETFD));
}

static void large(void)
{
    unsigned bad = 0;
    int fd = open("big", O_RDWR | O_CREAT, 0600);

    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 7 + i / 251);
    SAY("large write", write(fd, big, sizeof big));
    unsigned seed = 5;
    for (int i = 0; i < 400; i++) {
        seed = seed * 1103515245u + 12345u;
        size_t at = (seed >> 8) % sizeof big;
        seed = seed * 1103515245u + 12345u;
        size_t size = (seed >> 8) % (i % 2 ? 5000 : 80);
        size_t there = sizeof big - at < size ? sizeof big - at : size;
        ssize_t got = pread(fd, back, size, (off_t)at);
        bad += got != (ssize_t)there || memcmp(back, big + at, there) != 0;
    }
    printf("of 400 reads at random places %u are bad\n", bad);
    SAY("hole", pwrite(fd, "z", 1, 1000000));
    SAY("in it", pread(fd, back, 100, 500000));
    printf("%d %d\n", back[0], back[99]);
    SAY("shorter", ftruncate(fd, 5));
    SAY("longer", ftruncate(fd, 50));
    SAY("read", pread(fd, back, 100, 0));
    printf("%d %d\n", back[4] == big[4], back[5]);
    SAY("negative", ftruncate(fd, -1));
    struct iovec parts[3] = {{"gather ", 7}, {"", 0}, {"and scatter", 11}};
    SAY("writev", pwrite(fd, "", 0, 0) == 0 ? writev((lseek(fd, 0, SEEK_SET), fd), parts, 3) : -9);
    char left[4] = {0}, right[32] = {0};
    struct iovec into[2] = {{left, 3}, {right, 15}};
    lseek(fd, 0, SEEK_SET);
    SAY("readv", readv(fd, into, 2));
    printf("[%s] [%s]\n", left, right);
    close(fd);
}

static void attributes(void)
{
    struct stat st, other;
    struct timespec times[2] = {{1000000000, 5}, {1234567890, 123456789}};

    umask(022);
    int fd = open("a", O_RDWR | O_CREAT, 0777);
    SAY("fstat", fstat(fd, &st));
    SAY("stat", stat("a", &other));
    printf("mode %o, links %lu, size %ld, same %d, regular %d\n", st.st_mode, (unsigned long)st.st_nlink,
           (long)st.st_size, st.st_ino == other.st_ino && st.st_dev == other.st_dev, S_ISREG(st.st_mode));
    SAY("chmod", chmod("a", 0604));
    SAY("fchmod", fchmod(fd, 04711));
    stat("a", &st);
    printf("mode %o\n", st.st_mode);
    SAY("utimensat", utimensat(AT_FDCWD, "a", times, 0));
    stat("a", &st);
    printf("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec,
           st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT;
    times[1] = (struct timespec){7, 8};
    SAY("futimens", futimens(fd, times));
    fstat(fd, &st);
    printf("%ld %ld.%09ld\n", (long)st.st_atim.tv_sec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    times[1].tv_nsec = 2000000000;
    SAY("no time", futimens(fd, times));
    SAY("access", access("a", R_OK | W_OK));
    SAY("access", access("none", F_OK));
    SAY("truncate", truncate("a", 12));
    stat("a", &st);
    printf("size %ld\n", (long)st.st_size);
    SAY("fsync", fsync(fd));
    close(fd);
}

static void streams(void)
{
    char line[64];
    FILE *f = fopen("s", "w+");

    for (int i = 0; i < 2000; i++)
        fprintf(f, "line %d\n", i);
    printf("at %ld\n", ftell(f));
    fseek(f, -10, SEEK_END);
    printf("%s", fgets(line, sizeof line, f));
    rewind(f);
    int lines = 0;
    while (fgets(line, sizeof line, f))
        lines++;
    printf("%d lines, end %d, error %d\n", lines, feof(f) != 0, ferror(f) != 0);
    fclose(f);
    f = fopen("s", "a");
    fputs("more\n", f);
    fclose(f);
    f = fopen("s", "r");
    fseek(f, -5, SEEK_END);
    printf("%s", fgets(line, sizeof line, f));
    printf("ungetc %c", ungetc('Q', f));
    printf(" %c\n", getc(f));
    fclose(f);
    SAY("no such mode", fopen("s", "z") == NULL);
    FILE *temporary = tmpfile();
    printf("temporary: %d\n", temporary != NULL || errno == ENOENT);
    if (temporary)
        fclose(temporary);
}

int main(void)
{
    opening();
    large();
    attributes();
    streams();
    return 0;
}
