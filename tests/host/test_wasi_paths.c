/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: wasm/wasi/calls.c wasm/wasi/fds.c wasm/wasi/files.c wasm/wasi/iovec.c wasm/wasi/path.c wasm/wasi/paths.c */
/* LINK: wasm/wasi/poll.c wasm/wasi/process.c wasm/wasi/sockets.c wasm/host/posix_backend.c */
/* LINK: wasm/host/posix_directory.c */
/* LIBS: -lpthread */
/* Paths: what a process reaches below its directory, and that it reaches nothing else. */
#include "wasi_process.h"
#include <pthread.h>
#include <stdatomic.h>

#define FOLLOW WASI_LOOKUP_FOLLOW

static uint16_t open_read(struct process *p, uint32_t lookup, const char *path)
{
    uint16_t error = path_open(p, DIR_FD, lookup, path, 0, WASI_RIGHT_FD_READ);

    if (error == WASI_OK)
        assert_int_equal(CALL(p, "fd_close", get32(p, AT_OUT)), WASI_OK);
    return error;
}

static void finds_what_is_below(void **state)
{
    struct process *p = process_new();

    (void)state;
    host_mkdir(p, "data/sub");
    host_file(p, "data/sub/file", "text");
    assert_int_equal(open_read(p, 0, "sub/file"), WASI_OK);
    assert_int_equal(open_read(p, 0, "sub/.//../sub/../sub///./file"), WASI_OK);
    assert_int_equal(open_read(p, 0, "."), WASI_OK);
    assert_int_equal(open_read(p, 0, "sub/.."), WASI_OK);
    assert_int_equal(open_read(p, 0, "sub///"), WASI_OK);
    assert_int_equal(open_read(p, 0, "sub/file/"), WASI_ENOTDIR);
    assert_int_equal(open_read(p, 0, "sub/file/.."), WASI_ENOTDIR);
    assert_int_equal(open_read(p, 0, "none/../sub/file"), WASI_ENOENT);
    assert_int_equal(open_read(p, 0, ""), WASI_ENOENT);
    process_free(p);
}

static void leaves_by_no_dots(void **state)
{
    static const char *const out[] = {"..",
                                      "../",
                                      "../secret",
                                      "/",
                                      "/etc/passwd",
                                      "sub/../..",
                                      "sub/../../secret",
                                      "./../data/sub",
                                      "sub/../../data/sub",
                                      "sub/./../.././secret",
                                      "//etc/passwd",
                                      "..//secret"};
    struct process *p = process_new();

    (void)state;
    host_mkdir(p, "data/sub");
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) {
        assert_int_equal(open_read(p, 0, out[i]), WASI_EPERM);
        assert_int_equal(open_read(p, FOLLOW, out[i]), WASI_EPERM);
        assert_int_equal(CALL(p, "path_filestat_get", DIR_FD, 0, AT_PATH, put(p, AT_PATH, out[i]), AT_OUT), WASI_EPERM);
        assert_int_equal(CALL(p, "path_create_directory", DIR_FD, AT_PATH, put(p, AT_PATH, out[i])), WASI_EPERM);
        assert_int_equal(CALL(p, "path_unlink_file", DIR_FD, AT_PATH, put(p, AT_PATH, out[i])), WASI_EPERM);
        assert_int_equal(CALL(p, "path_remove_directory", DIR_FD, AT_PATH, put(p, AT_PATH, out[i])), WASI_EPERM);
        assert_int_equal(CALL(p, "path_readlink", DIR_FD, AT_PATH, put(p, AT_PATH, out[i]), AT_DATA, 100, AT_OUT),
                         WASI_EPERM);
        assert_int_equal(
            CALL(p, "path_rename", DIR_FD, AT_PATH, put(p, AT_PATH, out[i]), DIR_FD, AT_PATH2, put(p, AT_PATH2, "got")),
            WASI_EPERM);
        assert_int_equal(CALL(p, "path_link", DIR_FD, 0, AT_PATH, put(p, AT_PATH, out[i]), DIR_FD, AT_PATH2,
                              put(p, AT_PATH2, "got")),
                         WASI_EPERM);
        assert_int_equal(
            CALL(p, "path_symlink", AT_PATH2, put(p, AT_PATH2, "x"), DIR_FD, AT_PATH, put(p, AT_PATH, out[i])),
            WASI_EPERM);
    }
    process_free(p);
}

