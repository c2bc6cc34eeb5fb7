/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl: terminals, and how much there is to read. */
#include <str.h>

#include "file.h"

enum request {
    TCGETS = 0x5401,
    TCSETS = 0x5402,
    TCSETSW = 0x5403,
    TCSETSF = 0x5404,
    TCXONC = 0x540a,
    TCFLSH = 0x540b,
    TIOCGPGRP = 0x540f,
    TIOCSPGRP = 0x5410,
    TIOCGWINSZ = 0x5413,
    TIOCSWINSZ = 0x5414,
    FIONREAD = 0x541b,
    FIONBIO = 0x5421,
    TIOCGSID = 0x5429
};

/* What TCFLSH and TCXONC say with 0, 1, 2 and 0 to 3. */
enum { TCIOFLUSH = 2, TCOON = 1 };

static long plain(const struct px_open *open, uint64_t label, uint64_t word)
{
    uint64_t words[MNOS_IPC_WORDS] = {word};
    long result = px_file_call(open->handle, label, words);

    return result < 0 ? result : 0;
}

static long termios_get(const struct px_open *open, struct vfs_termios *out)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};
    struct mnos_call_data data = {.recv = out, .recv_len = sizeof *out, .send_cap = MNOS_NONE};
    long result = px_file_call_with(open->handle, VFS_TTY_GET, words, &data);

    return result < 0 ? result : 0;
}

static long termios_set(const struct px_open *open, uint64_t when, const struct vfs_termios *in)
{
    uint64_t words[MNOS_IPC_WORDS] = {when};
    struct mnos_call_data data = {.send = in, .send_len = sizeof *in, .send_cap = MNOS_NONE};
    long result = px_file_call_with(open->handle, VFS_TTY_SET, words, &data);

    return result < 0 ? result : 0;
}

/* The four halves of struct winsize are the word's. */
static long size_get(const struct px_open *open, void *out)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};
    long result = px_file_call(open->handle, VFS_TTY_SIZE, words);

    if (result < 0)
        return result;
    memcpy(out, words, sizeof words[0]);
    return 0;
}

static long size_set(const struct px_open *open, const void *in)
{
    uint64_t word;

    memcpy(&word, in, sizeof word);
    return plain(open, VFS_TTY_SET_SIZE, word);
}

static long group_get(const struct px_open *open, unsigned which, int32_t *out)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};
    long result = px_file_call(open->handle, VFS_TTY_GROUP, words);

    if (result < 0)
        return result;
    *out = (int32_t)words[which];
    return 0;
}

static long readable(const struct px_open *open, int32_t *out)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};
    long result = px_file_call(open->handle, VFS_READABLE, words);

    if (result < 0)
        return result;
    *out = result < INT32_MAX ? (int32_t)result : INT32_MAX;
    return 0;
}

static long nonblock(const struct px_open *open, bool on)
{
    uint64_t words[MNOS_IPC_WORDS] = {VFS_O_NONBLOCK, on ? VFS_O_NONBLOCK : 0};
    long result = px_file_call(open->handle, VFS_FLAGS, words);

    return result < 0 ? result : 0;
}

/* ioctl(fd, request, argument) */
PX_CALL(ioctl)
{
    const struct px_open *open = fd_get(&px.fds, a);

    if (!open)
        return -PX_EBADF;
    if (open->kind != POSIX_FD_FILE)
        return -PX_ENOTTY;
    switch (b) {
    case TCGETS:
        return termios_get(open, (struct vfs_termios *)c);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return termios_set(open, (uint64_t)(b - TCSETS), (const struct vfs_termios *)c);
    case TCXONC:
        return c == 0 || c == TCOON ? plain(open, VFS_TTY_FLOW, (uint64_t)c) : -PX_EINVAL;
    case TCFLSH:
        return c >= 0 && c <= TCIOFLUSH ? plain(open, VFS_TTY_CLEAR, (uint64_t)c + 1) : -PX_EINVAL;
    case TIOCGWINSZ:
        return size_get(open, (void *)c);
    case TIOCSWINSZ:
        return size_set(open, (const void *)c);
    case TIOCGPGRP:
        return group_get(open, 1, (int32_t *)c);
    case TIOCGSID:
        return group_get(open, 0, (int32_t *)c);
    case FIONREAD:
        return readable(open, (int32_t *)c);
    case FIONBIO:
        return nonblock(open, *(const int32_t *)c != 0);
    default:
        return -PX_ENOTTY;
    }
}
