/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: creation, signals, suspension, death. */
#include <core/assert.h>
#include <mm/ucopy.h>
#include <obj.h>

static u64 next_tid = 1;

static void thread_init(struct thread *t)
{
    object_init(&t->object, MNOS_TYPE_THREAD);
    t->tid = __atomic_fetch_add(&next_tid, 1, __ATOMIC_RELAXED);
    t->state = MNOS_STATE_NEW;
    t->deadline = MNOS_FOREVER;
    t->affinity = UINT64_MAX;
    t->switch_flags = cpu.fsgsbase && cpu.xsave ? 0 : SWITCH_OLD;
    list_node_init(&t->run_link);
    list_node_init(&t->word_link);
    list_node_init(&t->process_link);
    list_node_init(&t->ipc.event_link);
}

struct thread *thread_create_kernel(void (*cont)(struct thread *), u8 prio)
{
    struct thread *t = slab_alloc(root_pool, SLAB_THREAD);

    if (t == NULL)
        panic("no memory for a kernel thread");
    thread_init(t);
    t->kernel = true;
    t->prio = t->base_prio = prio;
    t->cont = cont;
    return t;
}

status_t thread_new(struct process *p, const struct mnos_thread_args *args, struct thread **out)
{
    struct thread *creator = current_thread();
    struct thread *t = slab_alloc(p->pool, SLAB_THREAD);

    REFUSE_IF(t == NULL, NO_MEMORY);
    thread_init(t);
    bool kernel = creator->kernel;
    t->ceiling = kernel ? MNOS_PRIO_MAX : creator->ceiling;
    t->base_prio = args->priority != 0 ? (u8)args->priority : kernel ? MNOS_PRIO_DEFAULT : creator->base_prio;
    t->prio = t->base_prio;
    t->affinity = args->affinity != 0 ? args->affinity : UINT64_MAX;
    t->core = this_core()->index;
    t->process = p;
    t->account = p->pid;
    t->regs = (struct regs){ .rip = args->entry, .cs = SEL_USER_CODE, .rsp = args->stack, .ss = SEL_USER_DATA,
                             .rflags = FLAGS_ALWAYS | FLAGS_IF,
                             .rdi = args->arg[0], .rsi = args->arg[1], .rdx = args->arg[2] };
    t->fs_base = args->fs_base;
    spin_lock(&p->lock);
    bool dead = p->state == MNOS_STATE_DEAD;
    if (!dead) {
        object_get(&p->object);
        p->state = MNOS_STATE_RUNNING;
        list_push_back(&p->threads, &t->process_link);
        p->thread_count++;
        if ((args->flags & MNOS_THREAD_SUSPENDED) != 0 || p->suspended)
            t->signals = THREAD_SUSPEND;
        t->turn = p->turn;
    }
    spin_unlock(&p->lock);
    if (dead) {
        object_fini(&t->object);
        slab_free(t);
        return ERR(PEER_GONE);
    }
    *out = t;
    return 0;
}

void thread_start(struct thread *t)
{
    spin_lock(&t->process->lock);
    if (t->state == MNOS_STATE_NEW) {
        if ((t->signals & THREAD_SUSPEND) != 0 && (t->signals & THREAD_KILLED) == 0)
            t->state = MNOS_STATE_SUSPENDED;
        else
            sched_wake(t);
    }
    spin_unlock(&t->process->lock);
}

void thread_signal(struct thread *t, u8 bits)
{
    __atomic_fetch_or(&t->signals, bits, __ATOMIC_SEQ_CST);
    if (t->state == MNOS_STATE_BLOCKED)
        sched_cancel(t, t->wait_seq, ERR(INTERRUPTED));
    sched_poke(t);
}

/* Process lock held. */
void thread_kill(struct thread *t)
{
    __atomic_fetch_or(&t->signals, THREAD_KILLED, __ATOMIC_SEQ_CST);
    /* It dies in its own context, at once even if more important threads are busy. */
    sched_set_prio(t, MNOS_PRIO_MAX);
    if (t->state == MNOS_STATE_NEW || t->state == MNOS_STATE_SUSPENDED)
        sched_wake(t);
    else if (t->state == MNOS_STATE_BLOCKED)
        sched_cancel(t, t->wait_seq, ERR(INTERRUPTED));
    sched_poke(t);
}

