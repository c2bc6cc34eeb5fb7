/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, clocks and randomness of the host. */
#include "posix_backend.h"
#include "posix_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

uint16_t posix_error(int error)
{
    static const struct {
        int host;
        uint16_t wasi;
    } pairs[] = {
        {E2BIG, WASI_E2BIG},           {EACCES, WASI_EACCES},
        {EAGAIN, WASI_EAGAIN},         {EBADF, WASI_EBADF},
        {EBUSY, WASI_EBUSY},           {ECONNABORTED, WASI_ECONNABORTED},
        {ECONNRESET, WASI_ECONNRESET}, {EDQUOT, WASI_EDQUOT},
        {EEXIST, WASI_EEXIST},         {EFAULT, WASI_EFAULT},
        {EFBIG, WASI_EFBIG},           {EILSEQ, WASI_EILSEQ},
        {EINTR, WASI_EINTR},           {EINVAL, WASI_EINVAL},
        {EISDIR, WASI_EISDIR},         {ELOOP, WASI_ELOOP},
        {EMFILE, WASI_EMFILE},         {EMLINK, WASI_EMLINK},
        {EMSGSIZE, WASI_EMSGSIZE},     {ENAMETOOLONG, WASI_ENAMETOOLONG},
        {ENFILE, WASI_ENFILE},         {ENOBUFS, WASI_ENOBUFS},
        {ENODEV, WASI_ENODEV},         {ENOENT, WASI_ENOENT},
        {ENOMEM, WASI_ENOMEM},         {ENOSPC, WASI_ENOSPC},
        {ENOSYS, WASI_ENOSYS},         {ENOTCONN, WASI_ENOTCONN},
        {ENOTDIR, WASI_ENOTDIR},       {ENOTEMPTY, WASI_ENOTEMPTY},
        {ENOTSOCK, WASI_ENOTSOCK},     {EOPNOTSUPP, WASI_ENOTSUP},
        {ENXIO, WASI_ENXIO},           {EOVERFLOW, WASI_EOVERFLOW},
        {EPERM, WASI_EPERM},           {EPIPE, WASI_EPIPE},
        {EROFS, WASI_EROFS},           {ESPIPE, WASI_ESPIPE},
        {ETIMEDOUT, WASI_ETIMEDOUT},   {ETXTBSY, WASI_ETXTBSY},
        {EXDEV, WASI_EXDEV},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].host == error)
            return pairs[i].wasi;
    return WASI_EIO;
}

static void file_close(void *context, wasi_handle file)
{
    (void)context;
    if (file > STDERR_FILENO)
        close((int)file);
}

static int iovecs(const struct wasi_span *spans, size_t count, struct iovec out[64])
{
    if (count > 64)
        count = 64;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct iovec){spans[i].base, spans[i].length};
    return (int)count;
}

static uint16_t file_read(void *context, wasi_handle file, const struct wasi_span *to, size_t count, uint64_t offset,
                          size_t *done)
{
    struct iovec vector[64];
    int n = iovecs(to, count, vector);
    ssize_t got = offset == WASI_AT_CURSOR ? readv((int)file, vector, n) : preadv((int)file, vector, n, (off_t)offset);

    (void)context;
    *done = got < 0 ? 0 : (size_t)got;
    return posix_status(got < 0);
}

static uint16_t file_write(void *context, wasi_handle file, const struct wasi_span *from, size_t count, uint64_t offset,
                           size_t *done)
{
    struct iovec vector[64];
    int n = iovecs(from, count, vector);
    ssize_t put =
        offset == WASI_AT_CURSOR ? writev((int)file, vector, n) : pwritev((int)file, vector, n, (off_t)offset);

    (void)context;
    *done = put < 0 ? 0 : (size_t)put;
    return posix_status(put < 0);
}

static uint16_t file_seek(void *context, wasi_handle file, int64_t offset, enum wasi_whence whence, uint64_t *now)
{
    static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t at = lseek((int)file, offset, whences[whence]);

    (void)context;
    *now = (uint64_t)at;
    return posix_status(at < 0);
}

static uint8_t type_of(mode_t mode, int fd)
{
    int kind = SOCK_STREAM;
    socklen_t size = sizeof kind;

    if (S_ISSOCK(mode) && fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_DGRAM)
        return WASI_TYPE_DGRAM;
    return S_ISREG(mode)    ? WASI_TYPE_REGULAR
           : S_ISDIR(mode)  ? WASI_TYPE_DIRECTORY
           : S_ISLNK(mode)  ? WASI_TYPE_SYMLINK
           : S_ISCHR(mode)  ? WASI_TYPE_CHARACTER
           : S_ISBLK(mode)  ? WASI_TYPE_BLOCK
           : S_ISSOCK(mode) ? WASI_TYPE_STREAM
                            : WASI_TYPE_UNKNOWN;
}

