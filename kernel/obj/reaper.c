/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reaper: a kernel thread that gives back what dead objects held.
 *
 *   object_put, death --> dead queue (lock-free) --> batch --> all cores have left the kernel once --> steps --> free
 *
 * The wait for the other cores is what makes lookups without locks safe: nobody still uses what is freed.
 */
#include <arch/clock.h>
#include <arch/smp.h>
#include <core/mpsc.h>
#include <obj.h>

#define CORES_POLL_NS 20000u

static struct mpsc_stack dead;
static u64 dead_count;              /* atomic: queued and not yet finished */
static struct thread *reaper;
static struct mpsc_node *batch;     /* the reaper's own */
static u64 ticket;
static bool waiting_for_cores;
static bool asleep;                 /* atomic */

_Static_assert(offsetof(struct mpsc_node, next) == 0, "object.dead_next is the node");

void reaper_push(struct object *o)
{
    __atomic_fetch_add(&dead_count, 1, __ATOMIC_RELAXED);
    (void)mpsc_push(&dead, (struct mpsc_node *)(void *)&o->dead_next);
    if (__atomic_load_n(&asleep, __ATOMIC_SEQ_CST) && __atomic_exchange_n(&asleep, false, __ATOMIC_ACQ_REL))
        sched_wake(reaper);
}

u64 reaper_queue_length(void)
{
    return __atomic_load_n(&dead_count, __ATOMIC_RELAXED);
}

/*
 * Was a reference taken after the last one had gone, by a call that had found the object before?  Such calls are over when all
 * cores have left the kernel: what has no reference then, gets none any more.
 */
static bool lives_on(struct object *o)
{
    u32 refs = __atomic_load_n(&o->refs, __ATOMIC_ACQUIRE);

    while ((refs & OBJECT_QUEUED) != 0 && refs != OBJECT_QUEUED)
        if (__atomic_compare_exchange_n(&o->refs, &refs, refs & ~OBJECT_QUEUED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/* One round of work; back through here by the scheduler. */
static void reap(struct thread *t)
{
    t->cont = reap;
    for (;;) {
        if (batch == NULL) {
            batch = mpsc_reverse(mpsc_take_all(&dead));
            if (batch == NULL) {
                __atomic_store_n(&asleep, true, __ATOMIC_SEQ_CST);
                /* A push between the look and the sleep has seen us awake: look again. */
                if (__atomic_load_n(&dead.head, __ATOMIC_SEQ_CST) != NULL &&
                    __atomic_exchange_n(&asleep, false, __ATOMIC_ACQ_REL))
                    continue;
                sched_block(t, MNOS_WAIT_NOTHING);
                return;
            }
            ticket = smp_quiesce_start();
            waiting_for_cores = true;
        }
        if (waiting_for_cores) {
            if (!smp_quiesce_done(ticket)) {
                timeout_arm(t, clock_now() + CORES_POLL_NS);
                sched_block(t, MNOS_WAIT_BUDGET);
                return;
            }
            waiting_for_cores = false;
        }
        struct object *o = container_of((struct object **)(void *)batch, struct object, dead_next);
        struct mpsc_node *next = batch->next;
        if (lives_on(o) || object_reap[o->type](o)) {
            batch = next;
            __atomic_fetch_sub(&dead_count, 1, __ATOMIC_RELAXED);
        }
        if (preempt_point())
            return;
    }
}

void reaper_init(void)
{
    reaper = thread_create_kernel(reap, PRIO_REAPER);
    asleep = false;
    sched_wake(reaper);
}
