/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints, badges, Reply objects and notifications.  docs/ipc.md is the specification.
 *
 *   client thread --(cap: badge)--> endpoint --- senders   (by priority)
 *                                      |     --- receivers (first come first served)
 *                                      |     --- events    (closed badges, cancelled calls)
 *                                      +-------- badges    (by value)
 *   Reply: caller <---------- bound from receive to answer
 */
#pragma once

#include <lock.h>
#include <thread.h>

struct endpoint;
struct pool;

/* One value of a badge, while capabilities with it exist or its closed message is pending. */
struct badge {
    u64 value;                  /* first: the fast path reads it */
    u32 caps;                   /* capabilities (and fault endpoints, pagers) with it; under cap_lock */
    u32 queued;                 /* senders queued with it; under the endpoint's lock */
    bool closed;                /* in ep->events, or about to be */
    struct tree_node node;      /* in ep->badges; the embedded badge 0 is in no tree */
    struct list_node event_link;
    struct endpoint *ep;
};

struct endpoint {
    struct object object;
    struct spinlock lock;       /* RANK_ENDPOINT: guards senders, receivers, events */
    struct list receivers;      /* thread.ipc.link */
    struct tree senders;        /* threads by ipc.order, the first that came first */
    struct list closed;         /* badge.event_link: closed(badge) messages */
    struct list cancels;        /* thread.ipc.event_link: received calls whose callers want them to end */
    u32 recv_caps;              /* capabilities with RECV; under cap_lock; 0: dead */
    struct thread *server;      /* who receives here, and gets the priority of who queues; under the lock; weak: ipc/inherit.c */
    bool dead;                  /* recv_caps fell to 0 */
    bool closing;               /* the reaper wakes who is queued */
    bool attention;             /* something may be queued for receivers; false: surely nothing */
    bool kernel_log;            /* the kernel's own: its messages are printed */
    struct tree badges;         /* under cap_lock */
    struct badge plain;         /* badge 0 */
};

struct reply {
    struct object object;
    struct endpoint *ep;        /* last used with: its lock guards the rest; reference held; NULL: never used */
    struct thread *caller;      /* who waits for the answer */
    struct thread *receiver;    /* no caller: thread that waits with this Reply for the next call, or just gets one */
    bool dead_caller;           /* the caller died: the next answer tells so */
    bool gone;                  /* its capability is gone */
    u64 handle;                 /* the server's handle of it at receive, for CANCEL */
};

struct notification {
    struct object object;
    struct spinlock lock;       /* RANK_NOTIFICATION */
    u64 bits;
    struct list waiters;        /* thread.ipc.link: threads that wait on it alone */
    struct thread *bound;       /* receives it at its endpoints */
};

/* ipc/endpoint.c */
MUST_CHECK struct object *endpoint_create(struct pool *pool);   /* this and the like: with a reference; NULL: no memory */
void endpoint_close(struct endpoint *ep);                  /* the last RECV capability is gone; under cap_lock */
void endpoint_revoke_via(struct endpoint *ep, struct cap_node *node); /* whoever waits through this capability: PEER_GONE */
/* Lock held: */
void endpoint_enqueue(struct endpoint *ep, struct thread *t);         /* a sender, whose badge is set */
void endpoint_dequeue(struct endpoint *ep, struct thread *t);         /* out of its queue */
MUST_CHECK struct thread *endpoint_receiver(struct endpoint *ep);     /* the first that waits, out of its queue; NULL: none */
/* Those who wait through `via`, or are queued with `badge` (NULL: any) get PEER_GONE, at most some of them; true: all. */
bool endpoint_evict(struct endpoint *ep, const struct cap_node *via, const struct badge *badge);
void ipc_end_wait(struct thread *t, status_t why);                    /* t, out of its queue: a result, or the end of who faulted */

/* ipc/inherit.c */
void endpoint_serve(struct endpoint *ep, struct thread *t);  /* t receives from it, and is its server */
void endpoint_leave(struct thread *t);                     /* t ends: it is nobody's server any more */
void endpoint_unserved(struct endpoint *ep);               /* it has no server any more; lock held */
void ipc_lend(struct thread *t);                           /* t, just queued at an endpoint, lends its priority */

/* ipc/badge.c; all under cap_lock */
MUST_CHECK status_t badge_find_or_create(struct endpoint *ep, u64 value, struct pool *pool, struct badge **out);
void badge_unused(struct badge *b);                        /* the last capability is gone: queues closed(badge) */
static inline void badge_get(struct badge *b)
{
    b->caps++;
}
static inline void badge_put(struct badge *b)
{
    if (--b->caps == 0 && b != &b->ep->plain)
        badge_unused(b);
}
/* These two take the lock themselves, and keep the endpoint too: for who sends without a capability. */
struct badge *badge_hold(struct badge *b);
void badge_drop(struct badge *b);
void badge_free(struct badge *b);                          /* closed(badge) was received: the value is free again */
bool badges_free_step(struct endpoint *ep);                /* the endpoint is gone; true: none left */

