/* SPDX-License-Identifier: BSD-2-Clause */
/* Parents, children, groups and sessions: calls on the process server.  A native service is alone, and a session of its own. */
#include <mnos/startup.h>
#include <proc/protocol.h>
#include <str.h>

#include "wait.h"

enum id { ID_PID, ID_PARENT, ID_GROUP, ID_SESSION };

static long id_of(long pid, enum id which)
{
    const uint32_t own[] = {px.pid, px.ppid, px.pgid, px.sid};
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)(int64_t)(int)pid};

    if (px.proc == MNOS_NONE)
        return pid == 0 || pid == (long)px.pid ? (long)own[which] : -PX_ESRCH;
    long result = px_proc_call(PROC_IDS, words);
    return result < 0 ? result : (long)words[which];
}

PX_CALL(getppid)
{
    return id_of(0, ID_PARENT);
}

PX_CALL(getpgid)
{
    return id_of(a, ID_GROUP);
}

PX_CALL(getpgrp)
{
    return id_of(0, ID_GROUP);
}

PX_CALL(getsid)
{
    return id_of(a, ID_SESSION);
}

PX_CALL(setpgid)
{
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)(int64_t)(int)a, (uint64_t)(int64_t)(int)b};

    if (px.proc == MNOS_NONE)
        return -PX_ENOSYS;
    long result = px_proc_call(PROC_SETPGID, words);
    return result < 0 ? result : 0;
}

PX_CALL(setsid)
{
    uint64_t words[MNOS_IPC_WORDS] = {0};

    return px.proc == MNOS_NONE ? -PX_ENOSYS : px_proc_call(PROC_SETSID, words);
}

/* `which` as in wait4.  The pid, or 0, with the wait status. */
static long wait_for(int64_t which, uint64_t options, uint32_t *status)
{
    uint64_t words[MNOS_IPC_WORDS] = {(uint64_t)which, options};

    if (px.proc == MNOS_NONE)
        return -PX_ECHILD;
    long pid = px_proc_call(PROC_WAIT, words);
    *status = (uint32_t)words[1];
    return pid;
}

/* What nobody counts. */
static void usage_clear(long out)
{
    if (out != 0)
        memset((void *)out, 0, 144);
}

/* wait4(pid, status, options, usage) */
PX_CALL(wait4)
{
    uint32_t status;

    if ((c & ~(long)(PROC_WNOHANG | PROC_WSTOPPED | PROC_WCONTINUED)) != 0)
        return -PX_EINVAL;
    if ((int)a == INT32_MIN)
        return -PX_ESRCH;
    long pid = wait_for((int)a, (uint64_t)c | PROC_WEXITED, &status);
    if (pid <= 0)
        return pid;
    if (b != 0)
        *(uint32_t *)b = status;
    usage_clear(d);
    return pid;
}

struct child_info {
    int32_t signo, error, code, pad, pid, uid, status;
    char rest[100];
};
_Static_assert(sizeof(struct child_info) == 128, "siginfo_t of x86-64");

static struct child_info info_of(long pid, uint32_t status)
{
    enum { SIGCHLD = 17, SIGCONT = 18, CLD_EXITED = 1, CLD_KILLED = 2, CLD_STOPPED = 5, CLD_CONTINUED = 6 };
    struct child_info info = {.signo = SIGCHLD, .pid = (int32_t)pid, .uid = (int32_t)px.uid};

    if (status == 0xffff)
        info.code = CLD_CONTINUED, info.status = SIGCONT;
    else if ((status & 0xff) == 0x7f)
        info.code = CLD_STOPPED, info.status = (int32_t)(status >> 8);
    else if ((status & 0x7f) == 0)
        info.code = CLD_EXITED, info.status = (int32_t)(status >> 8 & 0xff);
    else
        info.code = CLD_KILLED, info.status = (int32_t)(status & 0x7f);
    return info;
}

enum id_type { P_ALL = 0, P_PID = 1, P_PGID = 2 };

/* waitid(type, id, info, options, usage) */
PX_CALL(waitid)
{
    const long kinds = (long)(PROC_WSTOPPED | PROC_WEXITED | PROC_WCONTINUED);
    uint32_t status;

    if ((d & ~(kinds | (long)(PROC_WNOHANG | PROC_WNOWAIT))) != 0 || (d & kinds) == 0)
        return -PX_EINVAL;
    if (a != P_ALL && ((a != P_PID && a != P_PGID) || b < 0 || (a == P_PID && b == 0)))
        return -PX_EINVAL;
    long pid = wait_for(a == P_ALL ? -1 : a == P_PID ? b : -b, (uint64_t)d, &status);
    if (pid < 0)
        return pid;
    if (c != 0)
        *(struct child_info *)c = pid == 0 ? (struct child_info){0} : info_of(pid, status);
    usage_clear(e);
    return 0;
}
