/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What init offers beside the names (libmnos/names.h), to holders of its capability "init".
 *
 * With the source `spawner` or `control` in the manifest:
 *   INIT_SPAWN     send buffer: the name of a service that is started on request, then its arguments, each terminated by
 *                  NUL; the answer's word 0: pid
 *   INIT_STATUS    word 0: number of a service; the answer's buffer: struct init_status
 *   INIT_FIND      send buffer: a service's name; the answer as above
 * With `control` alone:
 *   INIT_START, INIT_STOP, INIT_RESTART   send buffer: a service's name
 *   INIT_KILL      word 0: pid; only init's own children
 *   INIT_NAME      word 0: number; the answer: words 0..3 a name, 4 its owner's pid (0: nobody serves it yet), 5 object
 *                  id of the endpoint
 *   INIT_SYSTEM    the answer's words: struct init_system
 *   INIT_POWEROFF, INIT_REBOOT   not answered
 *   INIT_FAIL      not answered: the machine ends as after a failed test
 *
 * The answer's label is 0 or an enum mnos_error.  NOT_FOUND: there is no such service (the list is at its end); INVALID:
 * it is no sound request, or the service cannot be started that way; BUSY: it runs already, or as often as it may.
 */
#ifndef LIBMNOS_INITCTL_H
#define LIBMNOS_INITCTL_H

#include <mnos/object.h>
#include <stddef.h>

#define INIT_SPAWN    0x4901ull
#define INIT_KILL     0x4902ull
#define INIT_POWEROFF 0x4903ull
#define INIT_REBOOT   0x4904ull
#define INIT_NAME     0x4905ull
#define INIT_STATUS   0x4906ull
#define INIT_FIND     0x4907ull
#define INIT_START    0x4908ull
#define INIT_STOP     0x4909ull
#define INIT_RESTART  0x490aull
#define INIT_SYSTEM   0x490bull
#define INIT_FAIL     0x490cull

#define INIT_REQUEST_MAX 256u

enum init_state {
    INIT_WAITING,  /* for services that it needs, or for its next try */
    INIT_STARTING, /* it runs, and is not ready */
    INIT_RUNNING,  /* ready */
    INIT_FAILED,   /* it ended, and is not started again */
    INIT_STOPPED,  /* on purpose, or never started */
    INIT_STATES
};

struct init_status {
    char name[32];
    uint64_t number, state; /* enum init_state */
    uint64_t pid;           /* 0: it does not run */
    uint64_t restart;       /* policy: 0 never, 1 on failure, 2 always */
    uint64_t on_request, instances;
    uint64_t restarts;           /* since the system started */
    uint64_t ended, status;      /* ended: it has run and ended; status: how, the last time */
    uint64_t began_ns, ready_ns; /* of the last start: when the spawner was called, when it was ready */
    uint64_t memory;             /* bytes of its budget */
    char why[160];               /* why it does not run, in words; empty: it runs */
};

struct init_system {
    uint64_t services, processes; /* in the manifest; started so far, by init */
    uint64_t parsed;              /* program files looked into */
    uint64_t judge_ns;            /* what it took to read and to judge the manifest */
    uint64_t ready_ns;            /* when all services that start by themselves were ready the first time; 0: not yet */
};

const char *init_state_name(uint64_t state);

/* pid, or a negated error.  `request` is the name and arguments, each terminated by NUL. */
int64_t init_spawn(mnos_handle_t init, const char *request, size_t length);
int64_t init_kill(mnos_handle_t init, uint64_t pid);
int64_t init_end(mnos_handle_t init, uint64_t label);
/* INIT_START, INIT_STOP or INIT_RESTART. */
int64_t init_service(mnos_handle_t init, uint64_t label, const char *name);
int64_t init_status(mnos_handle_t init, uint64_t number, struct init_status *status);
int64_t init_find(mnos_handle_t init, const char *name, struct init_status *status);
int64_t init_system(mnos_handle_t init, struct init_system *system);

/* Bits of the notification that a service has from the source `events`. */
#define INIT_EVENT_GONE  0x1ull /* a service that this one depends on, or uses, has ended */
#define INIT_EVENT_READY 0x2ull /* one that had ended is ready again */

#endif
