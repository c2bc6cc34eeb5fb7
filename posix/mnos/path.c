/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls with a path.  Each is one round trip on the process's root: the directory that a relative path begins at travels as its
 * number.  Only a directory that does not lie below the root has to be asked itself, which the answer STALE tells.
 */
#include <mnos/calls.h>
#include <str.h>

#include "fd.h"
#include "file.h"
#include "path.h"

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR        0x200 /* faccessat: AT_EACCESS */
#define AT_SYMLINK_FOLLOW   0x400
#define AT_EMPTY_PATH       0x1000
#define O_CLOEXEC           02000000
#define O_PASSED                                                                                                       \
    (VFS_O_ACCESS | VFS_O_CREATE | VFS_O_EXCLUSIVE | VFS_O_NOCTTY | VFS_O_TRUNCATE | VFS_O_APPEND | VFS_O_NONBLOCK |   \
     VFS_O_DIRECTORY | VFS_O_NOFOLLOW | VFS_O_PATH)

/* In place of the working directory, while px_open_from opens. */
static __thread const struct px_place *other_cwd;

static long place_of(long dirfd, const char *path, struct px_place *out)
{
    if (px.root == MNOS_NONE)
        return -PX_ENOENT;
    *out = (struct px_place){0, px.root};
    if (path[0] == '/')
        return 0;
    if ((int)dirfd == AT_FDCWD) {
        *out = other_cwd ? *other_cwd : (struct px_place){px.cwd_number, px.cwd};
        return 0;
    }
    const struct px_open *open = fd_get(&px.fds, (int)dirfd);
    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE)
        return -PX_ENOTDIR;
    *out = (struct px_place){open->number, open->handle};
    return (open->mode & VFS_S_TYPE) == VFS_S_DIRECTORY || path[0] == '\0' ? 0 : -PX_ENOTDIR;
}

/*
 * A short path travels in the words of the message, and the server need not fetch it.  An OPEN that creates needs the words.
 */
static uint64_t path_place(uint64_t label, const char *path, uint64_t words[MNOS_IPC_WORDS],
                           struct mnos_call_data *data)
{
    data->send = path;
    data->send_len = strlen(path);
    data->send_cap = MNOS_NONE;
    words[7] = data->send_len;
    if (data->send_len > VFS_PATH_FEW || (label != VFS_STAT && (label != VFS_OPEN || (words[1] & VFS_O_CREATE) != 0)))
        return label;
    memcpy(&words[2], path, data->send_len);
    data->send_len = 0;
    return label == VFS_STAT ? VFS_STAT_FEW : VFS_OPEN_FEW;
}

/* words[0] is filled in here.  The answer's word 0, or a negated errno. */
static long path_call(uint64_t label, long dirfd, const char *path, uint64_t words[MNOS_IPC_WORDS],
                      struct mnos_call_data *data)
{
    struct mnos_call_data none = {0};
    uint64_t again[MNOS_IPC_WORDS];
    struct px_place place;
    long error = place_of(dirfd, path, &place);

    if (error)
        return error;
    data = data ? data : &none;
    label = path_place(label, path, words, data);
    words[0] = place.start;
    memcpy(again, words, sizeof again);
    long result = px_file_call_with(px.root, label, words, data);
    if (result != -VFS_E_STALE || place.start == 0)
        return result;
    memcpy(words, again, sizeof again);
    words[0] = 0;
    return px_file_call_with(place.own, label, words, data);
}

static long done(long result)
{
    return result < 0 ? result : 0;
}

static uint64_t owner(void)
{
    return px.uid | (uint64_t)px.gid << 32;
}

static uint64_t mode_of(long mode)
{
    return (uint64_t)mode & 07777 & ~(uint64_t)px.umask;
}

