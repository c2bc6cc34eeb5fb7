/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: wasm/wasi/calls.c wasm/wasi/fds.c wasm/wasi/files.c wasm/wasi/iovec.c wasm/wasi/path.c wasm/wasi/paths.c */
/* LINK: wasm/wasi/poll.c wasm/wasi/process.c wasm/wasi/sockets.c wasm/host/posix_backend.c */
/* LINK: wasm/host/posix_directory.c */
/* The calls of WASI apart from paths: descriptors and their rights, files, clocks, waiting, sockets. */
#include "wasi_process.h"
#include <sys/socket.h>
#include <time.h>

static uint32_t opened(struct process *p, const char *path, uint32_t oflags, uint64_t rights)
{
    assert_int_equal(path_open(p, DIR_FD, 0, path, oflags, rights), WASI_OK);
    return get32(p, AT_OUT);
}

static void every_call_is_there(void **state)
{
    (void)state;
    assert_int_equal(wasi_function_count, 46);
    for (uint32_t i = 0; i < wasi_function_count; i++) {
        const struct wasi_function *f = &wasi_functions[i];
        assert_true(i == 0 || strcmp(wasi_functions[i - 1].name, f->name) < 0);
        assert_ptr_equal(wasi_function_find(f->name, strlen(f->name)), f);
    }
    assert_null(wasi_function_find("fd_rea", 6));
    assert_null(wasi_function_find("fd_readx", 8));
    assert_null(wasi_function_find("", 0));
    assert_null(wasi_function_find("zzz", 3));
}

/* Whatever is passed: no call touches anything outside the memory, and none crashes. */
static void survives_all_pointers(void **state)
{
    static const uint64_t values[] = {0, 1, 3, MEMORY - 1, MEMORY, 0x7fffffff, 0xffffffff, UINT64_MAX};
    struct process *p = process_new();
    struct rng rng = rng_seeded(6);

    (void)state;
    for (int n = 0; n < 200000; n++) {
        uint64_t arguments[16];
        const struct wasi_function *f = &wasi_functions[rng_next(&rng) % wasi_function_count];
        for (size_t i = 0; i < 16; i++)
            arguments[i] = values[rng_next(&rng) % (sizeof values / sizeof values[0])];
        for (size_t i = 0; f->params[i] != 0; i++)
            if (f->params[i] == 'i')
                arguments[i] = (uint32_t)arguments[i];
        /* Not to wait for ever, and to keep what the test itself needs. */
        if (strcmp(f->name, "poll_oneoff") == 0 || (arguments[0] < 3 && strncmp(f->name, "fd_", 3) == 0))
            continue;
        if (strncmp(f->name, "fd_", 3) == 0 && arguments[0] == DIR_FD && n % 64 != 0)
            continue;
        assert_int_not_equal(wasi_do(p, f->name, arguments), WASI_EIO);
    }
    process_free(p);
}

static void gives_arguments_and_environment(void **state)
{
    struct process *p = process_new();

    (void)state;
    assert_int_equal(CALL(p, "args_sizes_get", AT_OUT, AT_OUT + 4), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 3);
    assert_int_equal(get32(p, AT_OUT + 4), 8 + 4 + 1);
    assert_int_equal(CALL(p, "args_get", AT_OUT, AT_DATA), WASI_OK);
    assert_string_equal((char *)p->memory + get32(p, AT_OUT + 4), "one");
    assert_string_equal((char *)p->memory + get32(p, AT_OUT + 8), "");
    assert_int_equal(CALL(p, "args_get", AT_OUT, MEMORY - 12), WASI_EFAULT);
    assert_int_equal(CALL(p, "args_get", MEMORY - 11, AT_DATA), WASI_EFAULT);
    assert_int_equal(CALL(p, "environ_sizes_get", AT_OUT, AT_OUT + 4), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 1);
    assert_int_equal(CALL(p, "environ_get", AT_OUT, AT_DATA), WASI_OK);
    assert_string_equal((char *)p->memory + get32(p, AT_OUT), "HOME=/data");
    process_free(p);
}

