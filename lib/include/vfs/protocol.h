/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file protocol: what the holder of a capability to the file server may ask.  docs/vfs.md explains.
 *
 * Capabilities.  Each is a badged endpoint capability; the badge says what it stands for:
 *   description  an open file, directory, pipe end, terminal, ...: position, flags, and what it is open on.  It is shared by
 *                all copies of the capability, and ends when the last copy is gone: there is no close.
 *   service      as init gives it to the services whose manifest entry lists the name "vfs".  It is used like a
 *                description of the root of the whole tree, and may besides mount and unmount.
 *
 * Paths.  A call with a path is made on a directory (a description or service capability), which is the root of its
 * world: an absolute path, an absolute symbolic link and ".." at it go no higher.  Relative paths begin at `start`: 0 for
 * that directory itself, or the number of a directory (word 0 of the answer to OPEN) that lies somewhere below it; a number
 * that does not gives STALE, and the caller then makes the call on the capability of that directory itself.  So a process
 * holds its root, its working directory's number and capability, and for openat the number and capability of the
 * directory: each call is one round trip on the root, and nobody gains anything from a number that he made up.
 *
 * Bytes.  Path bytes are the call's send buffer, without a NUL, and word 7 says how many they are; two paths are one after
 * the other and `first` is the length of the first.  An empty path is NOT_FOUND unless VFS_EMPTY_PATH.  What is written is
 * the send buffer, what is read comes into the receive buffer, copied once; a buffer that cannot be used is FAULT, and
 * nothing happened.  A copy that stops at a page which a pager has to supply is a short count, with 1 in word 1 of the answer to
 * READ and WRITE: the caller touches the page and goes on.
 *
 * Answers.  The label is an enum vfs_status.  With another label than 0 nothing has changed, and no capability came.
 * A call on a badge that the server does not know (it was restarted) is STALE.
 *
 * Sending capabilities.  A call that brings one may be answered with RETRY, having done nothing: it is to be made again.
 *
 * Waiting.  READ, WRITE, ACCEPT, LOCK and OPEN (of a FIFO) may wait.  A cancelled call (an upcall, a deadline) is answered with
 * what it has done, or with INTERRUPTED if that is nothing; no byte is lost or comes twice.
 */
#ifndef VFS_PROTOCOL_H
#define VFS_PROTOCOL_H

#include <stdint.h>
#include <vfs/status.h>

#define VFS_NAME_MAX  255u
#define VFS_PATH_MAX  4095u /* bytes without a NUL */
#define VFS_LINKS_MAX 40u   /* symbolic links followed on one way */

#define VFS_SERVICE_NAME "vfs" /* in init's directory */

