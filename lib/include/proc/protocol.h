/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process protocol: what the holder of a capability to the process server may ask.  docs/posix.md explains.
 *
 * Capabilities.  Each is a badged endpoint capability:
 *   process   one process that the server started, which finds it in its CapSet as PROC_CAP_NAME.  It speaks for that process;
 *             it cannot be passed on.
 *   service   as init gives it to those whose manifest entry lists the name "proc".  It is a *world*: the processes that are
 *             started with it, and theirs.  Nobody can name, see or signal a process of another world.  When the last copy of
 *             it is gone, all processes of its world are ended.
 *
 * Payment.  A spawn brings the pool that pays for the new process; the server pays for nothing but its record.
 *
 * Capabilities that a request needs come with it, and, where there are more than one message takes, with GIVE calls before
 * it.  They are counted in the order in which they came; a SPAWN, EXEC or FORK takes them all, whether it succeeds or not.  All
 * need GRANT, and the child gets what came: nobody gives more than he has.
 *
 * Bytes are the call's send buffer: struct proc_spawn, and what its offsets say.  All of it is copied before it is looked at.
 * The file is not vouched for: it is read by lib/elf.
 *
 * Answers.  The label is an enum proc_status, whose numbers are Linux's errno numbers.  With another than 0 nothing has changed.
 * WAIT may wait; a cancelled one is answered with INTERRUPTED.  Nothing else waits.
 */
#ifndef PROC_PROTOCOL_H
#define PROC_PROTOCOL_H

#include <stdint.h>

#define PROC_SERVICE_NAME "proc" /* in init's directory */
#define PROC_CAP_NAME     "proc" /* in the CapSet of a process */

/* X(label, NAME, words and answer) */
#define PROC_CALLS(X)                                                                                                  \
    X(0x5701, GIVE, "capabilities for the next SPAWN, EXEC or FORK; answer: how many there are now")                   \
    X(0x5702, SPAWN, "struct proc_spawn; answer: pid")                                                                 \
    X(0x5703, EXEC, "the same, in this process's place, which ends: there is an answer only when it failed")           \
    X(0x5704, WAIT,                                                                                                    \
      "pid, 0 (own group), -1 (any) or -group; PROC_W*; answer: pid (0: none has news), wait status, user id")         \
    X(0x5705, KILL, "as in WAIT, -1: all but the caller; signal, 0: only look")                                        \
    X(0x5706, IDS, "pid, 0: own; answer: pid, parent, group, session")                                                 \
    X(0x5707, SETPGID, "pid, 0: own; group, 0: the pid")                                                               \
    X(0x5708, SETSID, "answer: session")                                                                               \
    X(0x5709, SIGNALS, "mask of signals that are ignored, by default too; PROC_NO_ZOMBIES | PROC_NO_STOPS")            \
    X(0x570a, SIGINFO, "signal; answer: pid, si_code and wait status of who sent it last, user id")                    \
    X(0x570b, STOP, "signal: the caller stops until SIGCONT, because of it")                                           \
    X(0x570c, FORK, "struct proc_fork; answer: pid")

enum proc_label {
#define X(label, name, text) PROC_##name = (label),
    PROC_CALLS(X)
#undef X
};

/* X(number, NAME, sentence) */
#define PROC_STATUSES(X)                                                                                               \
    X(1, NOT_PERMITTED, "The rules of groups and sessions forbid it, or the capability is of the other kind.")         \
    X(3, NOT_FOUND, "No such process or group in this world.")                                                         \
    X(4, INTERRUPTED, "The call was cancelled.")                                                                       \
    X(7, TOO_BIG, "Arguments and environment, or the file, are larger than a program may have.")                       \
    X(8, NO_PROGRAM, "The file is no program for this machine.")                                                       \
    X(9, NO_CAPABILITY, "A capability is missing, or may not be passed on.")                                           \
    X(10, NO_CHILD, "There is no such child to wait for.")                                                             \
    X(11, AGAIN, "So many processes, or waiting calls, as there may be.")                                              \
    X(12, NO_MEMORY, "The pool that came with it does not suffice.")                                                   \
    X(13, TOO_LATE, "The child runs its own program already.")                                                         \
    X(14, FAULT, "The caller's buffer cannot be used.")                                                                \
    X(22, INVALID, "An argument has a value that the call does not define.")                                           \
    X(38, NOT_SUPPORTED, "The server does not offer this.")

