/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes, threads, interrupts, ports and the reaper: what the objects do apart from IPC and memory. */
#pragma once

#include <ipc.h>
#include <sched.h>

/* ---- obj/thread.c ---- */
struct thread *thread_create_kernel(void (*cont)(struct thread *), u8 prio);   /* boot; panics without memory */
MUST_CHECK status_t thread_new(struct process *p, const struct mnos_thread_args *args, struct thread **out);
void thread_start(struct thread *t);
void thread_signals(struct thread *t);                 /* the current thread acts on its signals; may block or end it */
void thread_kill(struct thread *t);                    /* it will run no more user code; any core */
void thread_abort(struct thread *t);                   /* it waits for the answer to a fault that will not come */
void thread_exit(struct thread *t);                    /* the current thread ends */
void thread_signal(struct thread *t, u8 bits);         /* sets THREAD_* bits and sees that they are looked at */
void thread_suspend(struct thread *t);
void thread_resume(struct thread *t);                  /* process lock held */
bool thread_stopped(const struct thread *t);           /* suspended for good, new, or waiting in a fault */
/* ---- obj/upcall.c ---- */
void upcall_deliver(struct thread *t);
MUST_CHECK status_t upcall_return(struct thread *t);       /* by the thread itself; returns only when it failed or more is to do */
MUST_CHECK status_t upcall_self(struct thread *t, u64 bits);
void regs_from_user(struct thread *t, const struct mnos_regs *in);    /* in->rip lies in user space */
void regs_to_user(const struct thread *t, struct mnos_regs *out);
/* ---- obj/fault.c ---- */
void fault_page(struct thread *t, u64 error, u64 address);  /* its page fault: resolved, or raised */
void fault_raise(struct thread *t, u64 cause, u64 address, u64 code);
object_reap_fn thread_reap;

/* ---- obj/process.c ---- */
MUST_CHECK status_t process_create(struct pool *pool, u32 slots, struct badge *fault_badge, const char *name,
                                   u64 parent_pid, struct process **out);
bool process_follow(struct process *p);                /* some threads are suspended, resumed or killed like it; true: all are */
void process_to_reaper(struct process *p);             /* lock held; DEAD */
void process_kill(struct process *p, u64 status);      /* first phase: nothing of it runs any more, soon */
void process_forsaken(struct process *p);              /* nobody names it any more: ends it if it never ran */
bool process_stopped(const struct process *p);         /* no thread left */
static inline u64 process_status(const struct process *p) /* 0 while it lives */
{
    return p->state == MNOS_STATE_DEAD ? p->status : 0;
}
object_reap_fn process_reap;
struct process *process_next(u64 pid);                 /* lowest pid >= `pid`, with a reference; NULL */
extern struct process *init_process;
extern struct spinlock process_list_lock;

/* ---- sys/ring.c ---- */
void ring_worker(struct thread *t);                    /* the current thread is one, and has nothing else to do; it blocks */
void ring_worker_gone(struct thread *t);               /* it ends; process lock held */

/* ---- obj/init.c ---- */
void machine_end(u64 status);                          /* the end of the machine, as the end of init asks for it */
struct memory *mmio_memory(void);                      /* all physical addresses; RAM is refused when it is mapped */

/* ---- obj/object.c: of the types whose record begins with the object ---- */
MUST_CHECK struct object *object_new(struct pool *pool, unsigned slab, enum mnos_type type); /* zeroed; NULL: no memory */
void object_free(struct object *o);                    /* the reaper has done with it */

/* ---- obj/reaper.c ---- */
void reaper_init(void);
void reaper_push(struct object *o);                    /* once a phase; the object is not touched by the caller afterwards */
u64 reaper_queue_length(void);
extern u64 object_count[MNOS_TYPE_COUNT];              /* live, by type; atomic */

/* ---- obj/watch.c: who is told of a death ---- */
void watch_set(struct watch *w, struct notification *n, u64 bits, const u8 *state); /* a reference to n; NULL: none; DEAD: at once */
void watch_fire(struct watch *w);

/* ---- obj/interrupt.c ---- */
MUST_CHECK status_t interrupt_bind(struct cap_node *via, u32 line, struct notification *n, u64 bits);
MUST_CHECK status_t interrupt_ack(u32 line);
MUST_CHECK status_t interrupt_unbind(struct cap_node *via, u32 line);
void interrupt_release_via(struct cap_node *via);      /* its capability is gone */
bool interrupt_bound(u32 line);
void irq_deliver(unsigned line, bool user);            /* from the interrupt entry, last; user: user code was interrupted */
extern struct object interrupt_object, ioport_object, system_object;

/* ---- obj/ioport.c ---- */
MUST_CHECK status_t ioport_map(struct process *p, struct cap_node *via, u32 first, u32 count);
void ioport_release_via(struct cap_node *via);
void ioport_free(struct process *p);
