/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that a thread sends to itself, or to its own process: raise, abort, assert.  Handlers, masks and pending sets are this
 * process's own business; delivery is a function call at the end of the system call that made the signal deliverable.
 *
 * What is not here: signals from other processes, to other threads, and from faults.
 */
#include <mnos/calls.h>
#include <posix/seam.h>
#include <str.h>

#include "px.h"

#define SIGNALS      64u
#define SA_SIGINFO   4ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul
#define SIG_DFL      0ul
#define SIG_IGN      1ul
#define SI_TKILL     (-6)

enum { SIGKILL = 9, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGURG = 23, SIGWINCH = 28 };
enum how { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

/* As the kernel of Linux takes it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};

struct siginfo {
    int32_t signo, error, code, pad, pid, uid;
    uint64_t value;
    char rest[96];
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo_t of x86-64");

struct context { /* ucontext_t as far as the mask */
    uint64_t flags, link, stack[3], regs[23], fpstate, reserved[8], mask;
    char rest[256];
};

static struct action actions[SIGNALS + 1];
static __thread uint64_t blocked, pending; /* bit signo - 1 */

static uint64_t bit(int signo)
{
    return 1ull << (signo - 1);
}

static bool stays_unblocked(int signo)
{
    return signo == SIGKILL || signo == SIGSTOP;
}

static bool ignored_by_default(int signo)
{
    return signo == SIGCHLD || signo == SIGCONT || signo == SIGURG || signo == SIGWINCH;
}

/* Runs the handler as a call; the mask comes back from the context, which it may have changed. */
static void handler_call(int signo, struct action action)
{
    struct siginfo info = {.signo = signo, .code = SI_TKILL, .pid = (int32_t)px.pid, .uid = (int32_t)px.uid};
    struct context context = {.mask = blocked};

    if ((action.flags & SA_RESETHAND) != 0)
        actions[signo].handler = SIG_DFL;
    blocked |= action.mask | ((action.flags & SA_NODEFER) != 0 ? 0 : bit(signo));
    if ((action.flags & SA_SIGINFO) != 0)
        ((void (*)(int, struct siginfo *, struct context *))action.handler)(signo, &info, &context);
    else
        ((void (*)(int))action.handler)(signo);
    blocked = context.mask;
}

static void signal_take(int signo)
{
    struct action action = actions[signo];

    pending &= ~bit(signo);
    if (action.handler == SIG_IGN || (action.handler == SIG_DFL && ignored_by_default(signo)))
        return;
    if (action.handler == SIG_DFL)
        px_die(128 + (uint64_t)signo);
    handler_call(signo, action);
}

static void signals_deliver(void)
{
    for (uint64_t now; (now = pending & ~blocked) != 0;)
        signal_take(__builtin_ctzll(now) + 1);
}

static long signal_self(long signo)
{
    if (signo < 0 || signo > (long)SIGNALS)
        return -PX_EINVAL;
    if (signo != 0) {
        pending |= bit((int)signo);
        signals_deliver();
    }
    return 0;
}

/* rt_sigaction(signo, new, old, bytes of a mask) */
PX_CALL(rt_sigaction)
{
    if (a < 1 || a > (long)SIGNALS || d != 8 || (b != 0 && stays_unblocked((int)a)))
        return -PX_EINVAL;
    struct action old = actions[a];
    if (b != 0) {
        actions[a] = *(const struct action *)b;
        actions[a].mask &= ~(bit(SIGKILL) | bit(SIGSTOP));
    }
    if (c != 0)
        *(struct action *)c = old;
    return 0;
}

/* rt_sigprocmask(how, set, old, bytes of a mask) */
PX_CALL(rt_sigprocmask)
{
    uint64_t old = blocked;

    if (d != 8)
        return -PX_EINVAL;
    if (b != 0) {
        uint64_t set = *(const uint64_t *)b & ~(bit(SIGKILL) | bit(SIGSTOP));
        if (a != SIG_BLOCK && a != SIG_UNBLOCK && a != SIG_SETMASK)
            return -PX_EINVAL;
        blocked = a == SIG_BLOCK ? old | set : a == SIG_UNBLOCK ? old & ~set : set;
    }
    if (c != 0)
        *(uint64_t *)c = old;
    signals_deliver();
    return 0;
}

PX_CALL(rt_sigpending)
{
    if (b > 8)
        return -PX_EINVAL;
    memcpy((void *)a, &pending, (size_t)b);
    return 0;
}

PX_CALL(tkill)
{
    return a == (long)px_tid() ? signal_self(b) : -PX_ENOSYS;
}

PX_CALL(kill)
{
    return a == (long)px.pid ? signal_self(b) : -PX_ENOSYS;
}

/* Handlers are called as functions and return as such. */
void __mnos_sigreturn(void *frame)
{
    (void)frame;
    px_die(128 + 11);
}
