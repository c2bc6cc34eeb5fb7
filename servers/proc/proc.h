/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process server.  One thread, which waits only in the receive of main.c.
 *
 *   world (a service capability)          parent: who may wait; lines go up
 *     |- process  pid 2  group 2  session 2
 *     |    |- process  pid 3  group 2  session 2
 *     |    `- process  pid 4  group 4  session 2
 *     `- process  pid 9 ...
 *
 * A world is a record like that of a process, without a program; its pid is 1 for those that look up to it.
 */
#ifndef PROC_SERVER_H
#define PROC_SERVER_H

#include <libmnos/ipc.h>
#include <libmnos/spawn.h>
#include <mnos/object.h>
#include <proc/protocol.h>
#include <stdbool.h>

#define PROCS_MAX       1024u
#define WORLD_PROCS_MAX 512u
#define WAITERS_MAX     256u
#define PROC_WAITERS    16u /* of one process */
#define WORLD_PID       1
#define PID_LIMIT       32768

enum signal {
    SIGHUP = 1,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGSEGV = 11,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGWINCH = 28
};
/* si_code */
enum { SI_USER = 0, CLD_EXITED = 1, CLD_KILLED = 2, CLD_DUMPED = 3, CLD_STOPPED = 5, CLD_CONTINUED = 6 };

enum proc_state { FREE, RUNNING, STOPPED, ZOMBIE };

struct sender {
    int32_t pid;
    int32_t code;
    uint32_t status;
};

struct proc {
    enum proc_state state;
    uint32_t index, generation;
    uint64_t badge;                /* of the capability that speaks for it */
    struct proc *world, *parent;   /* of a world: itself */
    int32_t pid, group, session;   /* of a world: WORLD_PID, 0, 0 */
    mnos_handle_t process, thread; /* MNOS_NONE: it has none */
    uint64_t ignored;              /* signals that are not delivered */
    uint32_t flags;                /* PROC_NO_ZOMBIES, PROC_NO_STOPS */
    uint32_t count;                /* of a world: its processes */
    uint32_t waiters;
    uint32_t status;          /* wait status: of a zombie, or of the last stop */
    bool news_stop, news_run; /* not waited for yet */
    bool orphan;              /* its parent has died: nobody will wait for it */
    bool execed;
    mnos_handle_t *staged; /* PROC_CAPS_MAX of them, or NULL */
    uint32_t staged_count;
    struct spawn_region part[SPAWN_REGIONS_MAX]; /* segments and stack: what a fork copies */
    uint32_t parts;
    struct sender sender[PROC_SIGNALS_MAX + 1];
};

/* A call, and its answer. */
struct call {
    mnos_handle_t reply;
    uint64_t label;
    uint64_t word[MNOS_IPC_WORDS];
    uint64_t bytes;
    mnos_handle_t cap[MNOS_IPC_CAPS];
    unsigned caps;
    uint64_t out[MNOS_IPC_WORDS];
};

/* main.c */
extern mnos_handle_t endpoint;
extern mnos_handle_t deaths; /* gets bit index % 64 when a process dies */

/* table.c */
extern struct proc *proc_at[PROCS_MAX];
extern uint32_t procs_made; /* records that exist, used or not */
/* NULL: none of that badge; a badge of init's makes a world where there is none yet. */
struct proc *proc_of_badge(uint64_t badge);
struct proc *proc_of_pid(const struct proc *world, int64_t pid);
bool group_exists(const struct proc *world, int64_t group, int64_t session);
/* A record of that world with a pid of its own; NULL: there are enough.  proc_free undoes it. */
struct proc *proc_new(struct proc *parent);
void proc_free(struct proc *p);
/* The badge of its next capability: an exec gets another one. */
uint64_t proc_badge_new(struct proc *p);
void staged_drop(struct proc *p);
void parts_drop(struct proc *p);
/* The last capability to a world is gone. */
void world_end(uint64_t badge);

/* spawn.c */
enum proc_status give_call(struct proc *p, struct call *call);
enum proc_status spawn_call(struct proc *p, struct call *call);
enum proc_status exec_call(struct proc *p, struct call *call);
enum proc_status fork_call(struct proc *p, struct call *call);

/* wait.c */
/* True: it is answered with *status; false: it is kept. */
bool wait_call(struct proc *p, struct call *call, enum proc_status *status);
void wait_cancel(mnos_handle_t reply);
/* Something happened to a child of p's. */
void wait_news(struct proc *p);
void wait_forget(struct proc *p);
/* Looks at all processes whose bit is set. */
void deaths_look(uint64_t bits);
void proc_died(struct proc *p, uint64_t exit_status);
mnos_handle_t reply_new(void);

/* signal.c */
enum proc_status kill_call(struct proc *p, const struct call *call);
enum proc_status signals_call(struct proc *p, const struct call *call);
enum proc_status siginfo_call(const struct proc *p, struct call *call);
enum proc_status stop_call(struct proc *p, const struct call *call);
void signal_send(struct proc *to, int signo, struct sender from);
/* SIGCHLD to its parent, with what happened. */
void parent_tell(const struct proc *p, int code);

/* groups.c */
enum proc_status ids_call(const struct proc *p, struct call *call);
enum proc_status setpgid_call(struct proc *p, const struct call *call);
enum proc_status setsid_call(struct proc *p, struct call *call);
bool selected(const struct proc *by, const struct proc *p, int64_t which);

#endif