static void clocks_and_randomness_are_granted(void **state)
{
    struct process *p = process_new();
    struct timespec now;
    uint64_t first;

    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    assert_int_equal(CALL(p, "clock_time_get", WASI_CLOCK_REALTIME, 0, AT_OUT), WASI_OK);
    assert_true(get64(p, AT_OUT) / 1000000000 - (uint64_t)now.tv_sec <= 2);
    assert_int_equal(CALL(p, "clock_time_get", WASI_CLOCK_MONOTONIC, 0, AT_OUT), WASI_OK);
    first = get64(p, AT_OUT);
    assert_int_equal(CALL(p, "clock_time_get", WASI_CLOCK_MONOTONIC, 0, AT_OUT), WASI_OK);
    assert_true(get64(p, AT_OUT) >= first);
    assert_int_equal(CALL(p, "clock_res_get", WASI_CLOCK_MONOTONIC, AT_OUT), WASI_OK);
    assert_true(get64(p, AT_OUT) > 0);
    assert_int_equal(CALL(p, "clock_time_get", WASI_CLOCK_PROCESS, 0, AT_OUT), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "clock_time_get", 4, 0, AT_OUT), WASI_EINVAL);
    assert_int_equal(CALL(p, "random_get", AT_DATA, 64), WASI_OK);
    assert_memory_not_equal(p->memory + AT_DATA, p->memory + AT_DATA + 32, 32);
    assert_int_equal(CALL(p, "random_get", MEMORY - 3, 4), WASI_EFAULT);
    p->wasi.config.random = false;
    assert_int_equal(CALL(p, "random_get", AT_DATA, 4), WASI_ENOTCAPABLE);
    process_free(p);
}