static void leaves_by_no_link(void **state)
{
    static const char *const targets[] = {"..", "../secret", "/", "/etc", "sub/../../secret", "../data/sub", "up"};
    struct process *p = process_new();
    char path[256];

    (void)state;
    host_mkdir(p, "data/sub");
    host_link(p, "..", "data/up");
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        host_link(p, targets[i], "data/link");
        assert_int_equal(open_read(p, FOLLOW, "link"), WASI_EPERM);
        assert_int_equal(open_read(p, FOLLOW, "link/secret"), WASI_EPERM);
        assert_int_equal(open_read(p, 0, "link/secret"), WASI_EPERM);
        assert_int_equal(open_read(p, FOLLOW, "sub/../link"), WASI_EPERM);
        assert_int_equal(path_open(p, DIR_FD, FOLLOW, "link/new", WASI_OFLAG_CREAT, WASI_RIGHT_FD_WRITE), WASI_EPERM);
        /* The link itself is the process's to see and to remove. */
        assert_int_equal(open_read(p, 0, "link"), WASI_ELOOP);
        assert_int_equal(CALL(p, "path_filestat_get", DIR_FD, 0, AT_PATH, put(p, AT_PATH, "link"), AT_OUT), WASI_OK);
        assert_int_equal(p->memory[AT_OUT + 16], WASI_TYPE_SYMLINK);
        assert_int_equal(CALL(p, "path_filestat_get", DIR_FD, FOLLOW, AT_PATH, put(p, AT_PATH, "link"), AT_OUT),
                         WASI_EPERM);
        process_path(p, "data/link", path);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(CALL(p, "path_symlink", AT_PATH2, put(p, AT_PATH2, "/etc"), DIR_FD, AT_PATH, put(p, AT_PATH, "s")),
                     WASI_EPERM);
    process_free(p);
}

static void follows_links_inside(void **state)
{
    struct process *p = process_new();
    char name[32], target[32];

    (void)state;
    host_mkdir(p, "data/sub");
    host_file(p, "data/sub/file", "text");
    host_link(p, "sub/file", "data/to-file");
    host_link(p, "../sub/./to-here", "data/sub/around");
    host_link(p, "../to-file", "data/sub/to-here");
    host_link(p, "sub", "data/to-sub");
    host_link(p, "loop", "data/loop");
    host_link(p, "new", "data/to-new");
    assert_int_equal(open_read(p, FOLLOW, "to-file"), WASI_OK);
    assert_int_equal(open_read(p, FOLLOW, "to-sub/around"), WASI_OK);
    assert_int_equal(open_read(p, 0, "to-sub/file"), WASI_OK);
    assert_int_equal(open_read(p, 0, "to-sub/../to-sub/file"), WASI_OK);
    assert_int_equal(open_read(p, FOLLOW, "loop"), WASI_ELOOP);
    assert_int_equal(open_read(p, FOLLOW, "loop/x"), WASI_ELOOP);
    assert_int_equal(open_read(p, FOLLOW, "to-new"), WASI_ENOENT);
    assert_int_equal(path_open(p, DIR_FD, FOLLOW, "to-new", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, WASI_RIGHT_FD_WRITE),
                     WASI_EEXIST);
    assert_int_equal(path_open(p, DIR_FD, FOLLOW, "to-new", WASI_OFLAG_CREAT, WASI_RIGHT_FD_WRITE), WASI_OK);
    assert_int_equal(open_read(p, 0, "new"), WASI_OK);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "data/chain%d", i);
        snprintf(target, sizeof target, i == 0 ? "new" : "chain%d", i - 1);
        host_link(p, target, name);
    }
    assert_int_equal(open_read(p, FOLLOW, "chain31"), WASI_OK);
    assert_int_equal(open_read(p, FOLLOW, "chain32"), WASI_ELOOP);
    process_free(p);
}