enum proc_status {
    PROC_OK = 0,
#define X(number, name, text) PROC_E_##name = (number),
    PROC_STATUSES(X)
#undef X
};

#define PROC_NO_CAP    UINT32_MAX
#define PROC_CAPS_MAX  256u          /* for one SPAWN */
#define PROC_IMAGE_MAX (16ull << 20) /* bytes of a file */
#define PROC_HEAD_MAX  (960u << 10)  /* bytes of head, descriptors and strings */

enum proc_spawn_flag { PROC_SET_GROUP = 1, PROC_SET_SESSION = 2 };

/* What the new program is given.  Offsets count from the start of the buffer. */
struct proc_spawn {
    uint32_t flags; /* enum proc_spawn_flag */
    int32_t group;  /* PROC_SET_GROUP: 0, or a group of the caller's session */
    uint32_t umask;
    uint32_t argc, envc;
    uint32_t strings, strings_size; /* argc + envc strings, each with its NUL */
    uint32_t fds, fd_count;         /* struct posix_start_fd; `handle` is the number of a capability, or PROC_NO_CAP */
    uint32_t pool, root, cwd;       /* numbers of capabilities; the last two may be PROC_NO_CAP */
    uint32_t reserved;              /* 0 */
    uint64_t cwd_number;
    uint64_t sigmask, sigignored;
    uint64_t sigpending; /* EXEC */
    uint64_t image, image_size;
    char name[32]; /* for people; NUL-terminated */
};

/*
 * A copy of the calling program.  Segments and stack the server has from the program's start; everything else that is to be
 * there at the same address is a piece of a Memory.  Of two of them the child gets copy-on-write children; those that follow are
 * capabilities of the request, which are mapped as they are (and not handed on).  It finds the two in its CapSet as PROC_ARENA_NAME and PROC_BLOCK_NAME, and a start block with the handles of its descriptors as POSIX_START_NAME.
 * Its only thread begins at `entry`.
 */
struct proc_fork {
    struct proc_spawn spawn;        /* flags, group, argc, envc, strings_size and image_size are 0 */
    uint64_t entry, stack, fs_base; /* RIP, RSP, FS base */
    uint32_t memory[2];             /* numbers of capabilities: arena and start block */
    uint32_t pieces, piece_count;   /* offset of struct proc_piece[] */
};
enum proc_memory { PROC_ARENA, PROC_BLOCK };
#define PROC_ARENA_NAME "arena"
#define PROC_BLOCK_NAME "block"
#define PROC_PIECES_MAX 4096u

struct proc_piece {
    uint64_t address, offset, bytes; /* page aligned; not in what the server itself maps */
    uint32_t memory;                 /* enum proc_memory, or PROC_BLOCK + 1 and the number of a capability */
    uint32_t flags;                  /* MNOS_MAP_READ, WRITE, EXEC */
};

/* WAIT; the numbers are Linux's. */
#define PROC_WNOHANG    1ull
#define PROC_WSTOPPED   2ull
#define PROC_WEXITED    4ull
#define PROC_WCONTINUED 8ull
#define PROC_WNOWAIT    0x1000000ull

/* SIGNALS */
#define PROC_NO_ZOMBIES 1ull /* children that end are forgotten */
#define PROC_NO_STOPS   2ull /* no SIGCHLD for a child that stops or goes on */

/* Exit status of a process (mnos/object.h) that ended itself because of a signal; else the low eight bits count. */
#define PROC_EXIT_SIGNAL UINT64_C(0x10000)

#define PROC_SIGNALS_MAX 64

#endif
