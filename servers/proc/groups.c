/* SPDX-License-Identifier: BSD-2-Clause */
/* Process groups and sessions, by the rules of POSIX.1-2017. */
#include "proc.h"

bool selected(const struct proc *by, const struct proc *p, int64_t which)
{
    if (which > 0)
        return p->pid == which;
    if (which == 0)
        return p->group == by->group;
    return which == -1 || p->group == -which;
}

/* Itself for 0. */
static const struct proc *named(const struct proc *p, int64_t pid)
{
    return pid == 0 || pid == p->pid ? p : proc_of_pid(p->world, pid);
}

enum proc_status ids_call(const struct proc *p, struct call *call)
{
    const struct proc *of = named(p, (int64_t)call->word[0]);

    if (!of)
        return PROC_E_NOT_FOUND;
    call->out[0] = (uint64_t)of->pid;
    call->out[1] = (uint64_t)(of == of->world ? 0 : of->parent->pid);
    call->out[2] = (uint64_t)of->group;
    call->out[3] = (uint64_t)of->session;
    return PROC_OK;
}

enum proc_status setpgid_call(struct proc *p, const struct call *call)
{
    int64_t pid = (int64_t)call->word[0], group = (int64_t)call->word[1];

    if (pid < 0 || group < 0 || pid >= PID_LIMIT || group >= PID_LIMIT)
        return PROC_E_INVALID;
    struct proc *of = pid == 0 ? p : proc_of_pid(p->world, pid);
    if (!of || of == p->world || (of != p && of->parent != p))
        return PROC_E_NOT_FOUND;
    if (of != p && of->session != p->session)
        return PROC_E_NOT_PERMITTED;
    if (of != p && of->execed)
        return PROC_E_TOO_LATE;
    if (of->session == of->pid)
        return PROC_E_NOT_PERMITTED;
    if (group != 0 && group != of->pid && !group_exists(p->world, group, of->session))
        return PROC_E_NOT_PERMITTED;
    of->group = group == 0 ? of->pid : (int32_t)group;
    return PROC_OK;
}

enum proc_status setsid_call(struct proc *p, struct call *call)
{
    if (p == p->world)
        return PROC_E_NOT_PERMITTED;
    for (uint32_t i = 0; i < procs_made; i++)
        if (proc_at[i]->state != FREE && proc_at[i]->group == p->pid)
            return PROC_E_NOT_PERMITTED;
    p->session = p->group = p->pid;
    call->out[0] = (uint64_t)p->pid;
    return PROC_OK;
}
