/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process of WASI without a module, for tests: a memory of 64 KiB, the POSIX back end, one scratch directory granted as
 * descriptor 3 under the name "/data", with something outside it that nobody may reach.
 *
 *     TOP/secret        a file outside
 *     TOP/data/         what is granted
 */
#ifndef WASI_PROCESS_H
#define WASI_PROCESS_H

#include "../../wasm/host/posix_backend.h"
#include "host_test.h"
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi.h>

#define MEMORY      65536u
#define AT_PATH     0x1000u /* where tests put paths and results in the memory */
#define AT_PATH2    0x3000u
#define AT_OUT      0x5000u
#define AT_DATA     0x8000u
#define DIR_FD      3u
#define PROCESS_FDS 32

struct process {
    struct wasi wasi;
    struct wasi_fd fds[PROCESS_FDS];
    uint8_t *memory;
    char top[64];
    int opened; /* descriptors of the host before the process began */
};

static inline int descriptors_open(void)
{
    int count = 0;

    for (int fd = 0; fd < 512; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static inline void process_path(const struct process *p, const char *name, char to[256])
{
    snprintf(to, 256, "%s/%s", p->top, name);
}

static inline void host_file(const struct process *p, const char *name, const char *text)
{
    char path[256];
    int fd;

    process_path(p, name, path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

static inline void host_link(const struct process *p, const char *target, const char *name)
{
    char path[256];

    process_path(p, name, path);
    assert_int_equal(symlink(target, path), 0);
}

static inline void host_mkdir(const struct process *p, const char *name)
{
    char path[256];

    process_path(p, name, path);
    assert_int_equal(mkdir(path, 0755), 0);
}

static inline struct process *process_new(void)
{
    static const char *const args[] = {"program", "one", ""}, *const env[] = {"HOME=/data"};
    struct process *p = calloc(1, sizeof *p);
    char path[256];
    uint32_t fd;

    assert_non_null(p);
    strcpy(p->top, "/tmp/mnos-wasi-XXXXXX");
    assert_non_null(mkdtemp(p->top));
    host_mkdir(p, "data");
    host_file(p, "secret", "secret");
    p->opened = descriptors_open();
    p->memory = calloc(1, MEMORY);
    assert_non_null(p->memory);
    wasi_init(&p->wasi, &(struct wasi_config){.backend = posix_backend(),
                                              .fds = p->fds,
                                              .fd_count = PROCESS_FDS,
                                              .arg_count = 3,
                                              .args = args,
                                              .env_count = 1,
                                              .env = env,
                                              .clocks = 1 << WASI_CLOCK_REALTIME | 1 << WASI_CLOCK_MONOTONIC,
                                              .random = true});
    for (int i = 0; i < 3; i++)
        assert_int_equal(wasi_grant(&p->wasi, i, WASI_TYPE_CHARACTER, WASI_RIGHTS_ALL, 0, NULL, &fd), WASI_OK);
    process_path(p, "data", path);
    assert_int_equal(wasi_grant(&p->wasi, open(path, O_RDONLY | O_DIRECTORY), WASI_TYPE_DIRECTORY, WASI_RIGHTS_ALL,
                                WASI_RIGHTS_ALL, "/data", &fd),
                     WASI_OK);
    assert_int_equal(fd, DIR_FD);
    return p;
}

static inline int tree_remove(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

/* Every descriptor that the process opened is closed again: none was lost on the way. */
static inline void process_free(struct process *p)
{
    wasi_close_all(&p->wasi);
    assert_int_equal(descriptors_open(), p->opened);
    nftw(p->top, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(p->memory);
    free(p);
}

static inline uint16_t wasi_do(struct process *p, const char *name, const uint64_t *arguments)
{
    const struct wasi_function *function = wasi_function_find(name, strlen(name));
    struct wasi_call call = {.wasi = &p->wasi, .memory = p->memory, .size = MEMORY, .arguments = arguments};

    assert_non_null(function);
    return function->call(&call);
}

/* CALL(p, "fd_close", 4): one call, arguments as 64-bit numbers. */
#define CALL(p, name, ...) wasi_do(p, name, (const uint64_t[16]){__VA_ARGS__})

static inline uint64_t put(struct process *p, uint32_t at, const char *text)
{
    memcpy(p->memory + at, text, strlen(text));
    return strlen(text);
}

static inline uint32_t get32(const struct process *p, uint32_t at)
{
    uint32_t value;

    memcpy(&value, p->memory + at, sizeof value);
    return value;
}

static inline uint64_t get64(const struct process *p, uint32_t at)
{
    uint64_t value;

    memcpy(&value, p->memory + at, sizeof value);
    return value;
}

/* Opens and returns the error; the descriptor is at AT_OUT. */
static inline uint16_t path_open(struct process *p, uint32_t dir, uint32_t lookup, const char *path, uint32_t oflags,
                                 uint64_t rights)
{
    return CALL(p, "path_open", dir, lookup, AT_PATH, put(p, AT_PATH, path), oflags, rights, rights, 0, AT_OUT);
}

static inline uint16_t fd_transfer(struct process *p, const char *name, uint32_t fd, uint32_t at, uint32_t length)
{
    uint32_t iovec[2] = {at, length};

    memcpy(p->memory + AT_PATH2, iovec, sizeof iovec);
    return CALL(p, name, fd, AT_PATH2, 1, AT_OUT);
}

#endif
