/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that cannot be started, scripts, PATH, and how much arguments may be. */
#define _GNU_SOURCE
#include "children.h"

static void try(const char *what, const char *path, char *const *words)
{
    pid_t pid;

    fflush(stdout);
    int error = posix_spawn(&pid, path, NULL, NULL, words, environment);
    if (error)
        printf("%s: %s\n", what, strerror(error));
    else
        child_told(what, pid);
}

static void search(const char *what, const char *name)
{
    pid_t pid;

    fflush(stdout);
    int error = posix_spawnp(&pid, name, NULL, NULL, WORDS("exit", "4"), environment);
    if (error)
        printf("%s: %s\n", what, strerror(error));
    else
        child_told(what, pid);
}

static void file_put(const char *name, const char *text, size_t length, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (write(fd, text, length) != (ssize_t)length)
        printf("write: %s\n", strerror(errno));
    close(fd);
    chmod(name, mode);
}

#define FILE_PUT(name, text, mode) file_put(name, text, sizeof text - 1, mode)

/* The helper with one byte of it changed. */
static void file_break(const char *name, off_t at, char byte)
{
    static char bytes[1 << 20];
    int fd = open("child", O_RDONLY);
    ssize_t size = read(fd, bytes, sizeof bytes);

    close(fd);
    bytes[at] = byte;
    file_put(name, bytes, (size_t)size, 0755);
}

static void arguments(void)
{
    static char big[140000];
    static char *many[20];

    memset(big, 'x', sizeof big);
    big[131072 - 1] = '\0';
    try("the longest argument", "./child", WORDS("exit", "1", big));
    big[131072 - 1] = 'x';
    big[131072] = '\0';
    try("one byte more", "./child", WORDS("exit", "1", big));
    big[100] = '\0';
    many[0] = "child";
    many[1] = "exit";
    many[2] = "2";
    for (int i = 3; i < 19; i++)
        many[i] = big;
    try("many", "./child", many);
}

static void scripts(void)
{
    FILE_PUT("script", "#!./child show\nexit 3\n", 0755);
    try("a script", "./script", (char *const[]){"script", "a", "b", NULL});
    FILE_PUT("script", "#!  ./child  \t show and more \nexit 3\n", 0755);
    try("blanks", "./script", (char *const[]){"script", "a", NULL});
    FILE_PUT("script", "#!./child", 0755);
    try("nothing but that", "./script", (char *const[]){"script", NULL});
    FILE_PUT("script", "#!\n", 0755);
    try("no interpreter", "./script", (char *const[]){"script", NULL});
    FILE_PUT("script", "#!./nowhere\n", 0755);
    try("none of that name", "./script", (char *const[]){"script", NULL});
    FILE_PUT("inner", "#!./child show\n", 0755);
    FILE_PUT("script", "#!./inner x\n", 0755);
    try("a script's script", "./script", (char *const[]){"script", "a", NULL});
    FILE_PUT("script", "#!./script\n", 0755);
    try("itself", "./script", (char *const[]){"script", NULL});
}

int main(void)
{
    try("no such file", "./nowhere", WORDS("exit", "1"));
    try("no such directory", "./nowhere/child", WORDS("exit", "1"));
    try("a file in the way", "./child/child", WORDS("exit", "1"));
    try("no name", "", WORDS("exit", "1"));
    mkdir("directory", 0755);
    try("a directory", "./directory", WORDS("exit", "1"));
    FILE_PUT("text", "exit 3\n", 0644);
    try("not to be executed", "./text", WORDS("exit", "1"));
    chmod("text", 0755);
    try("no program", "./text", WORDS("exit", "1"));
    FILE_PUT("empty", "", 0755);
    try("empty", "./empty", WORDS("exit", "1"));
    FILE_PUT("short", "\177ELF\2\1\1", 0755);
    try("a piece of one", "./short", WORDS("exit", "1"));
    file_break("broken", 18, 3);
    try("for another machine", "./broken", WORDS("exit", "1"));
    file_break("broken", 54, 1);
    try("headers of another size", "./broken", WORDS("exit", "1"));
    file_break("sound", 9, 0);
    try("nothing was changed in that", "./sound", WORDS("exit", "6"));
    symlink("child", "link");
    try("a link to one", "./link", WORDS("exit", "5"));
    symlink("loop", "loop");
    try("a link to itself", "./loop", WORDS("exit", "5"));
    arguments();
    scripts();
    search("in PATH", "child");
    search("not in PATH", "nowhere");
    search("a path is not searched", "./nowhere");
    search("an empty name", "");
    setenv("PATH", "directory:", 1);
    search("here, by an empty part", "child");
    FILE_PUT("directory/text", "exit 3\n", 0644);
    search("found, but not to be executed", "text");
    SAY("nobody is left", waitpid(-1, NULL, WNOHANG));
    return 0;
}
