/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals.  Handlers, masks and pending sets are this process's own business.  A signal that another process sends comes as an
 * upcall of the first thread, with the signal's bit; one that a thread sends itself is pending at once.  Both are taken at the
 * end of the call of libposix that the thread is in, or, outside of such a call, where the upcall came.
 *
 * What the process ignores the process server is told, so that it does not disturb the process.
 *
 * What is not here: signals to other threads, values for other processes, and signals from faults.
 */
#include "signal.h"

#include <libmnos/clock.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <posix/seam.h>
#include <proc/protocol.h>
#include <str.h>

#include "wait.h"

#define SIGNALS      64u
#define SA_NOCLDSTOP 1ul
#define SA_NOCLDWAIT 2ul
#define SA_SIGINFO   4ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul
#define SIG_DFL      0ul
#define SIG_IGN      1ul
#define SI_USER      0
#define SI_TKILL     (-6)
#define REAL_TIME    32 /* the first that is queued whatever it is sent by */

enum {
    SIGKILL = 9,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGWINCH = 28
};
enum how { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

/* As the kernel of Linux takes it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};

struct siginfo {
    int32_t signo, error, code, pad, pid, uid;
    union {
        int32_t status;
        uint64_t value;
    };
    char rest[96];
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo_t of x86-64");

struct context { /* ucontext_t as far as the mask */
    uint64_t flags, link, stack[3], regs[23], fpstate, reserved[8], mask;
    char rest[256];
};

/* entry.S */
extern const char px_ipc_window[], px_ipc_window_end[], px_ipc_interrupted[];
extern const char px_block_window[], px_block_window_end[], px_block_interrupted[];
void px_upcall_enter(void);
void px_upcall(struct mnos_upcall_area *area);

static struct action actions[SIGNALS + 1];
static struct mnos_upcall_area area; /* of the first thread */
static uint64_t told_ignored, told_flags;
/* Signals that the server sends even if they are ignored: they were blocked once, or waited for, and then they are pending all the same. */
static uint64_t wanted;
/* Bytes of the processor's state that an upcall keeps with XSAVE (CPUID 13); 0: it has none, and FXSAVE does it. */
uint32_t px_state_bytes;

bool px_ready;
__thread unsigned px_depth;
__thread uint64_t px_pending, px_blocked;
extern __thread uint32_t px_wake;
static __thread uint64_t foreign; /* of the pending ones: the server knows who sent it */
static __thread uint64_t by_kill; /* of the pending ones: this process sent it to itself by kill */
static __thread uint64_t awaited; /* by sigtimedwait: not ignored, and taken by no handler */
static __thread bool interrupted; /* a handler without SA_RESTART has run */

static uint64_t bit(int signo)
{
    return 1ull << (signo - 1);
}

static void pending_add(uint64_t bits)
{
    __atomic_fetch_or(&px_pending, bits, __ATOMIC_RELAXED);
}

static void pending_remove(uint64_t bits)
{
    __atomic_fetch_and(&px_pending, ~bits, __ATOMIC_RELAXED);
}

static bool unblockable(int signo)
{
    return signo == SIGKILL || signo == SIGSTOP;
}

static bool ignored_by_default(int signo)
{
    return signo == SIGCHLD || signo == SIGCONT || signo == SIGURG || signo == SIGWINCH;
}

static bool stops_by_default(int signo)
{
    return signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU;
}

static bool ignored(int signo)
{
    uint64_t handler = actions[signo].handler;

    return handler == SIG_IGN || (handler == SIG_DFL && ignored_by_default(signo));
}

static void pending_drop(int signo)
{
    pending_remove(bit(signo));
    px_queue_drop(px_tid(), signo);
}

bool px_signal_waits(void)
{
    uint64_t now = px_pending & (~px_blocked | awaited);

    for (uint64_t left = now & ~awaited; left != 0; left &= left - 1) {
        int signo = __builtin_ctzll(left) + 1;
        if (ignored(signo)) {
            pending_drop(signo);
            now &= ~bit(signo);
        }
    }
    return now != 0;
}

uint64_t px_signals_ignored(void)
{
    uint64_t set = 0;

    for (int signo = 1; signo <= (int)SIGNALS; signo++)
        set |= actions[signo].handler == SIG_IGN ? bit(signo) : 0;
    return set;
}

