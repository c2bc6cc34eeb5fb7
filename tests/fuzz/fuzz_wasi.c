/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: wasm/wasi/calls.c wasm/wasi/fds.c wasm/wasi/files.c wasm/wasi/iovec.c wasm/wasi/path.c wasm/wasi/paths.c */
/* LINK: wasm/wasi/poll.c wasm/wasi/process.c wasm/wasi/sockets.c */
/*
 * Any bytes as a series of WASI calls, over a back end that answers as the bytes say and demands its contract: names of
 * one component, handles that are open, buffers inside the module's memory, every handle closed once.
 *
 * An input is 8 KiB of the module's memory at most, then calls: a byte for the function, two for each argument.
 */
#include <stdlib.h>
#include <string.h>
#include <wasi.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMORY  8192
#define HANDLES 512
#define FDS     16

static const uint8_t *input, *input_end;
static uint8_t *memory;
static bool is_open[HANDLES];

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static uint8_t next_byte(void)
{
    return input < input_end ? *input++ : 0;
}

static wasi_handle handle_new(void)
{
    for (int i = 0; i < HANDLES; i++) {
        if (!is_open[i]) {
            is_open[i] = true;
            return i;
        }
    }
    abort();
}

static void handle_check(wasi_handle handle)
{
    demand(handle >= 0 && handle < HANDLES && is_open[handle]);
}

static void name_check(const char *name, bool self_allowed)
{
    size_t length = strlen(name);

    demand(length >= 1 && length <= WASI_NAME_MAX && strchr(name, '/') == NULL);
    demand(strcmp(name, "..") != 0 && (self_allowed || strcmp(name, ".") != 0));
}

/* Mostly success, sometimes an error that the library has to handle. */
static uint16_t answer(void)
{
    static const uint16_t errors[] = {WASI_ENOENT, WASI_ENOTDIR, WASI_ELOOP, WASI_EINVAL, WASI_EIO};
    uint8_t byte = next_byte();

    return byte < 180 ? WASI_OK : errors[byte % 5];
}

static void spans_check(const struct wasi_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *base = spans[i].base;
        demand(spans[i].length > 0 && base >= memory && base + spans[i].length <= memory + MEMORY);
    }
}

static void fake_close(void *context, wasi_handle file)
{
    (void)context;
    handle_check(file);
    is_open[file] = false;
}

static uint16_t fake_read(void *context, wasi_handle file, const struct wasi_span *to, size_t count, uint64_t offset,
                          size_t *done)
{
    (void)context;
    (void)offset;
    handle_check(file);
    spans_check(to, count);
    for (size_t i = 0; i < count; i++)
        memset(to[i].base, next_byte(), to[i].length);
    *done = count == 0 ? 0 : to[0].length;
    return answer();
}

static uint16_t fake_write(void *context, wasi_handle file, const struct wasi_span *from, size_t count, uint64_t offset,
                           size_t *done)
{
    (void)context;
    (void)offset;
    handle_check(file);
    spans_check(from, count);
    *done = count;
    return answer();
}

static uint16_t fake_seek(void *context, wasi_handle file, int64_t offset, enum wasi_whence whence, uint64_t *now)
{
    (void)context;
    handle_check(file);
    demand(whence <= WASI_SEEK_END);
    *now = (uint64_t)offset;
    return answer();
}

static uint16_t fake_stat(void *context, wasi_handle file, struct wasi_filestat *out)
{
    (void)context;
    handle_check(file);
    *out = (struct wasi_filestat){.type = next_byte() % 8};
    return answer();
}

static uint16_t fake_flags(void *context, wasi_handle file, uint16_t before, uint16_t fdflags)
{
    (void)context;
    handle_check(file);
    demand(((before | fdflags) & ~WASI_FDFLAGS_ALL) == 0);
    return answer();
}

static uint16_t fake_readdir(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                             size_t *count)
{
    (void)context;
    handle_check(dir);
    *count = next_byte() % (max + 1);
    for (size_t i = 0; i < *count; i++) {
        entries[i].next = cookie + i + 1;
        entries[i].ino = i;
        entries[i].type = next_byte() % 8;
        entries[i].name_length = next_byte();
        memset(entries[i].name, 'n', entries[i].name_length);
    }
    return answer();
}

static uint16_t fake_walk(void *context, wasi_handle dir, const char *name, wasi_handle *out)
{
    uint16_t error = answer();

    (void)context;
    handle_check(dir);
    name_check(name, false);
    if (error == WASI_OK)
        *out = handle_new();
    return error;
}

static uint16_t fake_open(void *context, wasi_handle dir, const char *name, const struct wasi_open *how,
                          wasi_handle *out)
{
    uint16_t error = answer();

    (void)context;
    handle_check(dir);
    name_check(name, true);
    demand(how->oflags <= 15 && how->fdflags <= WASI_FDFLAGS_ALL);
    if (error == WASI_OK)
        *out = handle_new();
    return error;
}

static uint16_t fake_stat_at(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out)
{
    name_check(name, true);
    return fake_stat(context, dir, out);
}