/* X(label, NAME, words and answer): what is not named is 0. */
/* A path on a directory. */
#define VFS_PATH_CALLS(X)                                                                                              \
    X(0x5601, OPEN,                                                                                                    \
      "start, VFS_O_*, permission bits if it is created, owner; answer: the description, enum vfs_open_word")          \
    X(0x5602, STAT, "start, VFS_NOFOLLOW | VFS_EMPTY_PATH; answer: struct vfs_attr in the words")                      \
    X(0x5614, STAT_FEW, "STAT with a path of at most VFS_PATH_FEW bytes, in words 2 to 6: no buffers")                 \
    X(0x5615, OPEN_FEW, "OPEN without VFS_O_CREATE, with such a path: no send buffer")                                 \
    X(0x5616, SOCKET, "VFS_SOCKET_STREAM, VFS_O_NONBLOCK; answer: the description, and its token")                     \
    X(0x5617, SOCKETPAIR, "VFS_SOCKET_STREAM, VFS_O_NONBLOCK; answer: both ends, and their tokens")                    \
    X(0x5618, BIND, "start, token of the socket, permission bits, owner: makes the name")                              \
    X(0x5619, CONNECT, "start, token of the socket")                                                                   \
    X(0x5603, SETATTR, "start, VFS_NOFOLLOW | VFS_EMPTY_PATH | VFS_SET_*, mode, owner, size, atime, mtime")            \
    X(0x5604, READLINK,                                                                                                \
      "start, VFS_EMPTY_PATH; word 6: room; answer: its length, and as many bytes as there is room for")               \
    X(0x5605, MKNOD, "start, 0, type (VFS_S_FIFO, _SOCKET, _FILE) and permission bits, owner")                         \
    X(0x5606, MKDIR, "start, 0, permission bits, owner")                                                               \
    X(0x5607, SYMLINK, "start, first, 0, owner; bytes: path of the link, then its content")                            \
    X(0x5608, LINK, "start of the old, first, start of the new, VFS_NOFOLLOW")                                         \
    X(0x5609, UNLINK, "start, VFS_REMOVE_DIR")                                                                         \
    X(0x560a, RENAME, "start of the old, first, start of the new, VFS_NO_REPLACE | VFS_EXCHANGE")                      \
    X(0x560b, GETPATH,                                                                                                 \
      "start; word 6: room; answer: length, and the absolute path of that directory as seen from this root")           \
    X(0x560c, STATFS, "start, VFS_EMPTY_PATH; answer: enum vfs_statfs_word")                                           \
    X(0x560d, PIPE, "0, VFS_O_NONBLOCK; answer: the reading and the writing end, and their tokens")                    \
    X(0x560e, EVENTFD, "first count, VFS_O_NONBLOCK | VFS_EVENT_ONE; answer: the description, and its token")          \
    X(0x560f, MOUNT,                                                                                                   \
      "start, first, VFS_MOUNT_*; bytes: path of a directory, then the file system's name; service only")              \
    X(0x5610, UNMOUNT, "start; service only")                                                                          \
    X(0x5611, POLL, "on a bell, or any description: entries, bits to set; below")                                      \
    X(0x5612, DISARM, "on a bell")                                                                                     \
    X(0x5613, BELL, "a notification is sent along; answer: a bell: a capability to POLL on")
/* A description. */
#define VFS_FILE_CALLS(X)                                                                                              \
    X(0x5621, READ, "bytes, offset or VFS_HERE, VFS_DONT_WAIT; answer: how many, and the bytes")                       \
    X(0x5622, READ_FEW, "the same with at most VFS_READ_FEW_MAX bytes, which come in words 1 to 7")                    \
    X(0x5623, WRITE, "bytes, offset or VFS_HERE, VFS_DONT_WAIT; answer: bytes taken")                                  \
    X(0x5624, WRITE_FEW, "the same with at most VFS_WRITE_FEW_MAX bytes, in words 3 to 7")                             \
    X(0x5625, SEEK, "offset (signed), VFS_SEEK_*; answer: the new position")                                           \
    X(0x5626, FSTAT, "answer: struct vfs_attr in the words")                                                           \
    X(0x5627, FSETATTR, "0, VFS_SET_*, mode, owner, size, atime, mtime")                                               \
    X(0x5628, GETDENTS, "room; answer: bytes, and struct vfs_dirent each; 0 at the end")                               \
    X(0x5629, FLAGS, "mask of VFS_O_APPEND | VFS_O_NONBLOCK, new values; answer: VFS_O_* now, st_mode, token")         \
    X(0x562a, SYNC, "")                                                                                                \
    X(0x562b, ALLOCATE, "offset, bytes: there is room for them, and the file is at least as long")                     \
    X(0x562c, LOCK,                                                                                                    \
      "VFS_LOCK_*, start, length (0: to the end), owner; answer to TEST: the same of the lock in the way")             \
    X(0x562d, FSTATFS, "answer: enum vfs_statfs_word")                                                                 \
    X(0x562e, MAP, "offset, bytes, VFS_MAP_*; answer: a Memory, and where in it the offset lies")                      \
    X(0x5630, LISTEN, "most connections that wait")                                                                    \
    X(0x5631, ACCEPT, "0, VFS_O_NONBLOCK of the new one, VFS_DONT_WAIT; answer: the description, and its token")       \
    X(0x5632, SHUTDOWN, "VFS_SHUT_READ | VFS_SHUT_WRITE")                                                              \
    X(0x562f, READABLE, "answer: bytes that a READ would give now")
