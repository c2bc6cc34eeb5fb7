/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on processes and threads. */

#include "sys.h"

#define THREAD_RIGHTS (MNOS_RIGHT_READ | MNOS_RIGHT_WRITE | MNOS_RIGHT_GRANT | MNOS_RIGHT_REVOKE)

status_t sys_proc_create(u64 pool_handle, u64 slots, u64 fault, u64 name_address, u64 name_length, u64 flags)
{
    struct process *p;
    struct pool *pool;
    struct cap_view v = { 0 };
    char name[32] = { 0 };

    TRY(sys_pool(pool_handle, &pool));
    if (fault != MNOS_NONE)
        TRY(sys_cap(fault, MNOS_TYPE_ENDPOINT, MNOS_RIGHT_SEND, &v));
    REFUSE_IF(flags != 0, INVALID);
    REFUSE_IF(slots < CAP_CHUNK_SLOTS || slots > CAP_SLOTS_MAX || name_length > sizeof name - 1, RANGE);
    if (name_length > 0)
        TRY(ucopy_in(name, UADDR(name_address), name_length));
    for (u64 i = 0; i < name_length; i++)
        if (name[i] < ' ' || name[i] > '~')
            name[i] = '?';
    TRY(process_create(pool, (u32)align_up(slots, CAP_CHUNK_SLOTS), v.badge, name, current_thread()->process->pid, &p));
    object_get(&p->object);
    status_t s = sys_give(sys_table(), &p->object, MNOS_RIGHTS_ALL, 0);
    if (s < 0)
        process_kill(p, MNOS_EXIT_KILLED);
    return s;
}

/* The caller goes on when the last thread of the other process has left its core. */
static enum step destroy_step(u64 arg[2])
{
    struct process *p = (struct process *)arg[0];

    if (!process_stopped(p) && (current_thread()->signals & THREAD_KILLED) == 0)
        return STEP_WAIT;
    object_put(&p->object);
    return STEP_DONE;
}

status_t sys_proc_destroy(u64 process, u64 status)
{
    struct process *p;

    TRY(sys_process(process, &p));
    if (p == current_thread()->process) {
        process_kill(p, status);
        this_core()->resched |= RESCHED_WORK | RESCHED_NO_RESULT;
        return 0;
    }
    object_get(&p->object);
    process_kill(p, status | MNOS_EXIT_KILLED);
    return sys_in_steps(destroy_step, p);
}

status_t sys_thread_create(u64 process, u64 address)
{
    struct mnos_thread_args args;
    struct process *p;
    struct thread *t;

    TRY(sys_process(process, &p));
    REFUSE_IF((address & 7) != 0, UNALIGNED);
    TRY(ucopy_in(&args, UADDR(address), sizeof args));
    REFUSE_IF(args.entry >= MNOS_USER_END || args.stack > MNOS_USER_END || args.fs_base >= MNOS_USER_END, RANGE);
    REFUSE_IF((args.flags & ~MNOS_THREAD_SUSPENDED) != 0 || args.priority > MNOS_PRIO_MAX, INVALID);
    REFUSE_IF(args.priority > current_thread()->ceiling, NO_RIGHTS);
    REFUSE_IF(args.affinity != 0 && (args.affinity & sched_cores_mask()) == 0, RANGE);
    TRY(thread_new(p, &args, &t));
    object_get(&t->object);
    status_t s = sys_give(sys_table(), &t->object, THREAD_RIGHTS, 0);
    if (s < 0) {
        spin_lock(&p->lock);
        thread_kill(t);
        spin_unlock(&p->lock);
        return s;
    }
    thread_start(t);
    return s;
}

status_t sys_thread_destroy(u64 thread)
{
    struct thread *t;

    TRY(sys_thread(thread, &t));
    spin_lock(&t->process->lock);
    if (t->state != MNOS_STATE_DEAD)
        thread_kill(t);
    spin_unlock(&t->process->lock);
    if (t == current_thread())
        this_core()->resched |= RESCHED_WORK | RESCHED_NO_RESULT;
    return 0;
}

