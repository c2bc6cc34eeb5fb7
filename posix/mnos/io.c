/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing. */
#include <str.h>

#include "console.h"
#include "file.h"

#define IOV_MAX   1024
#define FEW_BYTES 1024u /* of a vector, which are put together and written at once */

struct iovec {
    void *base;
    size_t length;
};

static long read_from(const struct px_open *open, void *bytes, size_t length, uint64_t flags)
{
    if (open->kind == POSIX_FD_FILE)
        return px_file_read(open->handle, bytes, length, VFS_HERE, flags);
    return length > 0 ? px_console_read(open, bytes, length) : 0;
}

static long write_to(const struct px_open *open, const void *bytes, size_t length)
{
    if (open->kind == POSIX_FD_FILE)
        return px_file_write(open->handle, bytes, length, VFS_HERE, 0);
    return px_console_write(open, bytes, length);
}

PX_CALL(read)
{
    const struct px_open *open = fd_get(&px.fds, a);

    return open ? read_from(open, (void *)b, (size_t)c, 0) : -PX_EBADF;
}

PX_CALL(write)
{
    const struct px_open *open = fd_get(&px.fds, a);

    return open ? write_to(open, (const void *)b, (size_t)c) : -PX_EBADF;
}

static long position_check(const struct px_open *open, long offset)
{
    if (!open)
        return -PX_EBADF;
    if (offset < 0)
        return -PX_EINVAL;
    return open->kind == POSIX_FD_FILE ? 0 : -PX_ESPIPE;
}

PX_CALL(pread64)
{
    const struct px_open *open = fd_get(&px.fds, a);
    long error = position_check(open, d);

    return error ? error : px_file_read(open->handle, (void *)b, (size_t)c, (uint64_t)d, 0);
}

PX_CALL(pwrite64)
{
    const struct px_open *open = fd_get(&px.fds, a);
    long error = position_check(open, d);

    return error ? error : px_file_write(open->handle, (const void *)b, (size_t)c, (uint64_t)d, 0);
}

/* What came before an error, or the end, counts. */
static long total_of(size_t done, long last)
{
    return done > 0 || last >= 0 ? (long)done : last;
}

/* Only the first part waits: what comes after it is there already, or is left for the next call. */
PX_CALL(readv)
{
    const struct px_open *open = fd_get(&px.fds, a);
    const struct iovec *part = (const struct iovec *)b;
    size_t done = 0;
    long got = 0;

    if (!open)
        return -PX_EBADF;
    if (c < 0 || c > IOV_MAX)
        return -PX_EINVAL;
    for (long i = 0; i < c; i++) {
        if (part[i].length == 0)
            continue;
        if (done > 0 && open->kind != POSIX_FD_FILE)
            break;
        got = read_from(open, part[i].base, part[i].length, done > 0 ? VFS_DONT_WAIT : 0);
        if (got <= 0)
            break;
        done += (size_t)got;
        if ((size_t)got < part[i].length)
            break;
    }
    return total_of(done, got);
}

static size_t few_gather(const struct iovec *part, long count, char few[FEW_BYTES])
{
    size_t total = 0;

    for (long i = 0; i < count; i++) {
        if (part[i].length > FEW_BYTES - total)
            return FEW_BYTES + 1;
        memcpy(few + total, part[i].base, part[i].length);
        total += part[i].length;
    }
    return total;
}

PX_CALL(writev)
{
    const struct px_open *open = fd_get(&px.fds, a);
    const struct iovec *part = (const struct iovec *)b;
    char few[FEW_BYTES];
    size_t done = 0;
    long put = 0;

    if (!open)
        return -PX_EBADF;
    if (c < 0 || c > IOV_MAX)
        return -PX_EINVAL;
    size_t total = few_gather(part, c, few);
    if (total <= FEW_BYTES)
        return write_to(open, few, total);
    for (long i = 0; i < c; i++) {
        put = part[i].length > 0 ? write_to(open, part[i].base, part[i].length) : 0;
        if (put < 0)
            break;
        done += (size_t)put;
        if ((size_t)put < part[i].length)
            break;
    }
    return total_of(done, put);
}

