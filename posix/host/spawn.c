/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * posix_spawn on Linux: a child that shares this memory until it runs its program, and does the request's work there.  The caller stands
 * still meanwhile, so that the child's error is simply in the caller's record.
 */
#include <posix/seam.h>

#define CLONE_VM     0x100
#define CLONE_VFORK  0x4000
#define SIGCHLD      17
#define ENOENT       2
#define EACCES       13
#define ENOTDIR      20
#define ENAMETOOLONG 36
#define SIGNALS      64
#define STACK_BYTES  (64u << 10)
#define PATH_BYTES   4096

enum call {
    SYS_open = 2,
    SYS_close = 3,
    SYS_mmap = 9,
    SYS_munmap = 11,
    SYS_rt_sigaction = 13,
    SYS_rt_sigprocmask = 14,
    SYS_dup2 = 33,
    SYS_execve = 59,
    SYS_exit = 60,
    SYS_wait4 = 61,
    SYS_fcntl = 72,
    SYS_chdir = 80,
    SYS_fchdir = 81,
    SYS_setpgid = 109,
    SYS_setsid = 112
};

struct child {
    const struct px_spawn *spawn;
    unsigned long mask; /* the caller's */
    long error;
};

struct action {
    unsigned long handler, flags, restorer, mask;
};

static long call(long number, long a, long b, long c, long d)
{
    return __mnos_syscall(number, a, b, c, d, 0, 0);
}

static long action_do(const struct px_spawn_action *op)
{
    long fd;

    switch (op->kind) {
    case PX_SPAWN_CLOSE:
        call(SYS_close, op->fd, 0, 0, 0);
        return 0;
    case PX_SPAWN_DUP2:
        return op->from == op->fd ? call(SYS_fcntl, op->fd, 2, 0, 0) : call(SYS_dup2, op->from, op->fd, 0, 0);
    case PX_SPAWN_OPEN:
        fd = call(SYS_open, (long)op->path, op->flags, op->mode, 0);
        if (fd < 0 || fd == op->fd)
            return fd;
        long result = call(SYS_dup2, fd, op->fd, 0, 0);
        call(SYS_close, fd, 0, 0, 0);
        return result;
    case PX_SPAWN_CHDIR:
        return call(SYS_chdir, (long)op->path, 0, 0, 0);
    default:
        return call(SYS_fchdir, op->fd, 0, 0, 0);
    }
}

/* Those with handlers become default, and those that are named. */
static void signals_reset(const struct px_spawn *s)
{
    unsigned long named = (s->flags & PX_SPAWN_SETSIGDEF) != 0 ? s->defaults : 0;

    for (int signo = 1; signo <= SIGNALS; signo++) {
        struct action action = {0};
        if (((named | s->handled) >> (signo - 1) & 1) == 0)
            continue;
        call(SYS_rt_sigaction, signo, 0, (long)&action, 8);
        if ((named >> (signo - 1) & 1) == 0 && action.handler == 1)
            continue;
        action = (struct action){0};
        call(SYS_rt_sigaction, signo, (long)&action, 0, 8);
    }
}

static long run(const struct px_spawn *s, const char *path)
{
    return call(SYS_execve, (long)path, (long)s->argv, (long)s->envp, 0);
}

static unsigned long length_of(const char *text)
{
    unsigned long length = 0;

    while (text[length] != '\0')
        length++;
    return length;
}

static long run_found(const struct px_spawn *s)
{
    char path[PATH_BYTES];
    unsigned long length = length_of(s->path);
    long found = -ENOENT;

    for (const char *c = s->path; s->search && *c; c++)
        if (*c == '/')
            return run(s, s->path);
    if (!s->search || length == 0)
        return run(s, s->path);
    if (length > 255)
        return -ENAMETOOLONG;
    for (const char *from = s->search;; from++) {
        unsigned long part = 0, at = 0;
        while (from[part] != '\0' && from[part] != ':')
            part++;
        if (part + length + 2 <= sizeof path) {
            for (; at < part; at++)
                path[at] = from[at];
            if (part > 0)
                path[at++] = '/';
            for (unsigned long i = 0; i <= length; i++)
                path[at + i] = s->path[i];
            long result = run(s, path);
            if (result != -ENOENT && result != -ENOTDIR && result != -EACCES)
                return result;
            found = result == -EACCES ? result : found;
        }
        from += part;
        if (*from == '\0')
            return found;
    }
}

static long prepare(const struct child *child)
{
    const struct px_spawn *s = child->spawn;
    long result = 0;

    signals_reset(s);
    if ((s->flags & PX_SPAWN_SETSID) != 0)
        result = call(SYS_setsid, 0, 0, 0, 0);
    if (result >= 0 && (s->flags & PX_SPAWN_SETPGROUP) != 0)
        result = call(SYS_setpgid, 0, s->group, 0, 0);
    for (unsigned i = 0; i < s->action_count && result >= 0; i++)
        result = action_do(&s->actions[i]);
    const unsigned long *mask = (s->flags & PX_SPAWN_SETSIGMASK) != 0 ? &s->mask : &child->mask;
    call(SYS_rt_sigprocmask, 2, (long)mask, 0, 8);
    return result;
}

static int child_main(void *arg)
{
    struct child *child = arg;
    long result = prepare(child);

    child->error = result < 0 ? result : run_found(child->spawn);
    call(SYS_exit, 127, 0, 0, 0);
    return 127;
}

long __mnos_spawn(const struct px_spawn *spawn)
{
    const unsigned long all = ~0ul;
    struct child child = {.spawn = spawn};
    long stack = __mnos_syscall(SYS_mmap, 0, STACK_BYTES, 3, 0x22, -1, 0);

    if (stack < 0)
        return stack;
    call(SYS_rt_sigprocmask, 2, (long)&all, (long)&child.mask, 8);
    long pid =
        __mnos_clone(child_main, (void *)(stack + STACK_BYTES), CLONE_VM | CLONE_VFORK | SIGCHLD, &child, 0, 0, 0);
    call(SYS_munmap, stack, STACK_BYTES, 0, 0);
    call(SYS_rt_sigprocmask, 2, (long)&child.mask, 0, 8);
    if (pid > 0 && child.error < 0)
        call(SYS_wait4, pid, 0, 0, 0);
    return pid > 0 && child.error < 0 ? child.error : pid;
}
