/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of processes, and who waits for it. */
#include <libmnos/heap.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>

#include "proc.h"

struct waiter {
    struct waiter *next;
    struct proc *proc;
    mnos_handle_t reply;
    int64_t which;
    uint64_t options;
};

static struct waiter *first;
static unsigned count;

mnos_handle_t reply_new(void)
{
    int64_t made = mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0);

    return made < 0 ? MNOS_NONE : (mnos_handle_t)made;
}

/* What a child has to tell of what is asked for; 0: nothing. */
static uint64_t news_of(const struct proc *p, uint64_t options)
{
    if (p->state == ZOMBIE)
        return options & PROC_WEXITED;
    if (p->news_stop && (options & PROC_WSTOPPED) != 0)
        return PROC_WSTOPPED;
    if (p->news_run && (options & PROC_WCONTINUED) != 0)
        return PROC_WCONTINUED;
    return 0;
}

static void news_take(struct proc *p, uint64_t news, uint64_t options, uint64_t out[MNOS_IPC_WORDS])
{
    out[0] = (uint64_t)p->pid;
    out[1] = news == PROC_WCONTINUED ? 0xffff : p->status;
    if ((options & PROC_WNOWAIT) != 0)
        return;
    if (news == PROC_WEXITED)
        proc_free(p);
    else if (news == PROC_WSTOPPED)
        p->news_stop = false;
    else
        p->news_run = false;
}

/* True: there is an answer. */
static bool look(struct proc *p, int64_t which, uint64_t options, uint64_t out[MNOS_IPC_WORDS],
                 enum proc_status *status)
{
    bool child = false;

    *status = PROC_OK;
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *c = proc_at[i];
        if (c->state == FREE || c == p || c->parent != p || c->orphan || !selected(p, c, which))
            continue;
        child = true;
        uint64_t news = news_of(c, options);
        if (news != 0) {
            news_take(c, news, options, out);
            return true;
        }
    }
    if (!child)
        *status = PROC_E_NO_CHILD;
    return !child || (options & PROC_WNOHANG) != 0;
}

static void waiter_remove(struct waiter **link)
{
    struct waiter *w = *link;

    *link = w->next;
    w->proc->waiters--;
    mnos_cap_delete(w->reply);
    free(w);
    count--;
}