status_t sys_thread_block(u64 address, u64 expected, u64 deadline, u64 flags)
{
    struct thread *t = current_thread();

    REFUSE_IF(flags > MNOS_WAIT_PARK, INVALID);
    if (flags == MNOS_WAIT_PARK)
        return word_park(t, deadline);
    REFUSE_IF(expected > UINT32_MAX, RANGE);
    return word_block(t, address, (u32)expected, deadline, flags);
}

status_t sys_thread_wake(u64 address, u64 count, u64 requeue, u64 requeue_count, u64 flags)
{
    struct thread *t;

    REFUSE_IF(flags > MNOS_WAIT_PARK, INVALID);
    if (flags != MNOS_WAIT_PARK)
        return word_wake(address, count, requeue, requeue_count, flags);
    TRY(sys_thread(address, &t));
    word_unpark(t);
    return 1;
}

/* ---- thread_control -------------------------------------------------------------------------------------------- */

static status_t get_regs(struct thread *t, u64 address)
{
    struct mnos_regs regs;

    REFUSE_IF((address & 7) != 0, UNALIGNED);
    REFUSE_IF(!thread_stopped(t), BUSY);
    regs_to_user(t, &regs);
    return ucopy_out(UADDR(address), &regs, sizeof regs);
}

static status_t set_regs(struct thread *t, u64 address)
{
    struct mnos_regs regs;

    REFUSE_IF((address & 7) != 0, UNALIGNED);
    TRY(ucopy_in(&regs, UADDR(address), sizeof regs));
    REFUSE_IF(regs.rip >= MNOS_USER_END || regs.fs_base >= MNOS_USER_END || regs.gs_base >= MNOS_USER_END, RANGE);
    REFUSE_IF(!thread_stopped(t), BUSY);
    regs_from_user(t, &regs);
    t->fs_base = regs.fs_base;
    t->gs_base = regs.gs_base;
    return 0;
}

static status_t set_priority(struct thread *t, u64 prio)
{
    REFUSE_IF(prio == 0 || prio > MNOS_PRIO_MAX, RANGE);
    REFUSE_IF(prio > current_thread()->ceiling, NO_RIGHTS);
    t->base_prio = (u8)prio;
    sched_set_prio(t, (u8)prio);
    return 0;
}

static status_t set_affinity(struct thread *t, u64 mask)
{
    REFUSE_IF((mask & sched_cores_mask()) == 0, RANGE);
    t->affinity = mask;
    sched_set_prio(t, t->prio);     /* looks for its place anew */
    return 0;
}

static status_t upcall_area(struct thread *t, u64 area, u64 handler)
{
    REFUSE_IF((area & 7) != 0, UNALIGNED);
    REFUSE_IF(area != 0 && (area < MNOS_USER_MIN || area > MNOS_USER_END - sizeof(struct mnos_upcall_area) ||
                            handler < MNOS_USER_MIN || handler >= MNOS_USER_END),
              RANGE);
    t->upcall_area = area;
    t->upcall_handler = handler;
    return 0;
}

static status_t watch(struct watch *w, const u8 *state, u64 ntf_handle, u64 bits)
{
    struct notification *n = NULL;

    if (ntf_handle != MNOS_NONE)
        TRY(sys_notification(ntf_handle, &n));
    watch_set(w, n, bits, state);
    return 0;
}

static status_t bind(struct thread *t, u64 handle)
{
    struct cap_view v;

    if (handle == MNOS_NONE) {
        notification_unbind(t);
        return 0;
    }
    TRY(sys_cap(handle, MNOS_TYPE_NOTIFICATION, MNOS_RIGHT_RECV, &v));
    return notification_bind(t, container_of(v.object, struct notification, object));
}