void thread_abort(struct thread *t)
{
    __atomic_fetch_or(&t->signals, THREAD_ABORT, __ATOMIC_SEQ_CST);
    sched_wake(t);
}

void thread_suspend(struct thread *t)
{
    __atomic_fetch_or(&t->signals, THREAD_SUSPEND, __ATOMIC_SEQ_CST);
    sched_poke(t);
}

void thread_resume(struct thread *t)
{
    __atomic_fetch_and(&t->signals, (u8)~THREAD_SUSPEND, __ATOMIC_SEQ_CST);
    if (t->state == MNOS_STATE_SUSPENDED)
        sched_wake(t);
}

bool thread_stopped(const struct thread *t)
{
    /* One that has just begun to wait may still be on its way out of another core: that takes no longer than a switch. */
    for (;; spin_wait()) {
        bool gone = !__atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE);
        bool stands = t->state == MNOS_STATE_NEW || t->state == MNOS_STATE_SUSPENDED ||
                      (t->state == MNOS_STATE_BLOCKED &&
                       (t->wait == MNOS_WAIT_FAULT || (t->signals & THREAD_SUSPEND) != 0));
        if (gone || !stands || t->core == this_core()->index)
            return stands && gone;
    }
}

static void suspend_self(struct thread *t)
{
    spin_lock(&t->process->lock);
    /* Whoever kills it sets that first, under this lock, and wakes only what stands. */
    if ((t->signals & (THREAD_SUSPEND | THREAD_KILLED)) == THREAD_SUSPEND) {
        t->state = MNOS_STATE_SUSPENDED;
        this_core()->resched |= RESCHED_PICK;
    }
    spin_unlock(&t->process->lock);
}

void thread_signals(struct thread *t)
{
    if ((t->signals & THREAD_ABORT) != 0) {
        __atomic_fetch_and(&t->signals, (u8)~THREAD_ABORT, __ATOMIC_RELAXED);
        process_kill(t->process, MNOS_EXIT_FAULT | t->fault.cause);
    }
    if ((t->signals & THREAD_KILLED) != 0)
        thread_exit(t);
    else if ((t->signals & THREAD_SUSPEND) != 0)
        suspend_self(t);
    else if ((t->signals & THREAD_UPCALL) != 0)
        upcall_deliver(t);
    else if ((t->signals & THREAD_RING) != 0)
        ring_worker(t);
}

/* The word that tells others that this thread has left its stack. */
static void clear_word(struct thread *t)
{
    u64 address = t->clear_word;

    t->clear_word = 0;
    if (address == 0 || t->process->state == MNOS_STATE_DEAD)
        return;
    if (ucopy_write_u32(UADDR(address), 0) < 0)
        return;
    status_t woken = word_wake(address, 1, 0, 0, MNOS_WAIT_PRIVATE);
    if (woken == 0)
        woken = word_wake(address, 1, 0, 0, MNOS_WAIT_SHARED);
    (void)woken;
}

void thread_exit(struct thread *t)
{
    struct process *p = t->process;

    clear_word(t);
    notification_unbind(t);
    endpoint_leave(t);
    t->state = MNOS_STATE_DEAD;     /* first: who watches from now on is told at once */
    watch_fire(&t->watch);
    this_core()->resched |= RESCHED_PICK | RESCHED_NO_RESULT;
    spin_lock(&p->lock);
    list_remove(&t->process_link);
    if ((t->signals & THREAD_RING) != 0)
        ring_worker_gone(t);
    bool last = --p->thread_count == p->ring.workers;
    if (p->thread_count == 0 && p->state == MNOS_STATE_DEAD)
        process_to_reaper(p);
    spin_unlock(&p->lock);
    reaper_push(&t->object);
    if (last)
        process_kill(p, 0);         /* what is left runs no user code */
}

/* First what it holds, while capabilities may still name it; then, when those are gone, the record. */
bool thread_reap(struct object *o)
{
    struct thread *t = container_of(o, struct thread, object);

    if (t->reap_phase++ == 0) {
        if (t->fpu != NULL)
            kframe_free(t->process->pool, t->fpu);
        object_put(o);
        return true;
    }
    struct process *p = t->process;
    object_fini(o);
    slab_free(t);
    object_put(&p->object);
    return true;
}