static void refuses_odd_paths(void **state)
{
    struct process *p = process_new();
    char deep[2 * 70 + 1] = "";

    (void)state;
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, MEMORY - 4, 5, 0, 0, 0, 0, AT_OUT), WASI_EFAULT);
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, 0xffffffff, 0xffffffff, 0, 0, 0, 0, AT_OUT), WASI_EFAULT);
    memcpy(p->memory + AT_PATH, "a\0b", 3);
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, AT_PATH, 3, 0, 0, 0, 0, AT_OUT), WASI_EILSEQ);
    assert_int_equal(open_read(p, 0, "a\xff"), WASI_EILSEQ);
    assert_int_equal(open_read(p, 0, "\xc0\xaf"), WASI_EILSEQ);
    assert_int_equal(open_read(p, 0, "\xed\xa0\x80"), WASI_EILSEQ);
    assert_int_equal(open_read(p, 0, "\xe2\x82"), WASI_EILSEQ);
    assert_int_equal(open_read(p, 0, "\xe2\x82\xac"), WASI_ENOENT);
    memset(p->memory + AT_PATH, 'x', 6000);
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, AT_PATH, 256, 0, 0, 0, 0, AT_OUT), WASI_ENAMETOOLONG);
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, AT_PATH, 255, 0, 0, 0, 0, AT_OUT), WASI_ENOENT);
    assert_int_equal(CALL(p, "path_open", DIR_FD, 0, AT_PATH, 6000, 0, 0, 0, 0, AT_OUT), WASI_ENAMETOOLONG);
    for (int i = 0; i < 70; i++) {
        strcat(deep, "d/");
        assert_int_equal(CALL(p, "path_create_directory", DIR_FD, AT_PATH, put(p, AT_PATH, deep)),
                         i < 65 ? WASI_OK : WASI_ENAMETOOLONG);
    }
    process_free(p);
}

/* While the process opens sub/file again and again, somebody exchanges sub for a link to what is outside. */
static atomic_bool stop;

static void *exchange(void *argument)
{
    const struct process *p = argument;
    char sub[256], kept[256], link_path[256];

    process_path(p, "data/sub", sub);
    process_path(p, "data/kept", kept);
    process_path(p, "data/trap", link_path);
    while (!atomic_load(&stop)) {
        (void)!rename(sub, kept);
        (void)!rename(link_path, sub);
        (void)!rename(sub, link_path);
        (void)!rename(kept, sub);
    }
    return NULL;
}

static void wins_no_race(void **state)
{
    struct process *p = process_new();
    pthread_t other;
    unsigned opened = 0;

    (void)state;
    host_mkdir(p, "data/sub");
    host_mkdir(p, "out");
    host_file(p, "out/file", "outside");
    host_file(p, "data/sub/file", "inside");
    host_link(p, "../out", "data/trap");
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&other, NULL, exchange, p), 0);
    for (int i = 0; i < 20000; i++) {
        uint16_t error = path_open(p, DIR_FD, FOLLOW, "sub/file", 0, WASI_RIGHT_FD_READ);
        uint32_t fd = get32(p, AT_OUT);
        assert_true(error == WASI_OK || error == WASI_ENOENT || error == WASI_EPERM || error == WASI_ENOTDIR);
        if (error != WASI_OK)
            continue;
        assert_int_equal(fd_transfer(p, "fd_read", fd, AT_DATA, 16), WASI_OK);
        assert_memory_equal(p->memory + AT_DATA, "inside", 6);
        CALL(p, "fd_close", fd);
        opened++;
    }
    atomic_store(&stop, true);
    pthread_join(other, NULL);
    assert_true(opened > 0);
    process_free(p);
}

/* A directory that is moved out while a path goes through it leads back to where it was entered. */
static void dots_go_back_the_way(void **state)
{
    struct process *p = process_new();
    char from[256], to[256];
    uint32_t fd;

    (void)state;
    host_mkdir(p, "data/sub");
    host_mkdir(p, "out");
    assert_int_equal(path_open(p, DIR_FD, 0, "sub", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIRECTORY), WASI_OK);
    fd = get32(p, AT_OUT);
    process_path(p, "data/sub", from);
    process_path(p, "out/sub", to);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(path_open(p, fd, 0, "..", 0, WASI_RIGHT_FD_READDIR), WASI_EPERM);
    assert_int_equal(path_open(p, fd, 0, "../../secret", 0, WASI_RIGHT_FD_READDIR), WASI_EPERM);
    process_free(p);
}

