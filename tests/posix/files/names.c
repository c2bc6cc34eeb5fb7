/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories and names: making, listing, renaming, links of both kinds, removing, calls relative to a directory, limits. */
#define _GNU_SOURCE
#include "../say.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void listing(const char *path)
{
    struct dirent **entry;
    int n = scandir(path, &entry, NULL, alphasort);

    printf("%s:", path);
    for (int i = 0; i < n; i++) {
        printf(" %s%s", entry[i]->d_name, entry[i]->d_type == DT_DIR ? "/" : entry[i]->d_type == DT_LNK ? "@" : "");
        free(entry[i]);
    }
    printf(" (%d)\n", n);
    if (n >= 0)
        free(entry);
}

static int make(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0644);

    return fd < 0 ? -1 : close(fd);
}

static ino_t ino(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? st.st_ino : 0;
}

static void directories(void)
{
    SAY("mkdir", mkdir("d", 0755));
    SAY("again", mkdir("d", 0755));
    SAY("below nothing", mkdir("x/y", 0755));
    SAY("slash behind", mkdir("d/e/", 0755));
    SAY("file", make("d/f"));
    SAY("file", make("d/e/g"));
    listing("d");
    listing("d/e");
    SAY("not empty", rmdir("d"));
    SAY("unlink of a directory", unlink("d/e") == -1 && (errno == EISDIR || errno == EPERM));
    SAY("rmdir of a file", rmdir("d/f"));
    SAY("itself", rmdir("d/e/."));
    SAY("write to a directory", open("d", O_WRONLY));
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    char byte;
    SAY("read of a directory", read(fd, &byte, 1));
    SAY("openat", openat(fd, "e/g", O_RDONLY) >= 0);
    SAY("mkdirat", mkdirat(fd, "m", 0700));
    SAY("fstatat", fstatat(fd, "m", &(struct stat){0}, 0));
    SAY("renameat", renameat(fd, "m", AT_FDCWD, "m2"));
    SAY("unlinkat", unlinkat(AT_FDCWD, "m2", AT_REMOVEDIR));
    SAY("not a directory", openat(1, "x", O_RDONLY) == -1 && errno == ENOTDIR);
    SAY("no descriptor", openat(99, "x", O_RDONLY));
}

static void many(void)
{
    char name[32];
    DIR *dir;
    int seen = 0;
    struct dirent *e;

    mkdir("many", 0755);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "many/entry-%03d", i);
        make(name);
    }
    dir = opendir("many");
    while ((e = readdir(dir)))
        seen += e->d_name[0] == 'e';
    printf("%d entries\n", seen);
    rewinddir(dir);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "many/entry-%03d", i);
        seen -= unlink(name) == 0;
    }
    closedir(dir);
    printf("%d left\n", seen);
    SAY("rmdir", rmdir("many"));
}

static void renaming(void)
{
    make("one");
    make("two");
    ino_t one = ino("one");

    SAY("rename over", rename("one", "two"));
    printf("it is the one: %d, gone: %d\n", ino("two") == one, access("one", F_OK));
    SAY("file to directory", rename("two", "d"));
    SAY("directory to file", rename("d", "two"));
    SAY("into itself", rename("d", "d/e/d"));
    SAY("to itself", rename("two", "two"));
    SAY("nothing", rename("one", "three"));
    SAY("directory", rename("d/e", "d/h"));
    listing("d");
    SAY("link", link("two", "d/hard"));
    struct stat st;
    stat("two", &st);
    printf("%lu names\n", (unsigned long)st.st_nlink);
    SAY("of a directory", link("d", "d2"));
    SAY("there already", link("two", "d/hard"));
    SAY("unlink", unlink("two"));
    SAY("by the other name", access("d/hard", F_OK));
}

static void symbolic(void)
{
    char text[64] = {0};
    struct stat st;

    SAY("symlink", symlink("d/hard", "s"));
    SAY("readlink", readlink("s", text, sizeof text));
    printf("%s\n", text);
    SAY("short", readlink("s", text, 3));
    SAY("no link", readlink("d", text, sizeof text));
    SAY("lstat", lstat("s", &st));
    printf("link %d, size %ld\n", S_ISLNK(st.st_mode), (long)st.st_size);
    SAY("stat", stat("s", &st));
    printf("link %d\n", S_ISLNK(st.st_mode));
    SAY("nofollow", open("s", O_RDONLY | O_NOFOLLOW));
    SAY("loop", symlink("loop", "loop"));
    SAY("open", open("loop", O_RDONLY));
    SAY("dangling", symlink("nowhere", "dangling"));
    SAY("open", open("dangling", O_RDONLY));
    SAY("create through it", make("dangling"));
    SAY("there", access("nowhere", F_OK));
    SAY("to a directory", symlink("d", "sd"));
    SAY("through it", access("sd/h/g", F_OK));
    SAY("and back", access("sd/h/../../nowhere", F_OK));
    SAY("exclusive", open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
    SAY("empty", symlink("", "e"));
}

static void working_directory(void)
{
    char here[PATH_MAX], there[PATH_MAX];

    SAY("getcwd", getcwd(here, sizeof here) != NULL);
    SAY("chdir", chdir("d/h"));
    SAY("relative", access("g", F_OK));
    SAY("up", access("../hard", F_OK));
    SAY("getcwd", getcwd(there, sizeof there) != NULL);
    size_t length = strlen(here) == 1 ? 0 : strlen(here);
    printf("%.*s goes on with %s\n", 0, here, there + length);
    SAY("too small", getcwd(there, 2) == NULL);
    int fd = open("..", O_RDONLY);
    SAY("fchdir", fchdir(fd));
    close(fd);
    SAY("relative", access("h/g", F_OK));
    SAY("to a file", chdir("hard"));
    SAY("to nothing", chdir("none"));
    SAY("back", chdir(here));
    SAY("there", access("d/h/g", F_OK));
}

static void limits(void)
{
    static char name[5000];

    memset(name, 'n', 255);
    SAY("255 bytes", make(name));
    SAY("there", access(name, F_OK));
    SAY("gone", unlink(name));
    name[255] = 'n';
    SAY("256 bytes", make(name));
    memset(name, '/', sizeof name - 1);
    SAY("path of 4999 bytes", access(name, F_OK));
    name[200] = 0;
    SAY("200 slashes", access(name, F_OK));
}

int main(void)
{
    umask(0);
    directories();
    many();
    renaming();
    symbolic();
    working_directory();
    limits();
    return 0;
}