/* A terminal (docs/vfs.md); TTY_SET_GROUP and TTY_SIGNAL are on the service capability. */
#define VFS_TTY_CALLS(X)                                                                                               \
    X(0x5641, TTY_GET, "answer: struct vfs_termios in the receive buffer")                                             \
    X(0x5642, TTY_SET, "VFS_TTY_NOW, _DRAIN or _FLUSH; bytes: struct vfs_termios")                                     \
    X(0x5643, TTY_SIZE, "answer: rows | columns << 16 | x pixels << 32 | y pixels << 48")                              \
    X(0x5644, TTY_SET_SIZE, "as above")                                                                                \
    X(0x5645, TTY_CLEAR, "bit 0: input, bit 1: output")                                                                \
    X(0x5646, TTY_FLOW, "0: stop output, 1: go on")                                                                    \
    X(0x5647, TTY_GROUP, "answer: session, foreground process group (0: none), number of the terminal")                \
    X(0x5648, TTY_SET_GROUP, "number of the terminal, session, foreground process group")                              \
    X(0x564a, TTY_NUMBER, "of a pair: answer: N of /dev/pts/N")                                                        \
    X(0x5649, TTY_SIGNAL,                                                                                              \
      "VFS_TTY_BELL: the notification sent along gets bit 0 for each; answer: terminal, session, group, signal; "      \
      "AGAIN: none")

enum vfs_label {
#define X(label, name, text) VFS_##name = (label),
    VFS_PATH_CALLS(X) VFS_FILE_CALLS(X) VFS_TTY_CALLS(X)
#undef X
};

/* Flags of OPEN.  The numbers are Linux's. */
#define VFS_O_ACCESS    3ull
#define VFS_O_RDONLY    0ull
#define VFS_O_WRONLY    1ull
#define VFS_O_RDWR      2ull
#define VFS_O_CREATE    0x40ull
#define VFS_O_EXCLUSIVE 0x80ull
#define VFS_O_NOCTTY    0x100ull /* without effect: the process server gives a controlling terminal */
#define VFS_O_TRUNCATE  0x200ull
#define VFS_O_APPEND    0x400ull
#define VFS_O_NONBLOCK  0x800ull
#define VFS_O_DIRECTORY 0x10000ull
#define VFS_O_NOFOLLOW  0x20000ull
#define VFS_O_PATH      0x200000ull /* neither read nor written: a place */
/* Nothing can be changed through this description, nor through what is opened by way of it. */
#define VFS_O_SEALED 0x1000000000ull

enum vfs_open_word {
    VFS_OPEN_NUMBER = 0, /* of the directory, for `start`; other things have one too */
    VFS_OPEN_MODE = 1,   /* type and permission bits, as st_mode */
    VFS_OPEN_SIZE = 2,
    VFS_OPEN_TOKEN = 3 /* for VFS_POLL */
};

/* Type bits of a mode, as in st_mode. */
#define VFS_S_TYPE      0170000u
#define VFS_S_SOCKET    0140000u
#define VFS_S_LINK      0120000u
#define VFS_S_FILE      0100000u
#define VFS_S_BLOCK     0060000u
#define VFS_S_DIRECTORY 0040000u
#define VFS_S_CHAR      0020000u
#define VFS_S_FIFO      0010000u

#define VFS_NOFOLLOW   0x100ull /* the last part is not followed if it is a symbolic link */
#define VFS_EMPTY_PATH 0x1000ull
#define VFS_REMOVE_DIR 0x200ull
#define VFS_NO_REPLACE 1ull
#define VFS_EXCHANGE   2ull

/* SETATTR, FSETATTR.  Owner: uid in the low half of the word, gid in the high one; all ones in a half leave it as it is. */
#define VFS_SET_MODE      0x10000ull
#define VFS_SET_OWNER     0x20000ull
#define VFS_SET_SIZE      0x40000ull
#define VFS_SET_ATIME     0x80000ull
#define VFS_SET_MTIME     0x100000ull
#define VFS_SET_ATIME_NOW 0x200000ull
#define VFS_SET_MTIME_NOW 0x400000ull

