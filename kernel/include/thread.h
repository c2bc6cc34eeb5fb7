/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The schedulable unit.  The kernel has one stack a core: a thread that waits is only this record, and what it still
 * has to do in the kernel is its continuation.
 *
 *   NEW -> READY <-> RUNNING -> BLOCKED -> READY ...      any -> DEAD
 */
#pragma once

#include <arch/regs.h>
#include <core/list.h>
#include <core/tree.h>
#include <mnos/ipc.h>
#include <mnos/thread.h>
#include <object.h>

struct process;
struct endpoint;
struct reply;
struct notification;
struct cap_node;
struct badge;
struct word_bucket;

struct watch {                        /* who is told of a death */
    struct notification *ntf;         /* reference held; NULL: nobody */
    u64 bits;
};

struct thread {
    struct regs regs;                 /* first: entry.S pushes here */

    /* arch/: valid while the thread is not on a processor */
    u64 fs_base, gs_base;
    void *fpu;                        /* XSAVE area, NULL until first use */

    struct object object;
    struct process *process;          /* reference held until reaped */
    u64 tid;

    /* The fast path compares these eight bytes with core->fast_word: the thread waits on this very core, and can be switched to
     * as it is. */
    union {
        u64 fast_word;
        struct {
            u8 signals;               /* THREAD_*: atomic; looked at before it goes back to user space */
            bool timeout_armed;       /* a deadline is in a tree, or fires right now; under the timeout lock of timeout_core */
            bool on_cpu;              /* its registers are still in a processor; cleared by that core last */
            bool slow;                /* waits with a record that the other side has to look at, or for a fault */
            u32 core;                 /* last core */
        };
    };

    /* scheduling: guarded by the run queue lock of `core` while READY, else owned by who made it leave its queue */
    union {
        u32 run_state;                /* the fast path writes all four: RUN_STATE(state, wait); it is in no queue then */
        struct {
            u8 state;                 /* enum mnos_state */
            u8 wait;                  /* enum mnos_wait: why it is blocked */
            bool cancelled;           /* a received call: CANCEL was queued or delivered */
            u8 queue_prio;            /* READY: whose queue it is in; prio may change before it can be moved */
        };
    };
    u8 prio;                          /* effective: base or donated */
    u8 base_prio;
    u8 ceiling;                       /* highest it may set */
    bool kernel;                      /* idle, reaper: runs cont only */
    u8 ring_op, ring_phase;           /* a worker's */
    bool park_token;                  /* an early wake, kept; under its bucket's lock */
    u8 switch_flags;                  /* SWITCH_*: what a switch to or from it has to do besides the usual */
    u32 wait_seq;                     /* counts waits (but those that the fast path ends, which have no deadline): a late timeout ends no other */
    u32 slice_left;                   /* ns of its quantum that were left when a more important thread came; 0: a whole one */
    u64 affinity;
    struct list_node run_link;
    u64 account;                      /* pid of who pays for its time: its process, or by donation the caller's */
    u64 cpu_ns;

    /* work to finish before it goes back to user space; runs on its core, on the kernel stack */
    void (*cont)(struct thread *);
    u64 cont_arg[4];

    /* timeouts: guarded by the timeout lock of timeout_core */
    struct tree_node timeout_link;
    u64 deadline;                     /* ns; MNOS_FOREVER: none */
    u32 timeout_core;
    bool timeout_linked;              /* in the tree */
    u32 timeout_seq;                  /* the wait it belongs to */

    /* IPC: guarded by the lock of the endpoint it waits on, or owned by the Reply it is bound to */
    struct {
        struct endpoint *ep;          /* sending, receiving, faulted: queued here; NULL: in no queue */
        union {
            struct list_node link;    /* receiving: in ep->receivers; or in ntf->waiters */
            struct tree_node sender_link; /* sending, faulted: in ep->senders */
        };
        struct list_node event_link;  /* in ep->events: CANCEL for the server */
        struct cap_node *via;         /* node of the capability used (compared, never followed) */
        u64 via_handle;               /* ... and its handle */
        struct badge *badge;          /* sending: keeps its count of queued senders */
        struct reply *reply;          /* receiving: to bind; calling: bound to */
        struct notification *ntf;     /* waiting on a notification alone */
        u64 label;
        u64 ext_addr;
        u8 kind;                      /* enum mnos_kind of what it sends */
        u8 order;                     /* among the senders: 255 - its priority when it was queued */
        u64 badge_value;              /* of what it sent, for CANCEL */
        struct reply *pending;        /* a running transfer's: Reply and endpoint; references held */
        struct endpoint *pending_ep;
        bool preempted;               /* ... it was interrupted: what was looked up before may be gone */
        struct endpoint *serves;      /* whose server it is: see ipc/inherit.c; under that one's lock */
        u64 next_from, next_reply;    /* answer-and-wait: what to receive from next */
        struct mnos_ipc_ext ext;      /* copy; valid if ext_addr != 0 */
    } ipc;
    struct notification *bound;       /* received together with messages; reference held */

    /* word waits: guarded by the bucket */
    struct list_node word_link;
    struct word_bucket *word_bucket;
    u64 word_key[2];

    struct { u64 cause, address, code; } fault; /* what a FAULT or PAGE message tells */

    /* upcalls */
    union {
        struct { u64 upcall_area, upcall_handler; };
        struct { u64 user, arg; } ring; /* a worker's operation: see sys/ring.c */
    };
    u64 upcall_bits;                  /* atomic */

    u64 clear_word;                   /* zeroed and woken at exit */
    u32 turn;                         /* the process's last one that it has followed */
    u8 reap_phase;                    /* reaper: 0 alive, 1 resources to free, 2 record to free */
    struct list_node process_link;    /* guarded by process lock */
    struct watch watch;
};

/* By priority, the first that came first. */
TREE_DEFINE(senders, struct thread, ipc.sender_link, u8, ipc.order)

#define FAST_WORD_SLOW (1ull << 24)   /* `slow` in it */
#define RUN_STATE(state, wait) ((u32)(state) | (u32)(wait) << 8)

/* switch_flags */
#define SWITCH_FPU 0x1u               /* it has FPU state */
#define SWITCH_OLD 0x2u               /* the processor has no FSGSBASE or no XSAVE: the general way */

/* signals */
#define THREAD_KILLED    0x1u         /* must die at the next kernel exit */
#define THREAD_SUSPEND   0x2u
#define THREAD_UPCALL    0x4u
#define THREAD_RING      0x10u        /* a worker of its process's ring: never goes to user space */
#define THREAD_ABORT     0x8u         /* its fault has nobody to answer it: its process ends */

_Static_assert(offsetof(struct thread, regs) == 0, "entry.S");