static void names_and_slashes(void **state)
{
    struct process *p = process_new();

    (void)state;
#define PATH1(text) AT_PATH, put(p, AT_PATH, text)
#define PATH2(text) AT_PATH2, put(p, AT_PATH2, text)
    assert_int_equal(CALL(p, "path_create_directory", DIR_FD, PATH1("dir/")), WASI_OK);
    assert_int_equal(CALL(p, "path_create_directory", DIR_FD, PATH1("dir")), WASI_EEXIST);
    assert_int_equal(CALL(p, "path_create_directory", DIR_FD, PATH1(".")), WASI_EEXIST);
    host_file(p, "data/file", "x");
    assert_int_equal(CALL(p, "path_unlink_file", DIR_FD, PATH1("dir")), WASI_EISDIR);
    assert_int_equal(CALL(p, "path_unlink_file", DIR_FD, PATH1("dir/")), WASI_EISDIR);
    assert_int_equal(CALL(p, "path_unlink_file", DIR_FD, PATH1("file/")), WASI_ENOTDIR);
    assert_int_equal(CALL(p, "path_remove_directory", DIR_FD, PATH1("file/")), WASI_ENOTDIR);
    assert_int_equal(CALL(p, "path_remove_directory", DIR_FD, PATH1(".")), WASI_EINVAL);
    assert_int_equal(CALL(p, "path_rename", DIR_FD, PATH1("dir/"), DIR_FD, PATH2("other/")), WASI_OK);
    assert_int_equal(CALL(p, "path_rename", DIR_FD, PATH1("file"), DIR_FD, PATH2("new/")), WASI_ENOTDIR);
    assert_int_equal(CALL(p, "path_rename", DIR_FD, PATH1("file"), DIR_FD, PATH2("other")), WASI_EISDIR);
    assert_int_equal(CALL(p, "path_link", DIR_FD, 0, PATH1("file"), DIR_FD, PATH2("link/")), WASI_ENOENT);
    assert_int_equal(CALL(p, "path_link", DIR_FD, 0, PATH1("file"), DIR_FD, PATH2("file")), WASI_EEXIST);
    assert_int_equal(CALL(p, "path_link", DIR_FD, 0, PATH1("other"), DIR_FD, PATH2("link")), WASI_EPERM);
    assert_int_equal(CALL(p, "path_link", DIR_FD, FOLLOW, PATH1("file"), DIR_FD, PATH2("link")), WASI_EINVAL);
    assert_int_equal(CALL(p, "path_link", DIR_FD, 0, PATH1("file"), DIR_FD, PATH2("link")), WASI_OK);
    assert_int_equal(CALL(p, "path_symlink", PATH1("target"), DIR_FD, PATH2("soft/")), WASI_ENOENT);
    assert_int_equal(CALL(p, "path_symlink", PATH1("target"), DIR_FD, PATH2("soft")), WASI_OK);
    assert_int_equal(CALL(p, "path_readlink", DIR_FD, PATH1("soft"), AT_DATA, 4, AT_OUT), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 4);
    assert_memory_equal(p->memory + AT_DATA, "targ\0", 5);
    assert_int_equal(CALL(p, "path_readlink", DIR_FD, PATH1("file"), AT_DATA, 4, AT_OUT), WASI_EINVAL);
    assert_int_equal(path_open(p, DIR_FD, 0, "made/", WASI_OFLAG_CREAT, 0), WASI_EISDIR);
    process_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("a path finds what lies below its directory", finds_what_is_below),
        TEST("no path leaves its directory by dots or a slash", leaves_by_no_dots),
        TEST("no path leaves its directory by a symbolic link", leaves_by_no_link),
        TEST("symbolic links inside a directory are followed, a loop ends", follows_links_inside),
        TEST("paths of no sense are refused", refuses_odd_paths),
        TEST("a directory exchanged for a link meanwhile leads nowhere", wins_no_race),
        TEST("a directory that was moved away does not lead out", dots_go_back_the_way),
        TEST("names are made and removed as POSIX says, slashes behind them too", names_and_slashes),
    };
    return RUN_TESTS(tests);
}