static uint64_t nanoseconds(struct timespec t)
{
    return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void posix_stat(const struct stat *from, int fd, struct wasi_filestat *out)
{
    *out = (struct wasi_filestat){
        .dev = from->st_dev,
        .ino = from->st_ino,
        .nlink = from->st_nlink,
        .size = (uint64_t)from->st_size,
        .atim = nanoseconds(from->st_atim),
        .mtim = nanoseconds(from->st_mtim),
        .ctim = nanoseconds(from->st_ctim),
        .type = type_of(from->st_mode, fd),
    };
}

uint8_t posix_type(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) == 0 ? type_of(stat.st_mode, fd) : WASI_TYPE_UNKNOWN;
}

static uint16_t file_stat(void *context, wasi_handle file, struct wasi_filestat *out)
{
    struct stat stat;

    (void)context;
    if (fstat((int)file, &stat) != 0)
        return posix_error(errno);
    posix_stat(&stat, (int)file, out);
    return WASI_OK;
}

static uint16_t file_set_size(void *context, wasi_handle file, uint64_t size)
{
    (void)context;
    return posix_status(ftruncate((int)file, (off_t)size) != 0);
}

static struct timespec time_to_set(uint64_t ns, bool given, bool now)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
                             .tv_nsec = now     ? UTIME_NOW
                                        : given ? (long)(ns % 1000000000)
                                                : UTIME_OMIT};
}

void posix_times(uint64_t atim, uint64_t mtim, uint16_t flags, struct timespec times[2])
{
    times[0] = time_to_set(atim, (flags & WASI_FST_ATIM) != 0, (flags & WASI_FST_ATIM_NOW) != 0);
    times[1] = time_to_set(mtim, (flags & WASI_FST_MTIM) != 0, (flags & WASI_FST_MTIM_NOW) != 0);
}

static uint16_t file_set_times(void *context, wasi_handle file, uint64_t atim, uint64_t mtim, uint16_t flags)
{
    struct timespec times[2];

    (void)context;
    posix_times(atim, mtim, flags, times);
    return posix_status(futimens((int)file, times) != 0);
}

/* Linux changes O_APPEND and O_NONBLOCK of an open file and ignores the rest silently: that would be a lie. */
static uint16_t file_set_flags(void *context, wasi_handle file, uint16_t before, uint16_t fdflags)
{
    int flags = fcntl((int)file, F_GETFL);

    (void)context;
    if ((before ^ fdflags) & (WASI_FDFLAG_DSYNC | WASI_FDFLAG_RSYNC | WASI_FDFLAG_SYNC))
        return WASI_ENOTSUP;
    if (flags < 0)
        return posix_error(errno);
    flags &= ~(O_APPEND | O_NONBLOCK);
    flags |= (fdflags & WASI_FDFLAG_APPEND ? O_APPEND : 0) | (fdflags & WASI_FDFLAG_NONBLOCK ? O_NONBLOCK : 0);
    return posix_status(fcntl((int)file, F_SETFL, flags) != 0);
}

static uint16_t file_allocate(void *context, wasi_handle file, uint64_t offset, uint64_t length)
{
    int error = posix_fallocate((int)file, (off_t)offset, (off_t)length);

    (void)context;
    return error == 0 ? WASI_OK : posix_error(error);
}

static uint16_t file_advise(void *context, wasi_handle file, uint64_t offset, uint64_t length, uint8_t advice)
{
    static const int advices[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                  POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
    int error = posix_fadvise((int)file, (off_t)offset, (off_t)length, advices[advice]);

    (void)context;
    return error == 0 ? WASI_OK : posix_error(error);
}

static uint16_t file_sync(void *context, wasi_handle file, bool data_only)
{
    (void)context;
    return posix_status((data_only ? fdatasync((int)file) : fsync((int)file)) != 0);
}

static const clockid_t clocks[WASI_CLOCKS] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                              CLOCK_THREAD_CPUTIME_ID};

static uint16_t clock_resolution(void *context, enum wasi_clock clock, uint64_t *ns)
{
    struct timespec t;

    (void)context;
    if (clock_getres(clocks[clock], &t) != 0)
        return posix_error(errno);
    *ns = nanoseconds(t);
    return WASI_OK;
}

static uint16_t clock_time(void *context, enum wasi_clock clock, uint64_t *ns)
{
    struct timespec t;

    (void)context;
    if (clock_gettime(clocks[clock], &t) != 0)
        return posix_error(errno);
    *ns = nanoseconds(t);
    return WASI_OK;
}

static uint16_t random_fill(void *context, void *to, size_t length)
{
    uint8_t *at = to;

    (void)context;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return WASI_EIO;
        at += got;
        length -= (size_t)got;
    }
    return WASI_OK;
}

static void yield(void *context)
{
    (void)context;
    sched_yield();
}