/* What the server need not send.  One that a handler is set for may be told too late: it is ignored until then. */
static void ignored_tell(void)
{
    uint64_t set = 0, flags = 0;

    if (px.proc == MNOS_NONE)
        return;
    for (int signo = 1; signo <= (int)SIGNALS; signo++)
        set |= ignored(signo) ? bit(signo) : 0;
    set &= ~wanted;
    if (actions[SIGCHLD].handler == SIG_IGN || (actions[SIGCHLD].flags & SA_NOCLDWAIT) != 0)
        flags |= PROC_NO_ZOMBIES;
    if ((actions[SIGCHLD].flags & SA_NOCLDSTOP) != 0)
        flags |= PROC_NO_STOPS;
    if (set == told_ignored && flags == told_flags)
        return;
    uint64_t words[MNOS_IPC_WORDS] = {set, flags};
    told_ignored = set;
    told_flags = flags;
    (void)px_proc_call(PROC_SIGNALS, words);
}

/* From now on the server sends these, too. */
static void want(uint64_t set)
{
    uint64_t more = set & told_ignored & ~wanted;

    if (more == 0 || px.proc == MNOS_NONE)
        return;
    wanted |= more;
    ignored_tell();
}

/* A signal that is no longer pending: where it comes from. */
struct taken {
    bool foreign, by_kill, queued;
    struct px_queued with;
};

static struct taken pending_take(int signo)
{
    const uint64_t one = bit(signo);
    struct taken t = {.foreign = (foreign & one) != 0, .by_kill = (by_kill & one) != 0};

    pending_remove(one);
    foreign &= ~one;
    by_kill &= ~one;
    t.queued = !t.foreign && px_queue_take(px_tid(), signo, &t.with);
    if (px_queue_has(px_tid(), signo))
        pending_add(one);
    return t;
}

static struct siginfo info_of(int signo, const struct taken *t)
{
    struct siginfo info = {
        .signo = signo, .code = t->by_kill ? SI_USER : SI_TKILL, .pid = (int32_t)px.pid, .uid = (int32_t)px.uid};
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)signo};

    if (t->queued) {
        info.code = t->with.code;
        info.pid = t->with.pid;
        info.uid = t->with.uid;
        info.value = t->with.value;
    } else if (t->foreign && px_proc_call(PROC_SIGINFO, words) >= 0) {
        info.pid = (int32_t)words[0];
        info.code = (int32_t)words[1];
        info.status = (int32_t)words[2];
    }
    return info;
}

/* Runs the handler as a call; the mask comes back from the context, which it may have changed. */
static void handler_call(int signo, struct action action, const struct taken *taken)
{
    struct context context = {.mask = px_blocked};

    if ((action.flags & SA_RESETHAND) != 0)
        actions[signo].handler = SIG_DFL;
    if ((action.flags & SA_RESTART) == 0)
        interrupted = true;
    px_blocked |= action.mask | ((action.flags & SA_NODEFER) != 0 ? 0 : bit(signo));
    if ((action.flags & SA_SIGINFO) != 0) {
        struct siginfo info = info_of(signo, taken);
        ((void (*)(int, struct siginfo *, struct context *))action.handler)(signo, &info, &context);
    } else {
        ((void (*)(int))action.handler)(signo);
    }
    px_blocked = context.mask;
}

static void default_do(int signo)
{
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)signo};

    if (px.proc == MNOS_NONE)
        px_die(128 + (uint64_t)signo);
    if (!stops_by_default(signo))
        px_die(PROC_EXIT_SIGNAL | (uint64_t)signo);
    (void)px_proc_call(PROC_STOP, words);
}

static void signal_take(int signo)
{
    struct action action = actions[signo];
    struct taken taken = pending_take(signo);

    if (ignored(signo))
        return;
    if (action.handler == SIG_DFL)
        default_do(signo);
    else
        handler_call(signo, action, &taken);
}

static void signals_deliver(void)
{
    for (uint64_t now; (now = px_pending & ~px_blocked) != 0;)
        signal_take(__builtin_ctzll(now) + 1);
}

/* Calls that Linux makes again after a handler with SA_RESTART: those that wait without a limit of time. */
static bool restarts(long number)
{
    enum { READ = 0, WRITE = 1, OPEN = 2, READV = 19, WRITEV = 20, WAIT4 = 61, FCNTL = 72, FLOCK = 73, FUTEX = 202 };
    enum { WAITID = 247, OPENAT = 257 };

    switch (number) {
    case READ:
    case WRITE:
    case OPEN:
    case READV:
    case WRITEV:
    case WAIT4:
    case FCNTL:
    case FLOCK:
    case FUTEX:
    case WAITID:
    case OPENAT:
        return true;
    default:
        return false;
    }
}