static void reads_and_writes(void **state)
{
    struct process *p = process_new();
    uint32_t fd = opened(p, "file", WASI_OFLAG_CREAT, WASI_RIGHTS_REGULAR);
    uint32_t vectors[6] = {AT_DATA, 3, AT_DATA + 64, 0, AT_DATA + 3, 4};

    (void)state;
    put(p, AT_DATA, "abcdefg");
    memcpy(p->memory + AT_PATH2, vectors, sizeof vectors);
    assert_int_equal(CALL(p, "fd_write", fd, AT_PATH2, 3, AT_OUT), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 7);
    assert_int_equal(CALL(p, "fd_tell", fd, AT_OUT), WASI_OK);
    assert_int_equal(get64(p, AT_OUT), 7);
    assert_int_equal(CALL(p, "fd_seek", fd, (uint64_t)-5, WASI_SEEK_END, AT_OUT), WASI_OK);
    assert_int_equal(get64(p, AT_OUT), 2);
    assert_int_equal(CALL(p, "fd_seek", fd, (uint64_t)-9, WASI_SEEK_CUR, AT_OUT), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_seek", fd, 0, 3, AT_OUT), WASI_EINVAL);
    assert_int_equal(fd_transfer(p, "fd_read", fd, AT_DATA + 256, 100), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 5);
    assert_memory_equal(p->memory + AT_DATA + 256, "cdefg\0", 6);
    assert_int_equal(CALL(p, "fd_pread", fd, AT_PATH2, 1, 1, AT_OUT), WASI_OK);
    assert_memory_equal(p->memory + AT_DATA + 256, "bcdefg", 6);
    assert_int_equal(CALL(p, "fd_pwrite", fd, AT_PATH2, 1, UINT64_MAX, AT_OUT), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_read", fd, AT_PATH2, 1025, AT_OUT), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_read", fd, MEMORY - 7, 1, AT_OUT), WASI_EFAULT);
    assert_int_equal(fd_transfer(p, "fd_read", fd, MEMORY - 4, 5), WASI_EFAULT);
    assert_int_equal(fd_transfer(p, "fd_read", fd, 0xffffffff, 0xffffffff), WASI_EFAULT);
    assert_int_equal(CALL(p, "fd_filestat_set_size", fd, 3), WASI_OK);
    assert_int_equal(CALL(p, "fd_allocate", fd, 0, 10), WASI_OK);
    assert_int_equal(CALL(p, "fd_allocate", fd, 0, 0), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_advise", fd, 0, 0, 1), WASI_OK);
    assert_int_equal(CALL(p, "fd_advise", fd, 0, 0, 6), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_sync", fd), WASI_OK);
    assert_int_equal(CALL(p, "fd_datasync", fd), WASI_OK);
    assert_int_equal(CALL(p, "fd_filestat_set_times", fd, 0, 5000000001, WASI_FST_MTIM), WASI_OK);
    assert_int_equal(CALL(p, "fd_filestat_set_times", fd, 0, 0, WASI_FST_MTIM | WASI_FST_MTIM_NOW), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_filestat_get", fd, AT_OUT), WASI_OK);
    assert_int_equal(p->memory[AT_OUT + 16], WASI_TYPE_REGULAR);
    assert_int_equal(get64(p, AT_OUT + 24), 1);
    assert_int_equal(get64(p, AT_OUT + 32), 10);
    assert_int_equal(get64(p, AT_OUT + 48), 5000000001);
    process_free(p);
}

static void rights_are_checked(void **state)
{
    struct process *p = process_new();
    uint32_t fd = opened(p, "file", WASI_OFLAG_CREAT, WASI_RIGHT_FD_READ), sub;

    (void)state;
    assert_int_equal(fd_transfer(p, "fd_write", fd, AT_DATA, 4), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_seek", fd, 0, 0, AT_OUT), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_tell", fd, AT_OUT), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_filestat_get", fd, AT_OUT), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_filestat_set_size", fd, 0), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_fdstat_set_flags", fd, WASI_FDFLAG_APPEND), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_fdstat_set_rights", fd, WASI_RIGHTS_REGULAR, 0), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_fdstat_set_rights", fd, 0, 0), WASI_OK);
    assert_int_equal(fd_transfer(p, "fd_read", fd, AT_DATA, 4), WASI_ENOTCAPABLE);
    /* What a directory does not pass on, nothing below it has. */
    assert_int_equal(CALL(p, "path_create_directory", DIR_FD, AT_PATH, put(p, AT_PATH, "sub")), WASI_OK);
    assert_int_equal(
        CALL(p, "path_open", DIR_FD, 0, AT_PATH, 3, 0, WASI_RIGHT_PATH_OPEN, WASI_RIGHT_FD_READ, 0, AT_OUT), WASI_OK);
    sub = get32(p, AT_OUT);
    host_file(p, "data/sub/inner", "x");
    assert_int_equal(path_open(p, sub, 0, "inner", WASI_OFLAG_CREAT, 0), WASI_ENOTCAPABLE);
    assert_int_equal(path_open(p, sub, 0, "inner", WASI_OFLAG_TRUNC, 0), WASI_ENOTCAPABLE);
    assert_int_equal(path_open(p, sub, 0, "inner", 0, WASI_RIGHT_FD_WRITE), WASI_ENOTCAPABLE);
    assert_int_equal(path_open(p, sub, 0, "inner", 0, WASI_RIGHT_FD_READ), WASI_OK);
    assert_int_equal(CALL(p, "path_unlink_file", sub, AT_PATH, put(p, AT_PATH, "inner")), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "path_filestat_get", sub, 0, AT_PATH, 5, AT_DATA), WASI_ENOTCAPABLE);
    assert_int_equal(CALL(p, "fd_readdir", sub, AT_DATA, 100, 0, AT_OUT), WASI_ENOTCAPABLE);
    process_free(p);
}

