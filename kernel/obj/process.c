/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: creation, and death in two phases.
 *
 *   process_kill: DEAD; every thread is signalled, by the reaper if they are many, and ends itself  -->  last thread gone: reaper
 *   process_reap: capabilities, ports, address space, table -- in bounded steps; the record when nobody names it any more
 */
#include <obj.h>
#include <str.h>

TREE_DEFINE(processes, struct process, all_link, u64, pid)

struct process *init_process;
struct spinlock process_list_lock = SPINLOCK(RANK_PROCESS_LIST);
static struct tree process_list;
static u64 next_pid = 1;

enum { REAP_KILL, REAP_START, REAP_CAPS, REAP_PORTS, REAP_ASPACE, REAP_TABLE, REAP_REST, REAP_RECORD };

status_t process_create(struct pool *pool, u32 slots, struct badge *fault_badge, const char *name, u64 parent_pid,
                        struct process **out)
{
    struct process *p = slab_alloc(pool, SLAB_PROCESS);

    REFUSE_IF(p == NULL, NO_MEMORY);
    status_t s = aspace_init(&p->aspace, pool);
    if (s == 0) {
        s = cap_table_init(&p->table, p, pool, slots);
        while (s < 0 && !aspace_reap(&p->aspace))
            continue;               /* it is empty: one step or two */
    }
    if (s < 0) {
        slab_free(p);
        return s;
    }
    object_init(&p->object, MNOS_TYPE_PROCESS);
    spin_init(&p->lock, RANK_PROCESS);
    list_init(&p->threads);
    list_init(&p->port_maps);
    list_init(&p->ring.idle);
    word_init_process(p);
    object_get(&pool->object);
    p->pool = pool;
    p->parent_pid = parent_pid;
    memcpy(p->name, name, sizeof p->name - 1);
    if (fault_badge != NULL)
        p->fault_badge = badge_hold(fault_badge);
    spin_lock(&process_list_lock);
    p->pid = next_pid++;
    processes_insert(&process_list, p);
    spin_unlock(&process_list_lock);
    *out = p;
    return 0;
}

struct process *process_next(u64 pid)
{
    spin_lock(&process_list_lock);
    struct process *p = processes_lower_bound(&process_list, pid);
    if (p != NULL)
        object_get(&p->object);
    spin_unlock(&process_list_lock);
    return p;
}

/*
 * What a process does, its threads follow a few at a time: `turn` counts what it does, those that have not followed yet come
 * first in the list.  Lock held; true: all have.
 */
#define STEP_THREADS 8u

static bool follow_some(struct process *p)
{
    for (u32 n = 0; n < STEP_THREADS; n++) {
        struct list_node *first = list_first(&p->threads);
        struct thread *t = container_of(first, struct thread, process_link);
        if (first == NULL || t->turn == p->turn)
            return true;
        t->turn = p->turn;
        list_remove(first);
        list_push_back(&p->threads, first);
        if (p->state == MNOS_STATE_DEAD) {
            if ((t->signals & THREAD_KILLED) == 0)
                thread_kill(t);
        } else if (p->suspended) {
            thread_suspend(t);
        } else {
            thread_resume(t);
        }
    }
    return false;
}

bool process_follow(struct process *p)
{
    spin_lock(&p->lock);
    bool all = follow_some(p);
    spin_unlock(&p->lock);
    return all;
}

void process_to_reaper(struct process *p)
{
    if (!p->queued)
        reaper_push(&p->object);
    p->queued = true;
}

void process_kill(struct process *p, u64 status)
{
    spin_lock(&p->lock);
    if (p->state != MNOS_STATE_DEAD) {
        p->state = MNOS_STATE_DEAD;
        p->status = status;
        p->turn++;
        /* The reaper goes on with the others: it is more important than any of them. */
        if (!follow_some(p) || p->thread_count == 0)
            process_to_reaper(p);
    }
    spin_unlock(&p->lock);
}

void process_forsaken(struct process *p)
{
    /* No capability is left by which a thread could be made in it. */
    if (p->state != MNOS_STATE_DEAD && __atomic_load_n(&p->thread_count, __ATOMIC_ACQUIRE) == 0)
        process_kill(p, MNOS_EXIT_KILLED);
}

bool process_stopped(const struct process *p)
{
    return p->state == MNOS_STATE_DEAD && __atomic_load_n(&p->thread_count, __ATOMIC_ACQUIRE) == 0;
}

static void release_rest(struct process *p)
{
    if (p->budget.period != 0)
        __atomic_fetch_sub(&budgets_in_use, 1, __ATOMIC_RELAXED);
    if (p->fault_badge != NULL)
        badge_drop(p->fault_badge);
    spin_lock(&process_list_lock);
    tree_remove(&process_list, &p->all_link);
    spin_unlock(&process_list_lock);
}

/* All threads are told.  True: the reaper has no more to do, for now: the last thread brings it back. */
static bool reap_threads(struct process *p)
{
    spin_lock(&p->lock);
    bool killed = follow_some(p), gone = p->thread_count == 0;
    if (gone)
        p->reap_phase++;
    else if (killed)
        p->queued = false;
    spin_unlock(&p->lock);
    return killed && !gone;
}

bool process_reap(struct object *o)
{
    struct process *p = container_of(o, struct process, object);
    struct object *pool = &p->pool->object;
    bool done = true;

    switch (p->reap_phase) {
    case REAP_KILL:
        return reap_threads(p);
    case REAP_START:
        if (p == init_process)
            machine_end(p->status);
        watch_fire(&p->watch);
        break;
    case REAP_CAPS:
        done = cap_table_empty_step(&p->table);
        break;
    case REAP_PORTS:
        ioport_free(p);
        break;
    case REAP_ASPACE:
        done = aspace_reap(&p->aspace);
        break;
    case REAP_TABLE:
        done = cap_table_free_step(&p->table);
        break;
    case REAP_REST:
        release_rest(p);
        p->reap_phase++;
        object_put(o);              /* of the living process; capabilities may still name it */
        return true;
    default:
        object_free(o);
        object_put(pool);
        return true;
    }
    p->reap_phase += done;
    return false;
}
