/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a POSIX program is started with, beside the CapSet (mnos/startup.h): the start block.
 *
 * The spawner writes it into a Memory of its own and gives that to the child as capability "posix" (READ, WRITE, GRANT).  The
 * child maps it; argv and envp point into it for ever.  Everything in it is an offset from its start or a handle in the child's
 * table.  A program that gets none is a native service: its arguments are the CapSet's, its environment is empty, its
 * descriptors 1 and 2 are the capability "console" or, without that, "log", and descriptor 0 is always at its end.
 *
 * The reader believes nothing: a block that breaks a rule ends the program with MNOS_EXIT_BAD_START before main.
 */
#ifndef POSIX_START_H
#define POSIX_START_H

#include <mnos/object.h>

#define POSIX_START_NAME    "posix"
#define POSIX_START_MAGIC   0x5452415453584f50ull /* "POXSTART" */
#define POSIX_START_VERSION 1u
#define POSIX_START_MAX     (1u << 20) /* bytes in all */
#define POSIX_FDS_MAX       1024u
#define POSIX_HELD_FIRST    POSIX_FDS_MAX
#define POSIX_HELD_MAX      128u

struct posix_start_fd {
    uint32_t fd;    /* below POSIX_FDS_MAX; no number twice */
    uint32_t flags; /* enum posix_fd_flag */
    mnos_handle_t handle;
    uint64_t token;  /* files: for VFS_POLL */
    uint32_t kind;   /* enum posix_fd_kind */
    uint32_t shared; /* index of an earlier record with the same open file, or its own index */
    uint64_t number; /* files: of a directory, for `start` of vfs/protocol.h */
    uint32_t mode;   /* files: st_mode */
    uint32_t reserved;
};

enum posix_fd_flag { POSIX_FD_CLOEXEC = 1 };

enum posix_fd_kind {
    POSIX_FD_NULL = 1,    /* reads end, writes vanish; no handle */
    POSIX_FD_LOG = 2,     /* the kernel log: written line by line, cannot be read */
    POSIX_FD_CONSOLE = 3, /* the protocol of libmnos/console.h */
    POSIX_FD_FILE = 4,    /* the protocol of vfs/protocol.h */
    POSIX_FD_HELD =
        5 /* of a fork's child: no descriptor, a capability; `fd` is POSIX_HELD_FIRST and a number of its own */
};

struct posix_start {
    uint64_t magic;
    uint32_t version;
    uint32_t size; /* of the block, strings included */
    uint32_t argc, envc;
    uint32_t strings; /* offset: argc + envc strings, each with its NUL, arguments first */
    uint32_t strings_size;
    uint32_t fds, fd_count; /* offset of struct posix_start_fd[], ascending by fd; a multiple of 8 */
    uint32_t umask;
    uint32_t pid, ppid, pgid, sid;
    uint32_t uid, gid;
    mnos_handle_t root, cwd;                  /* directories, or MNOS_NONE */
    uint64_t cwd_number;                      /* for the file protocol's `start`; 0: the root itself */
    uint64_t sigmask, sigignored, sigpending; /* bit signal - 1 */
};

#endif