/* The eight words of an answer to STAT and FSTAT.  Times are ns since 1970, signed. */
struct vfs_attr {
    uint64_t ino;
    uint64_t mode_dev_links; /* st_mode | device number << 16 | links << 32 */
    uint64_t owner;          /* uid | gid << 32 */
    uint64_t size;
    int64_t atime, mtime, ctime;
    uint64_t blocks_rdev; /* blocks of 512 bytes | (major << 8 | minor) << 48 */
};
_Static_assert(sizeof(struct vfs_attr) == 64, "the words of a message");

enum vfs_statfs_word {
    VFS_FS_TYPE,
    VFS_FS_BLOCK,
    VFS_FS_BLOCKS,
    VFS_FS_FREE,
    VFS_FS_FILES,
    VFS_FS_FILES_FREE,
    VFS_FS_FLAGS
};
#define VFS_FS_READ_ONLY    1ull
#define VFS_MOUNT_READ_ONLY 1ull

#define VFS_HERE          UINT64_MAX /* at the description's position, which moves */
#define VFS_DONT_WAIT     1ull       /* as if VFS_O_NONBLOCK were set */
#define VFS_PATH_FEW      40u
#define VFS_READ_FEW_MAX  56u
#define VFS_WRITE_FEW_MAX 40u

#define VFS_SEEK_SET  0ull
#define VFS_SEEK_CUR  1ull
#define VFS_SEEK_END  2ull
#define VFS_SEEK_DATA 3ull
#define VFS_SEEK_HOLE 4ull

/* As struct linux_dirent64.  `next` goes on behind this entry, with VFS_SEEK_SET; it stays good while entries come and go. */
struct vfs_dirent {
    uint64_t ino;
    uint64_t next;
    uint16_t length; /* of the record, a multiple of 8 */
    uint8_t type;    /* type bits of the mode >> 12 */
    char name[];     /* NUL-terminated */
};

/* LOCK: a kind, and flags.  With FLOCK the owner is the description, and the range all of it. */
#define VFS_LOCK_NONE      0ull
#define VFS_LOCK_SHARED    1ull
#define VFS_LOCK_EXCLUSIVE 2ull
#define VFS_LOCK_KIND      3ull
#define VFS_LOCK_FLOCK     4ull
#define VFS_LOCK_WAIT      8ull
#define VFS_LOCK_TEST      16ull

#define VFS_EVENT_ONE 1ull /* a READ takes one, not all (EFD_SEMAPHORE) */

#define VFS_SOCKET_STREAM 1ull
#define VFS_SHUT_READ     1ull
#define VFS_SHUT_WRITE    2ull

/*
 * MAP.  The Memory is the file's: what is read, written and mapped are the same pages.  It can be written to if the description can, and
 * the mapping is not to be private; a private one is the caller's own copy-on-write child of it.  Behind its end lies the end of the
 * file, wherever that is later.  The pages stay while somebody holds a description of the file, or it has a name.
 */
#define VFS_MAP_WRITE   1ull
#define VFS_MAP_PRIVATE 2ull

/*
 * POLL.  Buffers: struct vfs_poll of each description, in and out (send and receive buffer may be the same memory); the
 * answer's word 0 is how many have `ready` set.  On a bell, if that is none, the bell is armed in the same step: its
 * notification gets the bits of word 1 once, when one of the descriptions may have become ready or has ended.  Another
 * POLL on the bell, or DISARM, ends that.  On any other description POLL only looks.
 * A token is a number that was told to those who opened the description, and cannot be guessed.
 */
struct vfs_poll {
    uint64_t token;
    uint32_t events, ready; /* VFS_P_* */
};
#define VFS_POLL_MAX 1024u
#define VFS_P_IN     0x1u
#define VFS_P_PRI    0x2u
#define VFS_P_OUT    0x4u
#define VFS_P_ERR    0x8u
#define VFS_P_HUP    0x10u
#define VFS_P_BAD    0x20u /* there is no such description */

/* As struct termios of Linux. */
struct vfs_termios {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line, cc[32];
    uint32_t ispeed, ospeed;
};
#define VFS_TTY_BELL  1ull /* word 0 of TTY_SIGNAL: a notification comes along */
#define VFS_TTY_NOW   0ull
#define VFS_TTY_DRAIN 1ull
#define VFS_TTY_FLUSH 2ull

#endif