static long file_open(long dirfd, const char *path, long flags, long mode, struct px_open *out, uint64_t *size)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, (uint64_t)flags & O_PASSED, mode_of(mode), owner()};
    struct mnos_call_data data = {.recv_caps = 1};
    long result = path_call(VFS_OPEN, dirfd, path, words, &data);

    if (result < 0)
        return result;
    if (data.recv_cap[0] == MNOS_NONE)
        return -PX_EMFILE; /* the table of capabilities is full */
    *out = (struct px_open){.handle = data.recv_cap[0],
                            .token = words[VFS_OPEN_TOKEN],
                            .number = words[VFS_OPEN_NUMBER],
                            .mode = (uint32_t)words[VFS_OPEN_MODE],
                            .kind = POSIX_FD_FILE};
    if (size)
        *size = words[VFS_OPEN_SIZE];
    return 0;
}

long px_open_from(const struct px_place *cwd, const char *path, long flags, long mode, struct px_open *out,
                  uint64_t *size)
{
    other_cwd = cwd;
    long result = file_open(AT_FDCWD, path, flags, mode, out, size);
    other_cwd = NULL;
    return result;
}

/* openat(dirfd, path, flags, mode) */
PX_CALL(openat)
{
    struct px_open open;
    long result = file_open(a, (const char *)b, c, d, &open, NULL);

    return result < 0 ? result : px_fd_new(&open, (c & O_CLOEXEC) != 0);
}

PX_CALL(open)
{
    return px_openat(AT_FDCWD, a, b, c, 0, 0);
}

/* newfstatat(dirfd, path, out, flags) */
PX_CALL(newfstatat)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, (uint64_t)d & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)};
    const char *path = (const char *)b;

    if ((d & AT_EMPTY_PATH) != 0 && path[0] == '\0' && (int)a != AT_FDCWD)
        return px_fstat(a, c, 0, 0, 0, 0);
    long result = path_call(VFS_STAT, a, path, words, NULL);
    if (result < 0)
        return result;
    px_stat_of(words, (struct px_stat *)c);
    return 0;
}

PX_CALL(stat)
{
    return px_newfstatat(AT_FDCWD, a, b, 0, 0, 0);
}

PX_CALL(lstat)
{
    return px_newfstatat(AT_FDCWD, a, b, AT_SYMLINK_NOFOLLOW, 0, 0);
}

enum access { X_OK = 1, W_OK = 2, R_OK = 4 };

/* User 0 may do everything but execute what nobody may. */
static bool may(const struct px_stat *st, uint32_t wanted)
{
    uint32_t bits = px.uid == st->uid ? st->mode >> 6 : px.gid == st->gid ? st->mode >> 3 : st->mode;

    if (px.uid == 0)
        bits = R_OK | W_OK | ((st->mode & 0111) != 0 || (st->mode & VFS_S_TYPE) == VFS_S_DIRECTORY ? X_OK : 0);
    return (wanted & ~bits & 7) == 0;
}

/* faccessat2(dirfd, path, mode, flags): real and effective ids are the same. */
PX_CALL(faccessat2)
{
    struct px_stat st;

    if ((c & ~7l) != 0 || (d & ~(long)(AT_SYMLINK_NOFOLLOW | AT_REMOVEDIR | AT_EMPTY_PATH)) != 0)
        return -PX_EINVAL;
    long result = px_newfstatat(a, b, (long)&st, d & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH), 0, 0);
    if (result < 0)
        return result;
    return may(&st, (uint32_t)c) ? 0 : -PX_EACCES;
}

PX_CALL(faccessat)
{
    return px_faccessat2(a, b, c, 0, 0, 0);
}

PX_CALL(access)
{
    return px_faccessat2(AT_FDCWD, a, b, 0, 0, 0);
}

/* readlinkat(dirfd, path, buffer, size) */
PX_CALL(readlinkat)
{
    uint64_t words[MNOS_IPC_WORDS] = {[6] = (uint64_t)d};
    struct mnos_call_data data = {.recv = (void *)c, .recv_len = (size_t)d};

    if (d <= 0)
        return -PX_EINVAL;
    long length = path_call(VFS_READLINK, a, (const char *)b, words, &data);
    return length < d ? length : d;
}

PX_CALL(readlink)
{
    return px_readlinkat(AT_FDCWD, a, b, c, 0, 0);
}

PX_CALL(mkdirat)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, 0, mode_of(c), owner()};

    return done(path_call(VFS_MKDIR, a, (const char *)b, words, NULL));
}

