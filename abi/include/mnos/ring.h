/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring page: capability calls that are submitted in batches and complete in any order.
 *
 * One page, written by the program and by the kernel; ring_enter names it.  The program fills submissions, advances
 * sq_tail, and takes completions, advancing cq_head; the kernel advances sq_head and cq_tail.  All four count from 0 without
 * end, an entry's place is the counter modulo the size.  An operation obeys the same checks as the system call of its name, runs at
 * the priority of the thread that submitted it, and lends neither priority nor time to a server.
 * A submission is taken only when its completion has a place.  While the kernel has operations in hand, the page stays the same.
 */
#pragma once

#include <mnos/ipc.h>

#define MNOS_RING_SUBMISSIONS 16u
#define MNOS_RING_COMPLETIONS 32u

enum mnos_ring_op {
    MNOS_RING_NOP,
    MNOS_RING_CALL,         /* handle: Endpoint; arg: message; ext */
    MNOS_RING_NOTIFY,       /* handle: Notification; arg: bits */
    MNOS_RING_RECV,         /* handle: Endpoint or Notification; arg: message; ext; reply */
    MNOS_RING_REPLY,        /* arg: message; ext; reply */
    MNOS_RING_DELETE,       /* handle: the capability to delete */
    MNOS_RING_OPS
};

/* What a CALL, RECV or REPLY sends, and where a CALL or RECV puts what it receives. */
struct mnos_ring_message {
    uint64_t label, badge, info, bits;   /* as in RSI, RDI, RDX and R10: see docs/ipc.md */
    uint64_t word[MNOS_IPC_WORDS];
};

struct mnos_submission {
    uint64_t op;            /* enum mnos_ring_op */
    uint64_t user;          /* comes back in the completion */
    uint64_t handle;
    uint64_t arg;           /* address of a struct mnos_ring_message, 8-byte aligned; or bits */
    uint64_t ext;           /* address of a struct mnos_ipc_ext, or 0 */
    uint64_t reply;         /* Reply, or MNOS_NONE */
    uint64_t reserved[2];   /* 0 */
};

struct mnos_completion {
    uint64_t user;
    int64_t status;         /* 0, or a negated error */
};

struct mnos_ring {
    uint32_t sq_tail, cq_head;           /* the program's */
    uint32_t sq_head, cq_tail;           /* the kernel's */
    uint64_t reserved[6];
    struct mnos_submission submission[MNOS_RING_SUBMISSIONS];
    struct mnos_completion completion[MNOS_RING_COMPLETIONS];
};