/* ipc/reply.c */
void reply_close(struct reply *rp);                        /* its capability is gone: the caller gets PEER_GONE */
void reply_bind(struct reply *rp, struct thread *caller);  /* lock of rp->ep held */
void reply_let_go(struct reply *rp, const struct thread *receiver); /* it gets no call with it after all; NULL: none */
void reply_give_back(struct reply *rp, struct thread *caller); /* it was taken to be answered */
MUST_CHECK status_t reply_prepare(struct reply *rp, struct endpoint *ep, u64 handle); /* for a receive on ep: -BUSY */
bool reply_detach(struct thread *caller);                  /* the caller dies; true: it waited for the answer, and was woken */
void reply_cancel(struct thread *caller, u32 seq);         /* the server is told, once */

/* ipc/notification.c */
MUST_CHECK struct object *notification_create(struct pool *pool);
void notification_signal(struct notification *n, u64 bits);
/* The same as the last thing that a kernel entry from user mode does: who is woken may run at once. */
void notification_signal_last(struct notification *n, u64 bits, bool interrupt);
MUST_CHECK status_t notification_wait(struct thread *t, struct notification *n, struct cap_node *via);
MUST_CHECK status_t notification_bind(struct thread *t, struct notification *n);
void notification_unbind(struct thread *t);
void notification_revoke_via(struct notification *n, struct cap_node *node);  /* whoever waits through it: PEER_GONE */
u64 notification_take(struct notification *n);             /* bits, cleared */
bool notification_cancel(struct thread *t, u32 seq, status_t why);

/* ipc/transfer.c: what moves from one thread to another at rendezvous */
typedef void transfer_done_fn(struct thread *t, struct thread *peer, u64 bytes, u32 stop);
struct transfer {
    u64 bytes;
    u32 stop;                                              /* enum ucopy_stop */
    bool later;                                            /* `done` has ended or will end it */
};
/* How many bytes are to be copied. */
static inline u64 transfer_total(const struct thread *from, const struct thread *to)
{
    u64 sent = from->ipc.ext.send_len, room = to->ipc.ext.recv_len;

    return from->ipc.ext_addr == 0 || sent == 0 || to->ipc.ext_addr == 0 ? 0 : sent < room ? sent : room;
}
/* Copies so many: the first part at once.  If there is more `done` ends it, now or, when the copy was interrupted
 * (t->ipc.preempted), in a continuation; t->ipc.pending and pending_ep, which the caller set, stay until then. */
struct transfer transfer_bytes(struct thread *t, struct thread *peer, u64 total, bool to_peer, transfer_done_fn *done);
void transfer_release(struct thread *t);                   /* `done` of an interrupted one begins with it: the references */
/* The current thread, before it goes on: writes the handles that it received; the info, as it is then. */
u64 transfer_handles(struct thread *to, u64 info);
void transfer_deliver(struct thread *to);                  /* the same as its continuation, with the info in RDX */
MUST_CHECK status_t transfer_read_any(struct thread *t, u64 ext_addr, bool sends);
MUST_CHECK status_t transfer_read_ext(struct thread *t, u64 ext_addr);  /* the same of who sends, hot */

/* ipc/send.c; sys_ipc_call and sys_ipc_send are there, too */
#define LOG_MESSAGE_MAX 4096u
MUST_CHECK status_t ipc_log(u64 address, u64 length);      /* bytes of user memory for the kernel's console */
void ipc_fill_kernel(struct thread *receiver, enum mnos_kind kind, u64 badge); /* a message of the kernel's, without words */
void ipc_fill_bits(struct thread *receiver, u64 bits);     /* kind NOTIFICATION */
MUST_CHECK status_t ipc_may_wait(const struct thread *t);  /* -WOULD_BLOCK, -TIMED_OUT, -INTERRUPTED */
void ipc_receive_again(struct thread *r, struct endpoint *ep, struct reply *rp); /* a receiver that got nothing waits on */
void ipc_fill(struct thread *receiver, struct thread *sender, u64 info); /* registers of a receive */
bool ipc_send_fault(struct thread *t, struct badge *badge, u8 kind); /* to its endpoint; false: nobody will answer */
bool ipc_cancel(struct thread *t, u32 seq, status_t why);  /* ends a wait on an endpoint or notification */
/* ipc/recv.c */
status_t ipc_receive(struct thread *t, u64 handle, u64 ext_addr, u64 reply_handle, bool ext_is_read);

/* Registers and success of `to`, which waited in a system call for a message or an answer of the current thread, `from`; it has
 * still to write its record, before it goes on through the full restore. */
void ipc_fill_answer(struct thread *to, const struct thread *from, u64 badge, u64 label, u64 info);
/* The result of an IPC call is in the registers: leave through the full restore. */
void ipc_finish(struct thread *t, status_t status);

object_reap_fn endpoint_reap, reply_reap, notification_reap;
extern u64 badge_count;