PX_CALL(mkdir)
{
    return px_mkdirat(AT_FDCWD, a, b, 0, 0, 0);
}

PX_CALL(unlinkat)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, (uint64_t)c};

    if ((c & ~(long)AT_REMOVEDIR) != 0)
        return -PX_EINVAL;
    return done(path_call(VFS_UNLINK, a, (const char *)b, words, NULL));
}

PX_CALL(unlink)
{
    return px_unlinkat(AT_FDCWD, a, 0, 0, 0, 0);
}

PX_CALL(rmdir)
{
    return px_unlinkat(AT_FDCWD, a, AT_REMOVEDIR, 0, 0, 0);
}

/* Two paths travel one after the other; both directories by number. */
static long two_paths(uint64_t label, const struct px_place place[2], const char *first, const char *second,
                      uint64_t words[MNOS_IPC_WORDS])
{
    char both[2 * (VFS_PATH_MAX + 1)];
    size_t a = strlen(first), b = strlen(second);
    struct mnos_call_data data = {.send = both, .send_len = a + b, .send_cap = MNOS_NONE};

    if (a > VFS_PATH_MAX || b > VFS_PATH_MAX)
        return -PX_ENAMETOOLONG;
    memcpy(both, first, a);
    memcpy(both + a, second, b);
    words[0] = place[0].start;
    words[1] = a;
    words[7] = a + b;
    return done(px_file_call_with(px.root, label, words, &data));
}

static long two_names(uint64_t label, long dirfd1, const char *first, long dirfd2, const char *second, uint64_t flags)
{
    struct px_place place[2];
    long error = place_of(dirfd1, first, &place[0]);

    if (!error)
        error = place_of(dirfd2, second, &place[1]);
    if (error)
        return error;
    uint64_t words[MNOS_IPC_WORDS] = {0, 0, place[1].start, flags};
    return two_paths(label, place, first, second, words);
}

PX_CALL(renameat)
{
    return two_names(VFS_RENAME, a, (const char *)b, c, (const char *)d, 0);
}

PX_CALL(rename)
{
    return px_renameat(AT_FDCWD, a, AT_FDCWD, b, 0, 0);
}

PX_CALL(linkat)
{
    if ((e & ~(long)AT_SYMLINK_FOLLOW) != 0)
        return -PX_EINVAL;
    return two_names(VFS_LINK, a, (const char *)b, c, (const char *)d, e != 0 ? 0 : VFS_NOFOLLOW);
}

PX_CALL(link)
{
    return px_linkat(AT_FDCWD, a, AT_FDCWD, b, 0, 0);
}

/* symlinkat(content, dirfd, path) */
PX_CALL(symlinkat)
{
    struct px_place place[2];
    const char *content = (const char *)a, *path = (const char *)c;
    long error = place_of(b, path, &place[0]);
    uint64_t words[MNOS_IPC_WORDS] = {0, 0, 0, owner()};

    if (error)
        return error;
    return content[0] == '\0' ? -PX_ENOENT : two_paths(VFS_SYMLINK, place, path, content, words);
}

PX_CALL(symlink)
{
    return px_symlinkat(a, AT_FDCWD, b, 0, 0, 0);
}

static long attr_set(long dirfd, long path, uint64_t what, uint64_t mode, uint64_t new_owner, uint64_t size)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, what, mode, new_owner, size};

    return done(path_call(VFS_SETATTR, dirfd, (const char *)path, words, NULL));
}

PX_CALL(fchmodat)
{
    return attr_set(a, b, VFS_SET_MODE, (uint64_t)c & 07777, 0, 0);
}

PX_CALL(chmod)
{
    return px_fchmodat(AT_FDCWD, a, b, 0, 0, 0);
}

PX_CALL(fchownat)
{
    uint64_t flags = (uint64_t)e & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);

    return attr_set(a, b, VFS_SET_OWNER | flags, 0, (uint32_t)c | (uint64_t)(uint32_t)d << 32, 0);
}

PX_CALL(chown)
{
    return px_fchownat(AT_FDCWD, a, b, c, 0, 0);
}