static status_t control_thread(struct thread *t, u64 op, u64 a, u64 b)
{
    bool self = t == current_thread();

    REFUSE_IF(!self && (op == MNOS_THREADCTL_UPCALL_AREA || op == MNOS_THREADCTL_CLEAR_WORD || op == MNOS_THREADCTL_BIND),
              INVALID);
    switch (op) {
    case MNOS_THREADCTL_GET_REGS:
        return get_regs(t, a);
    case MNOS_THREADCTL_SET_REGS:
        return set_regs(t, a);
    case MNOS_THREADCTL_SUSPEND:
        REFUSE_IF(t->state == MNOS_STATE_DEAD, PEER_GONE);
        thread_suspend(t);
        return 0;
    case MNOS_THREADCTL_RESUME:
        spin_lock(&t->process->lock);
        thread_resume(t);
        spin_unlock(&t->process->lock);
        return 0;
    case MNOS_THREADCTL_PRIORITY:
        return set_priority(t, a);
    case MNOS_THREADCTL_AFFINITY:
        return set_affinity(t, a);
    case MNOS_THREADCTL_TLS:
        REFUSE_IF(a >= MNOS_USER_END, RANGE);
        REFUSE_IF(!self && !thread_stopped(t), BUSY);
        cpu_set_fs_base(t, a);
        return 0;
    case MNOS_THREADCTL_UPCALL_AREA:
        return upcall_area(t, a, b);
    case MNOS_THREADCTL_UPCALL:
        __atomic_fetch_or(&t->upcall_bits, a, __ATOMIC_ACQ_REL);
        thread_signal(t, THREAD_UPCALL);
        return 0;
    case MNOS_THREADCTL_CLEAR_WORD:
        REFUSE_IF((a & 3) != 0, UNALIGNED);
        t->clear_word = a;
        return 0;
    case MNOS_THREADCTL_WATCH:
        return watch(&t->watch, &t->state, a, b);
    case MNOS_THREADCTL_BUDGET:
        return ERR(BADTYPE);
    case MNOS_THREADCTL_BIND:
        return bind(t, a);
    case MNOS_THREADCTL_ID:
        return (status_t)t->tid;
    default:
        return ERR(INVALID);
    }
}

/* The caller goes on when all threads of the other process have been told. */
static enum step suspend_step(u64 arg[2])
{
    struct process *p = (struct process *)arg[0];

    if (!process_follow(p))
        return STEP_MORE;
    object_put(&p->object);
    return STEP_DONE;
}

static status_t control_process(struct process *p, u64 op, u64 a, u64 b)
{
    switch (op) {
    case MNOS_THREADCTL_SUSPEND:
    case MNOS_THREADCTL_RESUME:
        spin_lock(&p->lock);
        p->suspended = op == MNOS_THREADCTL_SUSPEND;
        p->turn++;
        spin_unlock(&p->lock);
        object_get(&p->object);
        return sys_in_steps(suspend_step, p);
    case MNOS_THREADCTL_WATCH:
        return watch(&p->watch, &p->state, a, b);
    case MNOS_THREADCTL_BUDGET:
        return budget_set(p, a, b);
    default:
        return ERR(BADTYPE);
    }
}

static __attribute__((noinline)) status_t control_other(u64 target, u64 op, u64 a, u64 b)
{
    struct cap_view v;

    REFUSE_IF(op >= MNOS_THREADCTL_COUNT, INVALID);
    if (target == MNOS_SELF)
        return control_thread(current_thread(), op, a, b);
    TRY(sys_cap(target, MNOS_TYPE_NONE, 0, &v));
    REFUSE_IF(v.type != MNOS_TYPE_THREAD && v.type != MNOS_TYPE_PROCESS, BADTYPE);
    bool looks = op == MNOS_THREADCTL_WATCH || op == MNOS_THREADCTL_ID || op == MNOS_THREADCTL_GET_REGS;
    REFUSE_IF((v.rights & (looks ? MNOS_RIGHT_READ : MNOS_RIGHT_WRITE)) == 0, NO_RIGHTS);
    if (v.type == MNOS_TYPE_PROCESS)
        return control_process(container_of(v.object, struct process, object), op, a, b);
    return control_thread(container_of(v.object, struct thread, object), op, a, b);
}

status_t sys_thread_control(u64 target, u64 op, u64 a, u64 b)
{
    /* The two that a signal costs come first. */
    if (target == MNOS_SELF && op == MNOS_THREADCTL_UPCALL)
        return upcall_self(current_thread(), a);
    if (target == MNOS_SELF && op == MNOS_THREADCTL_UPCALL_RETURN)
        return upcall_return(current_thread());
    return control_other(target, op, a, b);
}
