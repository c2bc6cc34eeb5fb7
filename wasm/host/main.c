/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wasm-host: runs one WebAssembly program of WASI preview 1 on the host.
 *
 * The program gets its three standard streams, the clocks, randomness, the directories and variables of the command
 * line, and nothing else.  Status: the program's; 134 after a trap, 2 for a command line or a module that is no good,
 * with one line on stderr each.
 */
#include "hooks.h"
#include "options.h"
#include "posix_backend.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi_link.h>

enum { STATUS_BAD = 2, STATUS_TRAP = 134, FDS = 1024, STACK_BYTES = 8 << 20 };

static struct wasi_fd fds[FDS];
static struct wasi process;
static struct wasi_linker linker;

static int fail(const char *name, const char *what)
{
    fprintf(stderr, "wasm-host: %s: %s\n", name, what);
    return STATUS_BAD;
}

/* The bytes stay as they are while the engine refers to them, whatever becomes of the file: they are copied. */
static uint8_t *file_load(const char *name, size_t *size)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    uint8_t *bytes = NULL;
    size_t have = 0;

    if (fd < 0 || fstat(fd, &stat) != 0 || S_ISDIR(stat.st_mode)) {
        if (fd >= 0)
            close(fd);
        errno = fd < 0 ? errno : EISDIR;
        return NULL;
    }
    for (size_t room = (size_t)stat.st_size + 1;; room *= 2) {
        uint8_t *more = realloc(bytes, room);
        ssize_t got = -1;
        if (more == NULL)
            break;
        bytes = more;
        while (have < room && (got = read(fd, bytes + have, room - have)) > 0)
            have += (size_t)got;
        if (got < 0)
            break;
        if (got == 0) {
            close(fd);
            *size = have;
            return bytes;
        }
    }
    close(fd);
    free(bytes);
    return NULL;
}

static bool grant_streams(void)
{
    for (int i = 0; i < 3; i++) {
        uint64_t right = i == 0 ? WASI_RIGHT_FD_WRITE : WASI_RIGHT_FD_READ;
        uint32_t fd;
        int flags = fcntl(i, F_GETFL);
        /* A stream that the caller closed is one that was not granted; its number stays taken by nothing. */
        if (flags < 0 && open("/dev/null", i == 0 ? O_RDONLY : O_WRONLY) != i)
            return false;
        if (wasi_grant(&process, i, posix_type(i), WASI_RIGHTS_ALL & ~right, 0, NULL, &fd) != WASI_OK)
            return false;
        if (flags >= 0)
            fds[fd].fdflags = (uint16_t)((flags & O_APPEND ? WASI_FDFLAG_APPEND : 0) |
                                         (flags & O_NONBLOCK ? WASI_FDFLAG_NONBLOCK : 0));
    }
    return true;
}