bool px_leave(long number, long result)
{
    interrupted = false;
    signals_deliver();
    return result == -PX_EINTR && !interrupted && restarts(number);
}

/* The thread is in the window of a wait: the wait is over. */
static void window_leave(struct mnos_regs *regs)
{
    uint64_t rip = regs->rip;

    if (rip >= (uint64_t)px_ipc_window && rip < (uint64_t)px_ipc_window_end)
        regs->rip = (uint64_t)px_ipc_interrupted;
    if (rip >= (uint64_t)px_block_window && rip < (uint64_t)px_block_window_end)
        regs->rip = (uint64_t)px_block_interrupted;
}

/*
 * An upcall.  Handlers run with `hold` off, so that the next upcall finds them like any other code; the registers wait on this
 * stack meanwhile.
 */
void px_upcall(struct mnos_upcall_area *at)
{
    foreign |= at->bits;
    pending_add(at->bits);
    if (!px_signal_waits())
        return;
    if (px_depth > 0) {
        px_wake = 1;
        window_leave(&at->regs);
        return;
    }
    const struct mnos_regs regs = at->regs;
    bool was_interrupted = interrupted;
    __atomic_store_n(&at->hold, 0, __ATOMIC_RELEASE);
    signals_deliver();
    __atomic_store_n(&at->hold, 1, __ATOMIC_RELEASE);
    interrupted = was_interrupted;
    at->regs = regs;
}

static void state_measure(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    if ((ecx >> 27 & 1) == 0) /* OSXSAVE */
        return;
    eax = 13, ecx = 0;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    px_state_bytes = ebx;
}

void px_signals_begin(void)
{
    const struct posix_start *b = px.block;

    px_ready = true;
    if (b) {
        px_blocked = b->sigmask & ~(bit(SIGKILL) | bit(SIGSTOP));
        px_pending = b->sigpending;
        for (int signo = 1; signo <= (int)SIGNALS; signo++)
            if ((b->sigignored & bit(signo)) != 0)
                actions[signo].handler = SIG_IGN;
    }
    if (px.proc == MNOS_NONE)
        return;
    state_measure();
    /* As the server took it from the start block. */
    told_ignored =
        (b->sigignored | bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH)) & ~(bit(SIGKILL) | bit(SIGSTOP));
    told_flags = actions[SIGCHLD].handler == SIG_IGN ? PROC_NO_ZOMBIES : 0;
    want(px_blocked);
    (void)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL_AREA, (uint64_t)&area, (uint64_t)px_upcall_enter);
    /* What came before there was an area. */
    (void)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL, 0, 0);
}

/* Handlers, mask and what the server was told are the parent's; what it had pending is its own. */
void px_signals_forked(void)
{
    px_pending = foreign = by_kill = 0;
    px_queue_drop(0, 0);
    px_wake = 0;
    area.hold = 0;
    (void)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL_AREA, (uint64_t)&area, (uint64_t)px_upcall_enter);
    (void)mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_UPCALL, 0, 0);
}

/* A real-time signal that there is no room for is EAGAIN, if not from kill; any other is pending without what came along. */
static long signal_self(const struct px_queued *signal, bool must_queue)
{
    const uint64_t one = bit(signal->signo);

    if (signal->signo < REAL_TIME && (px_pending & one) != 0)
        return 0;
    if ((must_queue || signal->signo >= REAL_TIME) && !px_queue_put(px_tid(), signal) && signal->code != SI_USER &&
        signal->signo >= REAL_TIME)
        return -PX_EAGAIN;
    if (signal->code == SI_USER)
        by_kill |= one;
    pending_add(one);
    return 0;
}

/* By kill or tkill: `code`. */
static long signal_plain(long signo, int32_t code)
{
    if (signo < 0 || signo > (long)SIGNALS)
        return -PX_EINVAL;
    const struct px_queued signal = {
        .signo = (int32_t)signo, .code = code, .pid = (int32_t)px.pid, .uid = (int32_t)px.uid};
    return signo == 0 ? 0 : signal_self(&signal, false);
}

