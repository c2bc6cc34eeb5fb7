/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals between processes.  SIGKILL, SIGSTOP and SIGCONT are done here; every other one becomes an upcall of the target's first
 * thread, with the signal's bit, and libposix in the target does what handler, mask and default say.  One that the target ignores
 * does not disturb it.
 */
#include <mnos/calls.h>
#include <mnos/thread.h>

#include "proc.h"

#define STOPS (1ull << (SIGSTOP - 1) | 1ull << (SIGTSTP - 1) | 1ull << (SIGTTIN - 1) | 1ull << (SIGTTOU - 1))

static uint64_t bit(int signo)
{
    return 1ull << (signo - 1);
}

static bool lives(const struct proc *p)
{
    return (p->state == RUNNING || p->state == STOPPED) && p != p->world;
}

static void stop(struct proc *p, int signo)
{
    if (p->state != RUNNING)
        return;
    (void)mnos_thread_control(p->process, MNOS_THREADCTL_SUSPEND, 0, 0);
    p->state = STOPPED;
    p->status = (uint32_t)signo << 8 | 0x7f;
    p->news_stop = true;
    p->news_run = false;
    parent_tell(p, CLD_STOPPED);
    wait_news(p->parent);
}

static void go_on(struct proc *p)
{
    if (p->state != STOPPED)
        return;
    (void)mnos_thread_control(p->process, MNOS_THREADCTL_RESUME, 0, 0);
    p->state = RUNNING;
    p->news_stop = false;
    p->news_run = true;
    parent_tell(p, CLD_CONTINUED);
    wait_news(p->parent);
}

void signal_send(struct proc *to, int signo, struct sender from)
{
    if (!lives(to))
        return;
    to->sender[signo] = from;
    switch (signo) {
    case SIGKILL:
        (void)mnos_proc_destroy(to->process, PROC_EXIT_SIGNAL | SIGKILL);
        return;
    case SIGSTOP:
        stop(to, signo);
        return;
    case SIGCONT:
        go_on(to);
        break;
    default:
        break;
    }
    if ((to->ignored & bit(signo)) == 0)
        (void)mnos_thread_control(to->thread, MNOS_THREADCTL_UPCALL, bit(signo), 0);
}

void parent_tell(const struct proc *p, int code)
{
    struct proc *parent = p->parent;
    bool stops = code == CLD_STOPPED || code == CLD_CONTINUED;

    if (p->orphan || (stops && (parent->flags & PROC_NO_STOPS) != 0))
        return;
    uint32_t status = code == CLD_EXITED      ? p->status >> 8
                      : code == CLD_STOPPED   ? p->status >> 8
                      : code == CLD_CONTINUED ? (uint32_t)SIGCONT
                                              : p->status & 0x7f;
    signal_send(parent, SIGCHLD, (struct sender){p->pid, code, status});
}

enum proc_status kill_call(struct proc *p, const struct call *call)
{
    int64_t which = (int64_t)call->word[0], signo = (int64_t)call->word[1];
    bool found = false;

    if (signo < 0 || signo > PROC_SIGNALS_MAX)
        return PROC_E_INVALID;
    if (p == p->world && which == 0)
        return PROC_E_NOT_FOUND; /* it is in no group */
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *to = proc_at[i];
        if (to->state == FREE || to->world != p->world || to == p->world || !selected(p, to, which) ||
            (which == -1 && to == p))
            continue;
        found = true;
        if (signo != 0)
            signal_send(to, (int)signo, (struct sender){p->pid, SI_USER, 0});
    }
    return found ? PROC_OK : PROC_E_NOT_FOUND;
}

enum proc_status signals_call(struct proc *p, const struct call *call)
{
    if ((call->word[1] & ~(PROC_NO_ZOMBIES | PROC_NO_STOPS)) != 0)
        return PROC_E_INVALID;
    p->ignored = call->word[0] & ~(bit(SIGKILL) | bit(SIGSTOP));
    p->flags = (uint32_t)call->word[1];
    return PROC_OK;
}

enum proc_status siginfo_call(const struct proc *p, struct call *call)
{
    if (call->word[0] == 0 || call->word[0] > PROC_SIGNALS_MAX)
        return PROC_E_INVALID;
    const struct sender *s = &p->sender[call->word[0]];
    call->out[0] = (uint64_t)s->pid;
    call->out[1] = (uint64_t)(int64_t)s->code;
    call->out[2] = s->status;
    return PROC_OK;
}

enum proc_status stop_call(struct proc *p, const struct call *call)
{
    if (call->word[0] == 0 || call->word[0] > PROC_SIGNALS_MAX || (STOPS >> (call->word[0] - 1) & 1) == 0)
        return PROC_E_INVALID;
    if (p == p->world)
        return PROC_E_NOT_PERMITTED;
    stop(p, (int)call->word[0]);
    return PROC_OK;
}
