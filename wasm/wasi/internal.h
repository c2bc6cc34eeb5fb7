/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the WASI library share: the module's memory, descriptors, paths. */
#ifndef WASI_INTERNAL_H
#define WASI_INTERNAL_H

#include <str.h>
#include <wasi.h>

/* The bytes [at, at + length) of the module's memory, or NULL when they are not all inside. */
static inline uint8_t *guest_at(const struct wasi_call *call, uint64_t at, uint64_t length)
{
    return at <= call->size && length <= call->size - at ? call->memory + at : NULL;
}

static inline uint16_t load16(const uint8_t *from)
{
    return (uint16_t)(from[0] | from[1] << 8);
}

static inline uint32_t load32(const uint8_t *from)
{
    return load16(from) | (uint32_t)load16(from + 2) << 16;
}

static inline uint64_t load64(const uint8_t *from)
{
    return load32(from) | (uint64_t)load32(from + 4) << 32;
}

static inline void store32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static inline void store64(uint8_t *to, uint64_t value)
{
    store32(to, (uint32_t)value);
    store32(to + 4, (uint32_t)(value >> 32));
}

/* --- fds.c --- */

/* EBADF: not open.  ENOTCAPABLE: open, but without one of the rights. */
uint16_t fd_get(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out);
/* The same, and EISDIR for a directory, whatever its rights. */
uint16_t fd_get_file(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out);
/* The same, and ENOTDIR for all else. */
uint16_t fd_get_directory(struct wasi *wasi, uint64_t fd, uint64_t rights, struct wasi_fd **out);
uint64_t fd_rights_of_type(uint8_t type);

/* --- iovec.c --- */

#define SPANS_MAX 32

/* The first buffers of an array of `count` iovecs at `at`, as many as fit `spans`; empty ones are left out.  Everything
 * in the array is checked, also what is not used: EFAULT, or EINVAL for more than 1024. */
uint16_t iovec_read(const struct wasi_call *call, uint64_t at, uint64_t count, struct wasi_span spans[SPANS_MAX],
                    size_t *used);

/* --- path.c --- */

/* Where a path leads: a name in a directory.  The name "." is the directory itself. */
struct place {
    wasi_handle directory;
    bool owned;             /* the handle is to be closed */
    bool must_be_directory; /* the path ends with a slash */
    char name[WASI_NAME_MAX + 1];
};

/* Follows the path of `length` bytes at `at` from a directory; a link in its last component only when `follow` says
 * so.  On success place_drop is due.  EPERM: the path would leave the directory. */
uint16_t path_resolve(const struct wasi_call *call, const struct wasi_fd *from, uint64_t at, uint64_t length,
                      bool follow, struct place *out);
void place_drop(struct wasi *wasi, struct place *place);
/* A path's bytes as text, checked: EFAULT, EILSEQ (NUL, or no UTF-8), ENAMETOOLONG, ENOENT (empty). */
uint16_t path_read(const struct wasi_call *call, uint64_t at, uint64_t length, char to[WASI_PATH_MAX]);

/* --- the calls --- */

#define WASI_CALLS(X)                                                                                                  \
    X(args_get, "ii")                                                                                                  \
    X(args_sizes_get, "ii")                                                                                            \
    X(clock_res_get, "ii")                                                                                             \
    X(clock_time_get, "iIi")                                                                                           \
    X(environ_get, "ii")                                                                                               \
    X(environ_sizes_get, "ii")                                                                                         \
    X(fd_advise, "iIIi")                                                                                               \
    X(fd_allocate, "iII")                                                                                              \
    X(fd_close, "i")                                                                                                   \
    X(fd_datasync, "i")                                                                                                \
    X(fd_fdstat_get, "ii")                                                                                             \
    X(fd_fdstat_set_flags, "ii")                                                                                       \
    X(fd_fdstat_set_rights, "iII")                                                                                     \
    X(fd_filestat_get, "ii")                                                                                           \
    X(fd_filestat_set_size, "iI")                                                                                      \
    X(fd_filestat_set_times, "iIIi")                                                                                   \
    X(fd_pread, "iiiIi")                                                                                               \
    X(fd_prestat_dir_name, "iii")                                                                                      \
    X(fd_prestat_get, "ii")                                                                                            \
    X(fd_pwrite, "iiiIi")                                                                                              \
    X(fd_read, "iiii")                                                                                                 \
    X(fd_readdir, "iiiIi")                                                                                             \
    X(fd_renumber, "ii")                                                                                               \
    X(fd_seek, "iIii")                                                                                                 \
    X(fd_sync, "i")                                                                                                    \
    X(fd_tell, "ii")                                                                                                   \
    X(fd_write, "iiii")                                                                                                \
    X(path_create_directory, "iii")                                                                                    \
    X(path_filestat_get, "iiiii")                                                                                      \
    X(path_filestat_set_times, "iiiiIIi")                                                                              \
    X(path_link, "iiiiiii")                                                                                            \
    X(path_open, "iiiiiIIii")                                                                                          \
    X(path_readlink, "iiiiii")                                                                                         \
    X(path_remove_directory, "iii")                                                                                    \
    X(path_rename, "iiiiii")                                                                                           \
    X(path_symlink, "iiiii")                                                                                           \
    X(path_unlink_file, "iii")                                                                                         \
    X(poll_oneoff, "iiii")                                                                                             \
    X(proc_exit, "i")                                                                                                  \
    X(proc_raise, "i")                                                                                                 \
    X(random_get, "ii")                                                                                                \
    X(sched_yield, "")                                                                                                 \
    X(sock_accept, "iii")                                                                                              \
    X(sock_recv, "iiiiii")                                                                                             \
    X(sock_send, "iiiii")                                                                                              \
    X(sock_shutdown, "ii")

#define WASI_DECLARE(name, params) uint16_t wasi_##name(const struct wasi_call *call);
WASI_CALLS(WASI_DECLARE)
#undef WASI_DECLARE

/* `filestat` as the module sees it. */
void filestat_write(uint8_t to[WASI_SIZE_FILESTAT], const struct wasi_filestat *from);
/* EINVAL: unknown flags, or a time that is to be both given and now. */
uint16_t fst_flags_check(uint64_t flags);

#endif