/* rt_sigaction(signo, new, old, bytes of a mask) */
PX_CALL(rt_sigaction)
{
    if (a < 1 || a > (long)SIGNALS || d != 8 || (b != 0 && unblockable((int)a)))
        return -PX_EINVAL;
    struct action old = actions[a];
    if (b != 0) {
        struct action new = *(const struct action *)b;
        new.mask &= ~(bit(SIGKILL) | bit(SIGSTOP));
        actions[a] = new;
        if (ignored((int)a))
            pending_drop((int)a);
        /* That of SIGCHLD says more. */
        if (a == SIGCHLD || ignored((int)a) != ((told_ignored & bit((int)a)) != 0))
            ignored_tell();
    }
    if (c != 0)
        *(struct action *)c = old;
    return 0;
}

/* rt_sigprocmask(how, set, old, bytes of a mask) */
PX_CALL(rt_sigprocmask)
{
    uint64_t old = px_blocked;

    if (d != 8)
        return -PX_EINVAL;
    if (b != 0) {
        uint64_t set = *(const uint64_t *)b & ~(bit(SIGKILL) | bit(SIGSTOP));
        if (a != SIG_BLOCK && a != SIG_UNBLOCK && a != SIG_SETMASK)
            return -PX_EINVAL;
        px_blocked = a == SIG_BLOCK ? old | set : a == SIG_UNBLOCK ? old & ~set : set;
        want(px_blocked);
    }
    if (c != 0)
        *(uint64_t *)c = old;
    return 0;
}

PX_CALL(rt_sigpending)
{
    uint64_t set = px_pending & px_blocked;

    if (b > 8)
        return -PX_EINVAL;
    memcpy((void *)a, &set, (size_t)b);
    return 0;
}

/* The handlers run with the mask of this call; the old one comes back after them. */
static long suspend(uint64_t mask)
{
    static const uint32_t never;
    const uint64_t old = px_blocked;

    px_blocked = mask;
    while (!px_signal_waits())
        (void)px_block(&never, 0, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
    signals_deliver();
    px_blocked = old;
    return -PX_EINTR;
}

PX_CALL(rt_sigsuspend)
{
    return b == 8 ? suspend(*(const uint64_t *)a & ~(bit(SIGKILL) | bit(SIGSTOP))) : -PX_EINVAL;
}

PX_CALL(pause)
{
    return suspend(px_blocked);
}

/* The lowest of a set, when one of it is pending before the deadline. */
static long await(uint64_t set, struct siginfo *info, uint64_t deadline)
{
    static const uint32_t never;

    for (;;) {
        uint64_t now = px_pending & set;
        if (now != 0) {
            int signo = __builtin_ctzll(now) + 1;
            struct taken taken = pending_take(signo);
            if (info)
                *info = info_of(signo, &taken);
            return signo;
        }
        if (px_signal_waits())
            return -PX_EINTR;
        if (clock_ns() >= deadline)
            return -PX_EAGAIN;
        (void)px_block(&never, 0, deadline, MNOS_WAIT_PRIVATE);
    }
}

/* rt_sigtimedwait(set, info, limit of time, bytes of a mask) */
PX_CALL(rt_sigtimedwait)
{
    uint64_t deadline;

    if (d != 8 || !px_deadline((const struct px_timespec *)c, &deadline))
        return -PX_EINVAL;
    awaited = *(const uint64_t *)a & ~(bit(SIGKILL) | bit(SIGSTOP));
    want(awaited);
    long result = await(awaited, (struct siginfo *)b, deadline);
    awaited = 0;
    return result;
}

/* rt_sigqueueinfo(pid, signo, info) */
PX_CALL(rt_sigqueueinfo)
{
    const struct siginfo *info = (const struct siginfo *)c;

    if (b < 0 || b > (long)SIGNALS)
        return -PX_EINVAL;
    if ((int)a != (int)px.pid)
        return -PX_ENOSYS;
    const struct px_queued signal = {(int32_t)b, info->code, info->pid, info->uid, info->value};
    return b == 0 ? 0 : signal_self(&signal, true);
}

PX_CALL(tkill)
{
    return a == (long)px_tid() ? signal_plain(b, SI_TKILL) : -PX_ENOSYS;
}

PX_CALL(kill)
{
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)(int64_t)(int)a, (uint64_t)b};

    if ((int)a == (int)px.pid)
        return signal_plain(b, SI_USER);
    if (px.proc == MNOS_NONE)
        return -PX_ENOSYS;
    long result = px_proc_call(PROC_KILL, words);
    return result < 0 ? result : 0;
}

/* Handlers are called as functions and return as such. */
void __mnos_sigreturn(void *frame)
{
    (void)frame;
    px_die(128 + 11);
}