static bool grant_directories(const struct options *options)
{
    for (uint32_t i = 0; i < options->dir_count; i++) {
        int dir = open(options->dirs[i].host, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        uint32_t fd;
        if (dir < 0) {
            fail(options->dirs[i].host, strerror(errno));
            return false;
        }
        if (wasi_grant(&process, dir, WASI_TYPE_DIRECTORY, WASI_RIGHTS_ALL, WASI_RIGHTS_ALL, options->dirs[i].guest,
                       &fd) != WASI_OK)
            return false;
    }
    return true;
}

static int trapped(const char *name, struct wasm_store *store)
{
    struct wasm_trap_info info = wasm_store_trap(store);

    if (info.offset != WASM_NO_OFFSET)
        fprintf(stderr, "wasm-host: %s: trap: %s (function %u, offset 0x%zx)\n", name, info.text, info.function,
                info.offset);
    else
        fprintf(stderr, "wasm-host: %s: trap: %s\n", name, info.text);
    return STATUS_TRAP;
}

static int finish(const char *name, struct wasm_store *store, enum wasm_status status, const struct wasm_error *error)
{
    switch (status) {
    case WASM_OK:
        return EXIT_SUCCESS;
    case WASM_EXITED:
        return wasm_store_exit_status(store) & 0xff;
    case WASM_TRAPPED:
        return trapped(name, store);
    default:
        if (error->offset != WASM_NO_OFFSET)
            fprintf(stderr, "wasm-host: %s: offset 0x%zx: %s\n", name, error->offset, error->text);
        else
            fprintf(stderr, "wasm-host: %s: %s\n", name, error->text);
        return STATUS_BAD;
    }
}

static bool is_entry(const struct wasm_extern *found)
{
    struct wasm_func_type type;

    if (found->kind != WASM_FUNC || found->func == NULL)
        return false;
    type = wasm_func_type(found->func);
    return type.params == 0 && type.results == 0;
}

/* A command has _start, a library of functions _initialize. */
static int run(const struct options *options, const char *name, struct wasm_store *store, struct wasm_module *module)
{
    struct wasm_instance *instance;
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "cannot be called"};
    struct wasm_extern start;
    enum wasm_status status;

    wasm_store_set_fuel(store, options->fuel);
    if (options->timeout_ms != 0)
        wasm_store_set_deadline(store, host_hooks.now(NULL) + options->timeout_ms * 1000000);
    status = wasm_instance_new(module, wasi_resolve, &linker, &instance, &error);
    if (status != WASM_OK)
        return finish(name, store, status, &error);
    if (options->compile)
        return wasm_instance_translate(instance) ? EXIT_SUCCESS : fail(name, "out of memory");
    start = wasm_instance_export(instance, "_start", 6);
    if (!is_entry(&start))
        start = wasm_instance_export(instance, "_initialize", 11);
    if (!is_entry(&start))
        return fail(name, "exports no function _start");
    return finish(name, store, wasm_func_call(start.func, NULL, 0, NULL, 0), &error);
}

static int load_and_run(const struct options *options, const char *name, const uint8_t *bytes, size_t size)
{
    struct wasm_limits limits = {.stack_bytes = STACK_BYTES, .memory_pages = options->memory_pages};
    struct wasm_store *store;
    struct wasm_module *module;
    struct wasm_error error = {.offset = WASM_NO_OFFSET, .text = "out of memory"};
    enum wasm_status status;
    int result;

    if (wasm_store_new(&host_hooks, &limits, &store) != WASM_OK)
        return fail(name, "out of memory");
    wasi_linker_init(&linker, &process, store);
    status = wasm_module_load(store, bytes, size, options->backend, &module, &error);
    if (status != WASM_OK)
        result = finish(name, store, status, &error);
    else
        result = options->validate ? EXIT_SUCCESS : run(options, name, store, module);
    wasm_store_free(store);
    return result;
}

int main(int argc, char **argv)
{
    struct options options;
    size_t size = 0;
    const char *name;
    uint8_t *bytes;
    int result;

    if (!options_parse(&options, argc, argv))
        return STATUS_BAD;
    name = argv[options.first];
    /* A write to a pipe that nobody reads is the program's error, not the end of it. */
    signal(SIGPIPE, SIG_IGN);
    wasi_init(&process, &(struct wasi_config){
                            .backend = posix_backend(),
                            .fds = fds,
                            .fd_count = FDS,
                            .arg_count = (uint32_t)(argc - options.first),
                            .args = (const char *const *)argv + options.first,
                            .env_count = options.env_count,
                            .env = options.env,
                            .clocks = (1u << WASI_CLOCKS) - 1,
                            .random = true,
                        });
    if (!grant_streams())
        return fail(name, "standard streams cannot be opened");
    if (!grant_directories(&options))
        return STATUS_BAD;
    bytes = file_load(name, &size);
    if (bytes == NULL)
        return fail(name, strerror(errno));
    result = load_and_run(&options, name, bytes, size);
    wasi_close_all(&process);
    free(bytes);
    return result;
}