static void descriptors_have_their_kind(void **state)
{
    struct process *p = process_new();
    uint32_t fd = opened(p, "file", WASI_OFLAG_CREAT, WASI_RIGHTS_REGULAR | WASI_RIGHT_FD_READDIR);

    (void)state;
    assert_int_equal(CALL(p, "fd_fdstat_get", fd, AT_OUT), WASI_OK);
    assert_int_equal(p->memory[AT_OUT], WASI_TYPE_REGULAR);
    assert_int_equal(get64(p, AT_OUT + 8), WASI_RIGHTS_REGULAR);
    assert_int_equal(get64(p, AT_OUT + 16), 0);
    assert_int_equal(path_open(p, fd, 0, "x", 0, 0), WASI_ENOTDIR);
    assert_int_equal(CALL(p, "fd_readdir", fd, AT_DATA, 100, 0, AT_OUT), WASI_ENOTDIR);
    assert_int_equal(fd_transfer(p, "fd_read", DIR_FD, AT_DATA, 4), WASI_EISDIR);
    assert_int_equal(CALL(p, "fd_seek", DIR_FD, 0, 0, AT_OUT), WASI_EISDIR);
    assert_int_equal(CALL(p, "sock_shutdown", fd, 1), WASI_ENOTSOCK);
    assert_int_equal(CALL(p, "sock_shutdown", 31, 1), WASI_EBADF);
    assert_int_equal(CALL(p, "fd_seek", 1, 0, 0, AT_OUT), WASI_ESPIPE);
    assert_int_equal(CALL(p, "fd_fdstat_set_flags", fd, WASI_FDFLAG_APPEND), WASI_OK);
    assert_int_equal(CALL(p, "fd_fdstat_get", fd, AT_OUT), WASI_OK);
    assert_int_equal(p->memory[AT_OUT + 2], WASI_FDFLAG_APPEND);
    assert_int_equal(CALL(p, "fd_fdstat_set_flags", fd, WASI_FDFLAG_SYNC), WASI_ENOTSUP);
    assert_int_equal(CALL(p, "fd_fdstat_set_flags", fd, 64), WASI_EINVAL);
    assert_int_equal(CALL(p, "fd_prestat_get", DIR_FD, AT_OUT), WASI_OK);
    assert_int_equal(get32(p, AT_OUT + 4), 5);
    assert_int_equal(CALL(p, "fd_prestat_dir_name", DIR_FD, AT_DATA, 5), WASI_OK);
    assert_memory_equal(p->memory + AT_DATA, "/data\0", 6);
    assert_int_equal(CALL(p, "fd_prestat_dir_name", DIR_FD, AT_DATA, 4), WASI_ENAMETOOLONG);
    assert_int_equal(CALL(p, "fd_prestat_get", fd, AT_OUT), WASI_EBADF);
    process_free(p);
}

static void descriptors_are_numbered(void **state)
{
    struct process *p = process_new();
    uint32_t one = opened(p, "one", WASI_OFLAG_CREAT, WASI_RIGHTS_REGULAR);
    uint32_t two = opened(p, "two", WASI_OFLAG_CREAT, WASI_RIGHTS_REGULAR);

    (void)state;
    assert_int_equal(CALL(p, "fd_renumber", one, 20), WASI_EBADF);
    assert_int_equal(CALL(p, "fd_renumber", one, two), WASI_OK);
    assert_int_equal(CALL(p, "fd_close", one), WASI_EBADF);
    assert_int_equal(CALL(p, "fd_renumber", two, two), WASI_OK);
    assert_int_equal(CALL(p, "fd_close", two), WASI_OK);
    for (int i = DIR_FD + 1; i < PROCESS_FDS; i++)
        assert_int_equal(path_open(p, DIR_FD, 0, "one", 0, 0), WASI_OK);
    assert_int_equal(path_open(p, DIR_FD, 0, "new", WASI_OFLAG_CREAT, 0), WASI_EMFILE);
    assert_int_equal(CALL(p, "fd_close", 7), WASI_OK);
    assert_int_equal(path_open(p, DIR_FD, 0, "new", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, 0), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 7);
    process_free(p);
}

/* In buffers of any size, a directory's entries come each once. */
static void lists_directories(void **state)
{
    struct process *p = process_new();
    char name[32];

    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "data/file-%d", i);
        host_file(p, name, "");
    }
    for (uint32_t size = 64; size < 4096; size = size * 3 / 2) {
        uint64_t cookie = 0;
        unsigned seen = 0;
        for (;;) {
            uint32_t used, at = 0;
            assert_int_equal(CALL(p, "fd_readdir", DIR_FD, AT_DATA, size, cookie, AT_OUT), WASI_OK);
            used = get32(p, AT_OUT);
            while (at + WASI_SIZE_DIRENT <= used && at + WASI_SIZE_DIRENT + get32(p, AT_DATA + at + 16) <= used) {
                cookie = get64(p, AT_DATA + at);
                at += WASI_SIZE_DIRENT + get32(p, AT_DATA + at + 16);
                seen++;
            }
            if (used < size)
                break;
        }
        assert_int_equal(seen, 102);
    }
    assert_int_equal(CALL(p, "fd_readdir", DIR_FD, MEMORY - 10, 11, 0, AT_OUT), WASI_EFAULT);
    process_free(p);
}

