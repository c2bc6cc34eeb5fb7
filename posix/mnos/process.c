/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process knows of itself, without asking anybody; relatives.c has the rest. */
#include <mnos/calls.h>
#include <mnos/startup.h>
#include <str.h>

#include "px.h"

struct utsname {
    char field[6][65];
};

PX_CALL(uname)
{
    static const char *const fields[6] = {"mnos", "mnos", "1.0", "MinimalOS NextGen", "x86_64", "(none)"};
    struct utsname *out = (struct utsname *)a;

    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < 6; i++)
        memcpy(out->field[i], fields[i], strlen(fields[i]));
    return 0;
}

PX_CALL(getpid)
{
    return (long)px.pid;
}

PX_CALL(getuid)
{
    return (long)px.uid;
}

PX_CALL(geteuid)
{
    return (long)px.uid;
}

PX_CALL(getgid)
{
    return (long)px.gid;
}

PX_CALL(getegid)
{
    return (long)px.gid;
}

/* One core that it may run on: how many there are is nobody's business here. */
PX_CALL(sched_getaffinity)
{
    if (b < 8)
        return -PX_EINVAL;
    *(uint64_t *)c = 1;
    return 8;
}

enum rlimit { RLIMIT_STACK = 3, RLIMIT_NOFILE = 7, RLIMIT_COUNT = 16 };

struct rlimit64 {
    uint64_t soft, hard;
};

static struct rlimit64 limit_of(long what)
{
    uint64_t value = what == RLIMIT_NOFILE ? FDS_MAX : what == RLIMIT_STACK ? MNOS_STACK_SIZE : UINT64_MAX;

    return (struct rlimit64){value, value};
}

/* Limits are told; none can be set. */
PX_CALL(prlimit64)
{
    if (b < 0 || b >= RLIMIT_COUNT)
        return -PX_EINVAL;
    if (a != 0 && a != (long)px.pid)
        return -PX_ESRCH;
    if (c != 0)
        return -PX_EPERM;
    if (d != 0)
        *(struct rlimit64 *)d = limit_of(b);
    return 0;
}

PX_CALL(getrlimit)
{
    return px_prlimit64(0, a, 0, b, 0, 0);
}