static void answer(mnos_handle_t reply, enum proc_status status, const uint64_t out[MNOS_IPC_WORDS])
{
    struct mnos_msg msg = {.label = status};

    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        msg.word[i] = out[i];
    (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
}

/* A thread that waited may have died; its Reply knows. */
static void sweep(void)
{
    char nothing;

    for (struct waiter **link = &first; *link;) {
        if (mnos_ipc_copy((*link)->reply, MNOS_COPY_FROM_CALLER, 0, &nothing, 0) == -MNOS_E_PEER_GONE)
            waiter_remove(link);
        else
            link = &(*link)->next;
    }
}

bool wait_call(struct proc *p, struct call *call, enum proc_status *status)
{
    const uint64_t known = PROC_WNOHANG | PROC_WSTOPPED | PROC_WEXITED | PROC_WCONTINUED | PROC_WNOWAIT;
    int64_t which = (int64_t)call->word[0];
    uint64_t options = call->word[1];

    *status = PROC_E_INVALID;
    if ((options & ~known) != 0 || (options & (PROC_WSTOPPED | PROC_WEXITED | PROC_WCONTINUED)) == 0 ||
        which < -PID_LIMIT || which > PID_LIMIT)
        return true;
    if (look(p, which, options, call->out, status))
        return true;
    if (count >= WAITERS_MAX || p->waiters >= PROC_WAITERS)
        sweep();
    *status = PROC_E_AGAIN;
    struct waiter *w = count < WAITERS_MAX && p->waiters < PROC_WAITERS ? malloc(sizeof *w) : NULL;
    if (!w)
        return true;
    *w = (struct waiter){.proc = p, .reply = call->reply, .which = which, .options = options};
    struct waiter **link = &first;
    while (*link)
        link = &(*link)->next;
    *link = w;
    p->waiters++;
    count++;
    return false;
}

void wait_cancel(mnos_handle_t reply)
{
    static const uint64_t nothing[MNOS_IPC_WORDS];

    for (struct waiter **link = &first; *link; link = &(*link)->next) {
        if ((*link)->reply != reply)
            continue;
        answer(reply, PROC_E_INTERRUPTED, nothing);
        waiter_remove(link);
        return;
    }
}

/* A dead waiter must not take the news: it is asked for first. */
void wait_news(struct proc *p)
{
    if (p->waiters > 0)
        sweep();
    for (struct waiter **link = &first; *link;) {
        struct waiter *w = *link;
        uint64_t out[MNOS_IPC_WORDS] = {0};
        enum proc_status status;
        if (w->proc == p && look(p, w->which, w->options, out, &status)) {
            answer(w->reply, status, out);
            waiter_remove(link);
        } else {
            link = &w->next;
        }
    }
}

void wait_forget(struct proc *p)
{
    for (struct waiter **link = &first; *link;)
        if ((*link)->proc == p)
            waiter_remove(link);
        else
            link = &(*link)->next;
}

static int signal_of_fault(uint64_t cause)
{
    switch (cause) {
    case MNOS_FAULT_DIVIDE:
    case MNOS_FAULT_FPU:
    case MNOS_FAULT_SIMD:
        return SIGFPE;
    case MNOS_FAULT_DEBUG:
    case MNOS_FAULT_BREAKPOINT:
        return SIGTRAP;
    case MNOS_FAULT_OPCODE:
        return SIGILL;
    case MNOS_FAULT_NO_MEMORY:
        return SIGKILL;
    case MNOS_FAULT_ALIGNMENT:
    case MNOS_FAULT_PAST_END:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

static uint32_t wait_status(uint64_t exit)
{
    if ((exit & MNOS_EXIT_FAULT) != 0)
        return (uint32_t)signal_of_fault(exit & 0xff);
    if ((exit & PROC_EXIT_SIGNAL) != 0)
        return (uint32_t)exit & 0x7f;
    if ((exit & MNOS_EXIT_KILLED) != 0)
        return SIGKILL;
    return (uint32_t)(exit & 0xff) << 8;
}

/* Its children have nobody any more who could wait for them. */
static void children_orphan(const struct proc *p)
{
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *c = proc_at[i];
        if (c->state == FREE || c->parent != p || c == p)
            continue;
        c->parent = c->world;
        c->orphan = true;
        if (c->state == ZOMBIE)
            proc_free(c);
    }
}

void proc_died(struct proc *p, uint64_t exit)
{
    struct proc *parent = p->parent;

    staged_drop(p);
    parts_drop(p);
    wait_forget(p);
    mnos_cap_delete(p->process);
    mnos_cap_delete(p->thread);
    p->process = p->thread = MNOS_NONE;
    p->state = ZOMBIE;
    p->status = wait_status(exit);
    children_orphan(p);
    parent_tell(p, (p->status & 0x7f) != 0 ? CLD_KILLED : CLD_EXITED);
    if (p->orphan || (parent->flags & PROC_NO_ZOMBIES) != 0)
        proc_free(p);
    wait_news(parent);
}

void deaths_look(uint64_t bits)
{
    for (uint32_t i = 0; i < procs_made; i++) {
        struct proc *p = proc_at[i];
        struct mnos_cap_info info;
        if ((bits >> (i % 64) & 1) == 0 || p->state == FREE || p->process == MNOS_NONE)
            continue;
        if (mnos_cap_inspect(p->process, &info, sizeof info) >= 0 && info.state == MNOS_STATE_DEAD)
            proc_died(p, info.status);
    }
}