PX_CALL(lseek)
{
    const struct px_open *open = fd_get(&px.fds, a);
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)b, (uint64_t)c};

    if (!open)
        return -PX_EBADF;
    if (c < 0 || c > (long)VFS_SEEK_HOLE)
        return -PX_EINVAL;
    return open->kind == POSIX_FD_FILE ? px_file_call(open->handle, VFS_SEEK, words) : -PX_ESPIPE;
}

static long file_only(long fd, uint64_t label, uint64_t words[MNOS_IPC_WORDS], long otherwise)
{
    const struct px_open *open = fd_get(&px.fds, fd);

    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE)
        return otherwise;
    long result = px_file_call(open->handle, label, words);
    return result < 0 ? result : 0;
}

PX_CALL(fsync)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};

    return file_only(a, VFS_SYNC, words, -PX_EINVAL);
}

PX_CALL(fdatasync)
{
    return px_fsync(a, 0, 0, 0, 0, 0);
}

PX_CALL(ftruncate)
{
    uint64_t words[MNOS_IPC_WORDS] = {[1] = VFS_SET_SIZE, [4] = (uint64_t)b};

    return b < 0 ? -PX_EINVAL : file_only(a, VFS_FSETATTR, words, -PX_EINVAL);
}

PX_CALL(fchmod)
{
    uint64_t words[MNOS_IPC_WORDS] = {[1] = VFS_SET_MODE, [2] = (uint64_t)b & 07777};

    return file_only(a, VFS_FSETATTR, words, -PX_EINVAL);
}

PX_CALL(fchown)
{
    uint64_t words[MNOS_IPC_WORDS] = {[1] = VFS_SET_OWNER, [3] = (uint32_t)b | (uint64_t)(uint32_t)c << 32};

    return file_only(a, VFS_FSETATTR, words, -PX_EINVAL);
}

enum flock { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8 };

PX_CALL(flock)
{
    uint64_t kind = (b & ~(long)LOCK_NB) == LOCK_SH   ? VFS_LOCK_SHARED
                    : (b & ~(long)LOCK_NB) == LOCK_EX ? VFS_LOCK_EXCLUSIVE
                                                      : VFS_LOCK_NONE;
    uint64_t words[MNOS_IPC_WORDS] = {kind | VFS_LOCK_FLOCK | ((b & LOCK_NB) != 0 ? 0 : VFS_LOCK_WAIT)};

    if (kind == VFS_LOCK_NONE && (b & ~(long)LOCK_NB) != LOCK_UN)
        return -PX_EINVAL;
    return file_only(a, VFS_LOCK, words, -PX_EINVAL);
}

/* A character device that nobody can say more about. */
static const struct px_stat plain_device = {.nlink = 1, .mode = VFS_S_CHAR | 0620, .blksize = 4096};

PX_CALL(fstat)
{
    const struct px_open *open = fd_get(&px.fds, a);
    uint64_t words[MNOS_IPC_WORDS] = {0};

    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE) {
        *(struct px_stat *)b = plain_device;
        return 0;
    }
    long result = px_file_call(open->handle, VFS_FSTAT, words);
    if (result < 0)
        return result;
    px_stat_of(words, (struct px_stat *)b);
    return 0;
}

PX_CALL(getdents64)
{
    const struct px_open *open = fd_get(&px.fds, a);
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)c};
    struct mnos_call_data data = {.recv = (void *)b, .recv_len = (size_t)c, .send_cap = MNOS_NONE};

    if (!open)
        return -PX_EBADF;
    return open->kind == POSIX_FD_FILE ? px_file_call_with(open->handle, VFS_GETDENTS, words, &data) : -PX_ENOTDIR;
}