PX_CALL(lchown)
{
    return px_fchownat(AT_FDCWD, a, b, c, AT_SYMLINK_NOFOLLOW, 0);
}

PX_CALL(truncate)
{
    return b < 0 ? -PX_EINVAL : attr_set(AT_FDCWD, a, VFS_SET_SIZE, 0, 0, (uint64_t)b);
}

#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

/* What to do about one of the two times; false: it is none. */
static bool time_word(const struct px_timespec *t, uint64_t set, uint64_t set_now, uint64_t *flags, uint64_t *word)
{
    if (!t || t->nsec == UTIME_NOW) {
        *flags |= set_now;
        return true;
    }
    if (t->nsec == UTIME_OMIT)
        return true;
    if (t->nsec < 0 || t->nsec >= (int64_t)PX_NS)
        return false;
    *flags |= set;
    *word = (uint64_t)(t->sec * (int64_t)PX_NS + t->nsec);
    return true;
}

/* utimensat(dirfd, path or NULL, times or NULL, flags) */
PX_CALL(utimensat)
{
    const struct px_timespec *times = (const struct px_timespec *)c;
    uint64_t words[MNOS_IPC_WORDS] = {0, (uint64_t)d & AT_SYMLINK_NOFOLLOW};

    if (!time_word(times, VFS_SET_ATIME, VFS_SET_ATIME_NOW, &words[1], &words[5]) ||
        !time_word(times ? times + 1 : NULL, VFS_SET_MTIME, VFS_SET_MTIME_NOW, &words[1], &words[6]))
        return -PX_EINVAL;
    if (b != 0)
        return done(path_call(VFS_SETATTR, a, (const char *)b, words, NULL));
    const struct px_open *open = fd_get(&px.fds, a);
    if (!open)
        return -PX_EBADF;
    return open->kind == POSIX_FD_FILE ? done(px_file_call(open->handle, VFS_FSETATTR, words)) : -PX_EINVAL;
}

PX_CALL(umask)
{
    uint32_t old = px.umask;

    px.umask = (uint32_t)a & 0777;
    return (long)old;
}

/* getcwd(buffer, size): bytes with the NUL. */
PX_CALL(getcwd)
{
    uint64_t words[MNOS_IPC_WORDS] = {px.cwd_number, [6] = (uint64_t)b};
    struct mnos_call_data data = {.recv = (void *)a, .recv_len = (size_t)b, .send_cap = MNOS_NONE};

    if (px.root == MNOS_NONE)
        return -PX_ENOENT;
    long length = px_file_call_with(px.root, VFS_GETPATH, words, &data);
    if (length < 0)
        return length;
    if (length >= b)
        return -PX_ERANGE;
    ((char *)a)[length] = '\0';
    return length + 1;
}

/* The process's own from now on. */
static void cwd_set(mnos_handle_t directory, uint64_t number)
{
    mutex_lock(&px.fd_lock);
    mnos_handle_t old = px.cwd;
    px.cwd = directory;
    px.cwd_number = number;
    mutex_unlock(&px.fd_lock);
    if (old != px.root && old != MNOS_NONE)
        mnos_cap_delete(old);
}

PX_CALL(chdir)
{
    uint64_t words[MNOS_IPC_WORDS] = {0, VFS_O_PATH | VFS_O_DIRECTORY};
    struct mnos_call_data data = {.recv_caps = 1};
    long result = path_call(VFS_OPEN, AT_FDCWD, (const char *)a, words, &data);

    if (result < 0)
        return result;
    if (data.recv_cap[0] == MNOS_NONE)
        return -PX_EMFILE;
    cwd_set(data.recv_cap[0], words[VFS_OPEN_NUMBER]);
    return 0;
}

PX_CALL(fchdir)
{
    const struct px_open *open = fd_get(&px.fds, a);

    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE || (open->mode & VFS_S_TYPE) != VFS_S_DIRECTORY)
        return -PX_ENOTDIR;
    int64_t copy = mnos_cap_create(MNOS_CREATE_MINT, open->handle, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0, 0);
    if (copy < 0)
        return px_result(copy);
    cwd_set((mnos_handle_t)copy, open->number);
    return 0;
}
