/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on a name in a directory.  The caller passes single components; every flag says not to follow links. */
#include "posix_internal.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What getdents64 writes. */
struct kernel_dirent {
    uint64_t ino;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

static uint8_t entry_type(uint8_t type)
{
    return type == DT_REG    ? WASI_TYPE_REGULAR
           : type == DT_DIR  ? WASI_TYPE_DIRECTORY
           : type == DT_LNK  ? WASI_TYPE_SYMLINK
           : type == DT_CHR  ? WASI_TYPE_CHARACTER
           : type == DT_BLK  ? WASI_TYPE_BLOCK
           : type == DT_SOCK ? WASI_TYPE_STREAM
                             : WASI_TYPE_UNKNOWN;
}

static void entry_take(struct wasi_entry *to, const struct kernel_dirent *from)
{
    size_t length = strnlen(from->name, WASI_NAME_MAX);

    /* The number of what lies above a granted directory is nobody's business. */
    to->ino = strcmp(from->name, "..") == 0 ? 0 : from->ino;
    to->next = (uint64_t)from->next;
    to->type = entry_type(from->type);
    to->name_length = (uint8_t)length;
    memcpy(to->name, from->name, length);
}

uint16_t posix_readdir(void *context, wasi_handle dir, uint64_t cookie, struct wasi_entry *entries, size_t max,
                       size_t *count)
{
    _Alignas(struct kernel_dirent) char buffer[2048];
    long got, at = 0;

    (void)context;
    *count = 0;
    if (lseek((int)dir, (off_t)cookie, SEEK_SET) < 0)
        return posix_error(errno);
    got = syscall(SYS_getdents64, (int)dir, buffer, sizeof buffer);
    if (got < 0)
        return posix_error(errno);
    while (at < got && *count < max) {
        const struct kernel_dirent *entry = (const struct kernel_dirent *)(const void *)(buffer + at);
        entry_take(&entries[(*count)++], entry);
        at += entry->length;
    }
    return WASI_OK;
}

uint16_t posix_walk(void *context, wasi_handle dir, const char *name, wasi_handle *out)
{
    int fd = openat((int)dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    (void)context;
    *out = fd;
    return posix_status(fd < 0);
}

uint16_t posix_open(void *context, wasi_handle dir, const char *name, const struct wasi_open *how, wasi_handle *out)
{
    int flags = O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, fd;

    (void)context;
    flags |= how->write ? (how->read ? O_RDWR : O_WRONLY) : O_RDONLY;
    flags |= (how->oflags & WASI_OFLAG_CREAT ? O_CREAT : 0) | (how->oflags & WASI_OFLAG_EXCL ? O_EXCL : 0) |
             (how->oflags & WASI_OFLAG_TRUNC ? O_TRUNC : 0) | (how->oflags & WASI_OFLAG_DIRECTORY ? O_DIRECTORY : 0);
    flags |= (how->fdflags & WASI_FDFLAG_APPEND ? O_APPEND : 0) |
             (how->fdflags & WASI_FDFLAG_NONBLOCK ? O_NONBLOCK : 0) |
             (how->fdflags & (WASI_FDFLAG_SYNC | WASI_FDFLAG_RSYNC) ? O_SYNC : 0) |
             (how->fdflags & WASI_FDFLAG_DSYNC ? O_DSYNC : 0);
    fd = openat((int)dir, name, flags, 0666);
    *out = fd;
    /* Asked for a directory, Linux calls a link none. */
    return posix_status(fd < 0);
}

uint16_t posix_stat_at(void *context, wasi_handle dir, const char *name, struct wasi_filestat *out)
{
    struct stat stat;

    (void)context;
    if (fstatat((int)dir, name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return posix_error(errno);
    posix_stat(&stat, -1, out);
    return WASI_OK;
}

uint16_t posix_set_times_at(void *context, wasi_handle dir, const char *name, uint64_t atim, uint64_t mtim,
                            uint16_t flags)
{
    struct timespec times[2];

    (void)context;
    posix_times(atim, mtim, flags, times);
    return posix_status(utimensat((int)dir, name, times, AT_SYMLINK_NOFOLLOW) != 0);
}

uint16_t posix_readlink(void *context, wasi_handle dir, const char *name, char *to, size_t size, size_t *length)
{
    char whole[4096];
    ssize_t got = readlinkat((int)dir, name, whole, sizeof whole);

    (void)context;
    if (got < 0)
        return posix_error(errno);
    *length = (size_t)got < size ? (size_t)got : size;
    memcpy(to, whole, *length);
    return WASI_OK;
}

uint16_t posix_mkdir(void *context, wasi_handle dir, const char *name)
{
    (void)context;
    return posix_status(mkdirat((int)dir, name, 0777) != 0);
}

uint16_t posix_rmdir(void *context, wasi_handle dir, const char *name)
{
    (void)context;
    return posix_status(unlinkat((int)dir, name, AT_REMOVEDIR) != 0);
}

uint16_t posix_unlink(void *context, wasi_handle dir, const char *name)
{
    (void)context;
    return posix_status(unlinkat((int)dir, name, 0) != 0);
}

uint16_t posix_link(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name)
{
    (void)context;
    return posix_status(linkat((int)from, name, (int)to, new_name, 0) != 0);
}

uint16_t posix_rename(void *context, wasi_handle from, const char *name, wasi_handle to, const char *new_name)
{
    (void)context;
    return posix_status(renameat((int)from, name, (int)to, new_name) != 0);
}

uint16_t posix_symlink(void *context, const char *target, wasi_handle dir, const char *name)
{
    (void)context;
    return posix_status(symlinkat(target, (int)dir, name) != 0);
}