static void subscribe_clock(struct process *p, uint32_t index, uint32_t clock, uint64_t timeout, uint16_t flags)
{
    uint8_t *to = p->memory + AT_PATH + (size_t)index * WASI_SIZE_SUBSCRIPTION;

    memset(to, 0, WASI_SIZE_SUBSCRIPTION);
    to[0] = (uint8_t)(100 + index);
    memcpy(to + 16, &clock, 4);
    memcpy(to + 24, &timeout, 8);
    memcpy(to + 40, &flags, 2);
}

static void subscribe_file(struct process *p, uint32_t index, uint8_t type, uint32_t fd)
{
    uint8_t *to = p->memory + AT_PATH + (size_t)index * WASI_SIZE_SUBSCRIPTION;

    memset(to, 0, WASI_SIZE_SUBSCRIPTION);
    to[0] = (uint8_t)(100 + index);
    to[8] = type;
    memcpy(to + 16, &fd, 4);
}

static uint16_t poll_now(struct process *p, uint32_t count)
{
    return CALL(p, "poll_oneoff", AT_PATH, AT_DATA, count, AT_OUT);
}

static void waits(void **state)
{
    struct process *p = process_new();
    uint64_t before;
    uint32_t fd;
    int pipes[2];

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    p->opened += 1; /* the writing end stays the test's */
    assert_int_equal(wasi_grant(&p->wasi, pipes[0], WASI_TYPE_UNKNOWN, WASI_RIGHTS_ALL, 0, NULL, &fd), WASI_OK);
    subscribe_clock(p, 0, WASI_CLOCK_MONOTONIC, 20000000, 0);
    subscribe_file(p, 1, WASI_EVENT_READ, fd);
    CALL(p, "clock_time_get", WASI_CLOCK_MONOTONIC, 0, AT_OUT);
    before = get64(p, AT_OUT);
    assert_int_equal(poll_now(p, 2), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 1);
    assert_int_equal(p->memory[AT_DATA], 100);
    assert_int_equal(p->memory[AT_DATA + 10], WASI_EVENT_CLOCK);
    CALL(p, "clock_time_get", WASI_CLOCK_MONOTONIC, 0, AT_OUT);
    assert_true(get64(p, AT_OUT) - before >= 20000000);
    assert_int_equal(write(pipes[1], "abc", 3), 3);
    assert_int_equal(poll_now(p, 2), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 1);
    assert_int_equal(p->memory[AT_DATA], 101);
    assert_int_equal(get64(p, AT_DATA + 16), 3);
    /* A descriptor that is not there is an event at once; so is a clock that was not granted. */
    subscribe_file(p, 1, WASI_EVENT_READ, 31);
    subscribe_clock(p, 2, WASI_CLOCK_PROCESS, 0, 0);
    assert_int_equal(poll_now(p, 3), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 2);
    assert_int_equal(p->memory[AT_DATA + 8], WASI_EBADF);
    assert_int_equal(p->memory[AT_DATA + WASI_SIZE_EVENT + 8], WASI_ENOTCAPABLE);
    subscribe_clock(p, 0, WASI_CLOCK_REALTIME, 1, WASI_SUBCLOCK_ABSTIME);
    assert_int_equal(poll_now(p, 1), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 1);
    assert_int_equal(poll_now(p, 0), WASI_EINVAL);
    assert_int_equal(poll_now(p, 1000000), WASI_EINVAL);
    p->memory[AT_PATH + 8] = 3;
    assert_int_equal(poll_now(p, 1), WASI_EINVAL);
    close(pipes[1]);
    p->opened -= 1;
    subscribe_file(p, 0, WASI_EVENT_READ, fd);
    assert_int_equal(fd_transfer(p, "fd_read", fd, AT_DATA, 16), WASI_OK);
    assert_int_equal(poll_now(p, 1), WASI_OK);
    assert_int_equal(p->memory[AT_DATA + 24], WASI_EVENT_HANGUP);
    process_free(p);
}

