/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects, rights and handles: what a program can name, and what it may do with it.
 *
 * A handle is an index into the process's capability table (low 32 bits) and the generation of that slot
 * (high 32 bits).  A slot starts with generation 0 and gets the next one whenever it is emptied, so that a
 * handle kept too long names nothing instead of something newer.
 */
#pragma once

#include <stdint.h>

typedef uint64_t mnos_handle_t;

#define MNOS_NONE ((mnos_handle_t)-1)   /* no capability; in calls that take a process or thread: oneself */
#define MNOS_SELF MNOS_NONE

enum mnos_type {
    MNOS_TYPE_NONE = 0,
    MNOS_TYPE_POOL = 1,
    MNOS_TYPE_MEMORY = 2,
    MNOS_TYPE_PROCESS = 3,
    MNOS_TYPE_THREAD = 4,
    MNOS_TYPE_ENDPOINT = 5,
    MNOS_TYPE_NOTIFICATION = 6,
    MNOS_TYPE_REPLY = 7,
    MNOS_TYPE_INTERRUPT = 8,
    MNOS_TYPE_IOPORT = 9,
    MNOS_TYPE_IOSPACE = 10,
    MNOS_TYPE_SYSTEM = 11,
    MNOS_TYPE_COUNT = 12
};

/* Rights.  A derived capability never has a right that its origin lacks. */
#define MNOS_RIGHT_READ   0x01u
#define MNOS_RIGHT_WRITE  0x02u
#define MNOS_RIGHT_EXEC   0x04u
#define MNOS_RIGHT_SEND   0x08u
#define MNOS_RIGHT_RECV   0x10u
#define MNOS_RIGHT_GRANT  0x20u   /* may be passed on */
#define MNOS_RIGHT_REVOKE 0x40u   /* is a parent of what is derived from it, and may take that back */
#define MNOS_RIGHTS_ALL   0x7fu

/* Shape arguments of cap_create(what, from, a, b, c). */
enum mnos_create {
    MNOS_CREATE_MINT = 0,          /* from: any; a: rights to keep; b: badge (endpoints; 0 keeps the old one) */
    MNOS_CREATE_POOL = 1,          /* from: Pool; a: bytes (multiple of 4096) moved into the new pool */
    MNOS_CREATE_ENDPOINT = 2,      /* from: Pool */
    MNOS_CREATE_NOTIFICATION = 3,  /* from: Pool */
    MNOS_CREATE_REPLY = 4,         /* from: Pool */
    MNOS_CREATE_MEMORY_RANGE = 5,  /* from: Memory; a: offset, b: length, c: rights to keep */
    MNOS_CREATE_INTERRUPT = 6,     /* from: Interrupt range; a: first line, b: count (global numbers) */
    MNOS_CREATE_MSI = 7,           /* from: the Interrupt of all lines; a vector of its own for MSI/MSI-X */
    MNOS_CREATE_IOPORT = 8,        /* from: IoPort range; a: first port, b: count */
    MNOS_CREATE_THREAD = 9,        /* from: Process (WRITE); a: thread id; a capability to that thread */
    MNOS_CREATE_COUNT = 10
};

/* What cap_inspect tells.  Never a kernel address. */
struct mnos_cap_info {
    uint32_t type;     /* enum mnos_type */
    uint32_t rights;
    uint64_t badge;    /* endpoints: shown only to a holder of RECV, else 0 */
    uint64_t id;       /* Process, Thread: its id; Interrupt: first line; IoPort: first port; else object id */
    uint64_t size;     /* Memory, Pool: bytes; Interrupt, IoPort: count */
    uint64_t used;     /* Pool: bytes in use; Memory: resident bytes; Process: threads alive */
    uint64_t state;    /* Process, Thread: enum mnos_state; Interrupt: 1 when bound */
    uint64_t status;   /* Process: exit status once dead (see MNOS_EXIT_*) */
    uint64_t extra;    /* Interrupt made for MSI: message data; its address is in used */
};

enum mnos_state {
    MNOS_STATE_NEW = 0,
    MNOS_STATE_READY = 1,
    MNOS_STATE_RUNNING = 2,
    MNOS_STATE_BLOCKED = 3,
    MNOS_STATE_SUSPENDED = 4,
    MNOS_STATE_DEAD = 5
};

/* Exit status of a process: its own word, or how it was ended. */
#define MNOS_EXIT_KILLED   0x8000000000000000ull           /* by proc_destroy from outside */
#define MNOS_EXIT_FAULT    0x4000000000000000ull           /* | cause (enum mnos_fault) */
#define MNOS_EXIT_POWEROFF 0x2000000000000001ull           /* init only: the machine goes off */
#define MNOS_EXIT_REBOOT   0x2000000000000002ull           /* init only: the machine starts again */