static uint16_t fake_readlink(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length)
{
    static const char *const targets[] = {"..", "a/../..", "/", "a", "../a/b", "", ".", "a//b/", "../../../x"};
    const char *target = targets[next_byte() % 9];
    size_t all = strlen(target);

    (void)context;
    handle_check(dir);
    name_check(name, false);
    *length = all < size ? all : size;
    memcpy(to, target, *length);
    return next_byte() & 1 ? WASI_EINVAL : answer();
}

static uint16_t fake_name(void *context, wasi_handle dir, const char *name)
{
    (void)context;
    handle_check(dir);
    name_check(name, false);
    return answer();
}

static uint16_t fake_names(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name)
{
    handle_check(from);
    name_check(name, false);
    return fake_name(context, to, new_name);
}

static uint16_t fake_symlink(void *context, const char *target, wasi_handle dir, const char *name)
{
    demand(target[0] != '/' && target[0] != 0);
    return fake_name(context, dir, name);
}

static uint16_t fake_clock(void *context, enum wasi_clock clock, uint64_t *ns)
{
    (void)context;
    demand(clock < WASI_CLOCKS);
    *ns = next_byte();
    return answer();
}

static uint16_t fake_random(void *context, void *to, size_t length)
{
    (void)context;
    if (length > 0)
        spans_check(&(struct wasi_span){to, length}, 1);
    memset(to, 4, length);
    return answer();
}

static uint16_t fake_poll(void *context, struct wasi_poll *entries, size_t count, uint64_t timeout)
{
    (void)context;
    (void)timeout;
    demand(count >= 1 && count <= WASI_POLL_MAX);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].handle == WASI_NO_HANDLE)
            continue;
        handle_check(entries[i].handle);
        entries[i].ready = next_byte() & 1;
        entries[i].hangup = next_byte() & 1;
    }
    return answer();
}

static uint16_t fake_accept(void *context, wasi_handle socket, uint16_t fdflags, wasi_handle *out)
{
    uint16_t error = answer();

    (void)context;
    (void)fdflags;
    handle_check(socket);
    if (error == WASI_OK)
        *out = handle_new();
    return error;
}

static uint16_t fake_recv(void *context, wasi_handle socket, const struct wasi_span *to, size_t count, uint16_t flags,
                          size_t *done, bool *truncated)
{
    *truncated = flags & 1;
    return fake_read(context, socket, to, count, 0, done);
}

static uint16_t fake_send(void *context, wasi_handle socket, const struct wasi_span *from, size_t count, size_t *done)
{
    return fake_write(context, socket, from, count, 0, done);
}

static const struct wasi_backend fake = {
    .close = fake_close,
    .read = fake_read,
    .write = fake_write,
    .seek = fake_seek,
    .stat = fake_stat,
    .set_flags = fake_flags,
    .readdir = fake_readdir,
    .walk = fake_walk,
    .open = fake_open,
    .stat_at = fake_stat_at,
    .readlink = fake_readlink,
    .mkdir = fake_name,
    .rmdir = fake_name,
    .unlink = fake_name,
    .link = fake_names,
    .rename = fake_names,
    .symlink = fake_symlink,
    .clock_resolution = fake_clock,
    .clock_time = fake_clock,
    .random = fake_random,
    .poll = fake_poll,
    .sock_accept = fake_accept,
    .sock_recv = fake_recv,
    .sock_send = fake_send,
};

static void calls_make(struct wasi *wasi)
{
    while (input < input_end && !wasi->exited) {
        const struct wasi_function *function = &wasi_functions[next_byte() % wasi_function_count];
        uint64_t arguments[16] = {0};
        struct wasi_call call = {.wasi = wasi, .memory = memory, .size = MEMORY, .arguments = arguments};
        for (size_t i = 0; function->params[i] != 0; i++) {
            arguments[i] = next_byte() | (uint64_t)next_byte() << 8;
            if (arguments[i] >= 0xff00)
                arguments[i] = function->params[i] == 'I' ? UINT64_MAX : UINT32_MAX;
        }
        function->call(&call);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wasi wasi;
    static struct wasi_fd fds[FDS];
    static const char *const strings[] = {"one", "TWO=2"};
    static const uint8_t types[] = {WASI_TYPE_CHARACTER, WASI_TYPE_REGULAR, WASI_TYPE_STREAM, WASI_TYPE_DIRECTORY};
    size_t filled = size / 2 < MEMORY ? size / 2 : MEMORY;
    uint32_t fd;

    memory = malloc(MEMORY);
    demand(memory != NULL);
    memset(memory, 0, MEMORY);
    memcpy(memory, data, filled);
    input = data + filled;
    input_end = data + size;
    wasi_init(&wasi, &(struct wasi_config){.backend = &fake,
                                           .fds = fds,
                                           .fd_count = FDS,
                                           .arg_count = 1,
                                           .args = strings,
                                           .env_count = 1,
                                           .env = strings + 1,
                                           .clocks = 3,
                                           .random = true});
    for (int i = 0; i < 4; i++)
        demand(wasi_grant(&wasi, handle_new(), types[i], WASI_RIGHTS_ALL, WASI_RIGHTS_ALL, i == 3 ? "/" : NULL, &fd) ==
               WASI_OK);
    calls_make(&wasi);
    wasi_close_all(&wasi);
    for (int i = 0; i < HANDLES; i++)
        demand(!is_open[i]);
    free(memory);
    return 0;
}
