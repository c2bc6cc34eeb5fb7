/* SPDX-License-Identifier: BSD-2-Clause */
/* Files below a directory: made, written, read, listed, renamed, removed.  argv[1] is the directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[256];

static const char *below(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", base, name);
    return path;
}

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, result >= 0 ? "ok" : strerror(errno));
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list(const char *name)
{
    char names[32][64];
    int count = 0;
    DIR *dir = opendir(below(name));

    for (struct dirent *e; dir != NULL && count < 32 && (e = readdir(dir)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            snprintf(names[count++], sizeof names[0], "%.40s/%d", e->d_name, e->d_type == DT_DIR);
    if (dir != NULL)
        closedir(dir);
    qsort(names, (size_t)count, sizeof names[0], compare);
    printf("%s holds", name);
    for (int i = 0; i < count; i++)
        printf(" %s", names[i]);
    printf("\n");
}

static void write_and_read(void)
{
    FILE *file = fopen(below("work/text"), "w+");
    char line[64];
    struct stat info;

    if (file == NULL) {
        say("fopen", -1);
        return;
    }
    for (int i = 0; i < 1000; i++)
        fprintf(file, "line %d\n", i);
    printf("at %ld\n", ftell(file));
    say("fseek", fseek(file, 4000, SEEK_SET));
    while (fgets(line, sizeof line, file) != NULL && strncmp(line, "line 5", 6) != 0)
        ;
    printf("read %s", line);
    fclose(file);
    say("stat", stat(below("work/text"), &info));
    printf("%lld bytes, a file: %d\n", (long long)info.st_size, S_ISREG(info.st_mode));
}

static void low_level(void)
{
    int fd = open(below("work/bytes"), O_RDWR | O_CREAT | O_EXCL, 0644);
    char buffer[32] = {0};

    say("open", fd);
    say("write", (int)write(fd, "0123456789", 10));
    say("pwrite", (int)pwrite(fd, "AB", 2, 3));
    say("pread", (int)pread(fd, buffer, 5, 2));
    printf("%s at %d\n", buffer, (int)lseek(fd, 0, SEEK_CUR));
    say("ftruncate", ftruncate(fd, 4));
    printf("%d left\n", (int)lseek(fd, 0, SEEK_END));
    say("lseek", (int)lseek(fd, -10, SEEK_CUR));
    say("close", close(fd));
    say("close again", close(fd));
    say("exclusive", open(below("work/bytes"), O_RDWR | O_CREAT | O_EXCL, 0644));
    fd = open(below("work/bytes"), O_WRONLY | O_APPEND);
    say("append", (int)write(fd, "XYZ", 3));
    say("read of what is open to write", (int)read(fd, buffer, 1) < 0 ? 0 : -1);
    close(fd);
}

static void names(void)
{
    char target[64] = {0};
    struct stat info;

    say("mkdir", mkdir(below("work/deep"), 0755));
    say("mkdir again", mkdir(below("work/deep"), 0755));
    say("rename", rename(below("work/text"), below("work/deep/moved")));
    say("symlink", symlink("deep/moved", below("work/link")));
    printf("readlink %d %s\n", (int)readlink(below("work/link"), target, sizeof target - 1), target);
    say("stat through it", stat(below("work/link"), &info));
    say("lstat", lstat(below("work/link"), &info));
    printf("a link: %d\n", S_ISLNK(info.st_mode));
    say("link", link(below("work/bytes"), below("work/second")));
    list("work");
    say("rmdir of what is full", rmdir(below("work/deep")));
    say("unlink of a directory", unlink(below("work/deep")) < 0 ? 0 : -1);
    say("missing", open(below("work/none"), O_RDONLY));
    say("below a file", open(below("work/bytes/x"), O_RDONLY));
    say("unlink", unlink(below("work/link")));
    say("unlink", unlink(below("work/second")));
    say("unlink", unlink(below("work/bytes")));
    say("unlink", unlink(below("work/deep/moved")));
    say("rmdir", rmdir(below("work/deep")));
    list("work");
    say("rmdir", rmdir(below("work")));
}

int main(int argc, char **argv)
{
    snprintf(base, sizeof base, "%s", argc > 1 ? argv[1] : ".");
    say("mkdir", mkdir(below("work"), 0755));
    write_and_read();
    low_level();
    names();
    return 0;
}