static void speaks_through_sockets(void **state)
{
    struct process *p = process_new();
    int pair[2];
    uint32_t fd, vector[2] = {AT_DATA, 8};

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    p->opened += 1;
    assert_int_equal(wasi_grant(&p->wasi, pair[0], posix_type(pair[0]), WASI_RIGHTS_ALL, 0, NULL, &fd), WASI_OK);
    memcpy(p->memory + AT_PATH2, vector, sizeof vector);
    put(p, AT_DATA, "question");
    assert_int_equal(CALL(p, "sock_send", fd, AT_PATH2, 1, 0, AT_OUT), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 8);
    assert_int_equal(CALL(p, "sock_send", fd, AT_PATH2, 1, 1, AT_OUT), WASI_EINVAL);
    assert_int_equal(read(pair[1], p->memory, 8), 8);
    assert_int_equal(write(pair[1], "answer", 6), 6);
    assert_int_equal(CALL(p, "sock_recv", fd, AT_PATH2, 1, WASI_RECV_PEEK, AT_OUT, AT_OUT + 4), WASI_OK);
    assert_int_equal(CALL(p, "sock_recv", fd, AT_PATH2, 1, 0, AT_OUT, AT_OUT + 4), WASI_OK);
    assert_int_equal(get32(p, AT_OUT), 6);
    assert_memory_equal(p->memory + AT_DATA, "answer", 6);
    assert_int_equal(CALL(p, "sock_shutdown", fd, WASI_SHUT_WR), WASI_OK);
    assert_int_equal(CALL(p, "sock_shutdown", fd, 0), WASI_EINVAL);
    assert_int_equal(read(pair[1], p->memory, 8), 0);
    assert_int_equal(CALL(p, "sock_accept", fd, 0, AT_OUT), WASI_EINVAL);
    assert_int_equal(CALL(p, "sock_send", fd, AT_PATH2, 1, 0, AT_OUT), WASI_EPIPE);
    close(pair[1]);
    p->opened -= 1;
    process_free(p);
}

static void ends(void **state)
{
    struct process *p = process_new();

    (void)state;
    assert_int_equal(CALL(p, "sched_yield"), WASI_OK);
    assert_int_equal(CALL(p, "proc_raise", 0), WASI_OK);
    assert_int_equal(CALL(p, "proc_raise", 18), WASI_ENOTSUP);
    assert_int_equal(CALL(p, "proc_raise", 31), WASI_EINVAL);
    assert_false(p->wasi.exited);
    CALL(p, "proc_raise", 6);
    assert_true(p->wasi.exited);
    assert_int_equal(p->wasi.exit_code, 134);
    p->wasi.exited = false;
    CALL(p, "proc_exit", 42);
    assert_true(p->wasi.exited);
    assert_int_equal(p->wasi.exit_code, 42);
    process_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("all 46 calls of preview 1 are there, in order", every_call_is_there),
        TEST("no argument makes a call touch what is outside the memory", survives_all_pointers),
        TEST("arguments and environment are what was granted", gives_arguments_and_environment),
        TEST("clocks and randomness are there where they were granted", clocks_and_randomness_are_granted),
        TEST("files are read, written, measured and stamped", reads_and_writes),
        TEST("a descriptor does what its rights allow, and passes on no more", rights_are_checked),
        TEST("descriptors tell their kind, and refuse what does not fit it", descriptors_have_their_kind),
        TEST("descriptors are renumbered, and a full table opens nothing", descriptors_are_numbered),
        TEST("a directory lists each entry once in buffers of any size", lists_directories),
        TEST("waiting ends with the first of clocks and descriptors", waits),
        TEST("a granted socket sends, receives and is shut down", speaks_through_sockets),
        TEST("a process ends with its status or its signal's", ends),
    };
    return RUN_TESTS(tests);
}