static void poll_result(struct wasi_poll *entry, short revents)
{
    int bytes = 0;

    entry->ready = revents != 0;
    entry->hangup = (revents & POLLHUP) != 0;
    if (revents & POLLNVAL)
        entry->error = WASI_EBADF;
    else if (revents & POLLERR && !entry->write)
        entry->error = WASI_EIO;
    if (entry->ready && !entry->write && ioctl((int)entry->handle, FIONREAD, &bytes) == 0 && bytes > 0)
        entry->bytes = (uint64_t)bytes;
}

static uint16_t poll_wait(void *context, struct wasi_poll *entries, size_t count, uint64_t timeout)
{
    struct pollfd fds[256];
    struct timespec now, end;
    int got;

    (void)context;
    if (count > sizeof fds / sizeof fds[0])
        return WASI_EINVAL;
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = (int)entries[i].handle, .events = entries[i].write ? POLLOUT : POLLIN};
    clock_gettime(CLOCK_MONOTONIC, &now);
    /* No program waits for centuries; the sum must fit. */
    if (timeout != WASI_FOREVER && timeout > (uint64_t)1 << 62)
        timeout = (uint64_t)1 << 62;
    end.tv_sec = now.tv_sec + (time_t)(timeout / 1000000000);
    end.tv_nsec = now.tv_nsec + (long)(timeout % 1000000000);
    do {
        struct timespec left = {0};
        clock_gettime(CLOCK_MONOTONIC, &now);
        left.tv_sec = end.tv_sec - now.tv_sec;
        left.tv_nsec = end.tv_nsec - now.tv_nsec;
        for (; left.tv_nsec < 0; left.tv_nsec += 1000000000)
            left.tv_sec--;
        for (; left.tv_nsec >= 1000000000; left.tv_nsec -= 1000000000)
            left.tv_sec++;
        if (left.tv_sec < 0)
            left = (struct timespec){0};
        got = ppoll(fds, (nfds_t)count, timeout == WASI_FOREVER ? NULL : &left, NULL);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return posix_error(errno);
    for (size_t i = 0; i < count; i++)
        if (entries[i].handle != WASI_NO_HANDLE)
            poll_result(&entries[i], fds[i].revents);
    return WASI_OK;
}

static uint16_t sock_accept(void *context, wasi_handle socket, uint16_t fdflags, wasi_handle *out)
{
    int fd = accept4((int)socket, NULL, NULL, SOCK_CLOEXEC | (fdflags & WASI_FDFLAG_NONBLOCK ? SOCK_NONBLOCK : 0));

    (void)context;
    *out = fd;
    return posix_status(fd < 0);
}

static uint16_t sock_recv(void *context, wasi_handle socket, const struct wasi_span *to, size_t count, uint16_t flags,
                          size_t *done, bool *truncated)
{
    struct iovec vector[64];
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)iovecs(to, count, vector)};
    ssize_t got = recvmsg((int)socket, &message,
                          (flags & WASI_RECV_PEEK ? MSG_PEEK : 0) | (flags & WASI_RECV_WAITALL ? MSG_WAITALL : 0));

    (void)context;
    *done = got < 0 ? 0 : (size_t)got;
    *truncated = got >= 0 && (message.msg_flags & MSG_TRUNC) != 0;
    return posix_status(got < 0);
}

static uint16_t sock_send(void *context, wasi_handle socket, const struct wasi_span *from, size_t count, size_t *done)
{
    struct iovec vector[64];
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)iovecs(from, count, vector)};
    ssize_t put = sendmsg((int)socket, &message, MSG_NOSIGNAL);

    (void)context;
    *done = put < 0 ? 0 : (size_t)put;
    return posix_status(put < 0);
}

static uint16_t sock_shutdown(void *context, wasi_handle socket, uint8_t how)
{
    (void)context;
    return posix_status(shutdown((int)socket, how == WASI_SHUT_RD   ? SHUT_RD
                                              : how == WASI_SHUT_WR ? SHUT_WR
                                                                    : SHUT_RDWR) != 0);
}

const struct wasi_backend *posix_backend(void)
{
    static const struct wasi_backend backend = {
        .close = file_close,
        .read = file_read,
        .write = file_write,
        .seek = file_seek,
        .stat = file_stat,
        .set_size = file_set_size,
        .set_times = file_set_times,
        .set_flags = file_set_flags,
        .allocate = file_allocate,
        .advise = file_advise,
        .sync = file_sync,
        .readdir = posix_readdir,
        .walk = posix_walk,
        .open = posix_open,
        .stat_at = posix_stat_at,
        .set_times_at = posix_set_times_at,
        .readlink = posix_readlink,
        .mkdir = posix_mkdir,
        .rmdir = posix_rmdir,
        .unlink = posix_unlink,
        .link = posix_link,
        .rename = posix_rename,
        .symlink = posix_symlink,
        .clock_resolution = clock_resolution,
        .clock_time = clock_time,
        .random = random_fill,
        .yield = yield,
        .poll = poll_wait,
        .sock_accept = sock_accept,
        .sock_recv = sock_recv,
        .sock_send = sock_send,
        .sock_shutdown = sock_shutdown,
    };

    return &backend;
}
