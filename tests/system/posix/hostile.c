/* SPDX-License-Identifier: BSD-2-Clause */
#include "hostile.h"

#include <posix/start.h>
#include <proc/protocol.h>

#include "../common/test.h"
#include "../common/process.h"

#define POOL_BYTES (4ull << 20)
#define ROUNDS     3u

/* One rule each, in a request that is whole otherwise; the answer. */
static enum proc_status rule_break(struct process_request *r, unsigned rule)
{
    struct proc_spawn *h = &r->head;

    switch (rule) {
    case 0:
        h->strings = UINT32_MAX - 8;
        return PROC_E_FAULT;
    case 1:
        h->strings_size--;
        return PROC_E_INVALID;
    case 2:
        h->argc++;
        return PROC_E_INVALID;
    case 3:
        h->envc = UINT32_MAX;
        return PROC_E_INVALID;
    case 4:
        h->strings_size = UINT32_MAX;
        return PROC_E_TOO_BIG;
    case 5:
        h->fd_count = POSIX_FDS_MAX + 1;
        return PROC_E_INVALID;
    case 6:
        h->fds += 4;
        return PROC_E_INVALID;
    case 7:
        h->fds = UINT32_MAX - 7;
        return PROC_E_FAULT;
    case 8:
        r->fd[2].fd = 1;
        return PROC_E_INVALID;
    case 9:
        r->fd[2].fd = POSIX_FDS_MAX;
        return PROC_E_INVALID;
    case 10:
        r->fd[1].shared = 2;
        return PROC_E_INVALID;
    case 11:
        r->fd[1].kind = 77;
        return PROC_E_INVALID;
    case 12:
        r->fd[1].handle = 99;
        return PROC_E_NO_CAPABILITY;
    case 13:
        h->pool = 99;
        return PROC_E_NO_CAPABILITY;
    case 14:
        h->root = 99;
        return PROC_E_NO_CAPABILITY;
    case 15: /* the pool is spoken for */
        h->cwd = h->pool;
        return PROC_E_NO_CAPABILITY;
    case 16: /* it is no pool */
        h->pool = 1;
        return PROC_E_NO_CAPABILITY;
    case 17:
        h->image_size = 0;
        return PROC_E_NO_PROGRAM;
    case 18: /* behind the end of the buffer */
        h->image_size += 2 * MNOS_PAGE_SIZE;
        return PROC_E_FAULT;
    case 19:
        h->image = UINT64_MAX - 4095;
        return PROC_E_FAULT;
    case 20:
        h->image_size = PROC_IMAGE_MAX + 1;
        return PROC_E_TOO_BIG;
    case 21: /* what lies there is no program */
        h->image = 0;
        return PROC_E_NO_PROGRAM;
    case 22:
        h->flags = 8;
        return PROC_E_INVALID;
    case 23:
        h->group = -1;
        return PROC_E_INVALID;
    case 24:
        h->reserved = 1;
        return PROC_E_INVALID;
    case 25:
        memset(h->name, 'x', sizeof h->name);
        return PROC_E_INVALID;
    case 26:
        h->flags = PROC_SET_GROUP;
        h->group = 30000;
        return PROC_E_NOT_PERMITTED;
    default:
        return PROC_OK;
    }
}
#define RULES 27u

static void requests(struct tally *tally, const struct process_start *start, const struct ustar_member *image)
{
    for (unsigned rule = 0; rule < RULES; rule++) {
        struct process_request r;
        process_fill(&r, start, image);
        enum proc_status expected = rule_break(&r, rule);
        int64_t got = process_send(start, PROC_SPAWN, &r, image);
        tally_check(tally, got == -(int64_t)expected, "a request with one rule broken", rule);
    }
}

static int64_t call(mnos_handle_t proc, uint64_t label, uint64_t a, uint64_t b)
{
    struct mnos_msg msg = {.label = label, .word = {a, b}};
    int64_t status = mnos_ipc_call(proc, &msg, NULL);

    return status < 0 ? -1000 + status : (int64_t)msg.label;
}

static void calls(struct tally *tally, mnos_handle_t proc)
{
    static const struct {
        uint64_t label, a, b;
        enum proc_status expected;
    } wrong[] = {
        {0, 0, 0, PROC_E_NOT_SUPPORTED},
        {PROC_FORK + 1, 0, 0, PROC_E_NOT_SUPPORTED},
        {UINT64_MAX, 0, 0, PROC_E_NOT_SUPPORTED},
        {PROC_GIVE, 0, 0, PROC_E_NO_CAPABILITY},
        {PROC_SPAWN, 0, 0, PROC_E_FAULT},
        {PROC_EXEC, 0, 0, PROC_E_FAULT},
        {PROC_FORK, 0, 0, PROC_E_FAULT},
        {PROC_WAIT, (uint64_t)-1, 0, PROC_E_INVALID},
        {PROC_WAIT, (uint64_t)-1, UINT64_MAX, PROC_E_INVALID},
        {PROC_WAIT, 1ull << 63, PROC_WEXITED, PROC_E_INVALID},
        {PROC_WAIT, (uint64_t)-1, PROC_WEXITED, PROC_E_NO_CHILD},
        {PROC_KILL, 2, 65, PROC_E_INVALID},
        {PROC_KILL, 2, UINT64_MAX, PROC_E_INVALID},
        {PROC_KILL, 0, 9, PROC_E_NOT_FOUND},
        {PROC_KILL, (uint64_t)-1, 9, PROC_E_NOT_FOUND},
        {PROC_KILL, 1, 9, PROC_E_NOT_FOUND},
        {PROC_KILL, 1ull << 63, 9, PROC_E_NOT_FOUND},
        {PROC_IDS, 30000, 0, PROC_E_NOT_FOUND},
        {PROC_SETPGID, 0, 0, PROC_E_NOT_FOUND},
        {PROC_SETPGID, UINT64_MAX, 0, PROC_E_INVALID},
        {PROC_SETSID, 0, 0, PROC_E_NOT_PERMITTED},
        {PROC_SIGNALS, 0, 4, PROC_E_INVALID},
        {PROC_SIGINFO, 0, 0, PROC_E_INVALID},
        {PROC_SIGINFO, 65, 0, PROC_E_INVALID},
        {PROC_STOP, 9, 0, PROC_E_INVALID},
        {PROC_STOP, UINT64_MAX, 0, PROC_E_INVALID},
        {PROC_STOP, 20, 0, PROC_E_NOT_PERMITTED},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        tally_check(tally, call(proc, wrong[i].label, wrong[i].a, wrong[i].b) == (int64_t)wrong[i].expected,
                    "a call that is refused", i);
}

/* As many as there may be, and then some; a request takes them all away. */
static void gives(struct tally *tally, mnos_handle_t proc, mnos_handle_t log)
{
    for (unsigned i = 0; i <= PROC_CAPS_MAX / MNOS_IPC_CAPS; i++) {
        struct mnos_msg msg = {.label = PROC_GIVE};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.send_caps = MNOS_IPC_CAPS;
        for (unsigned k = 0; k < MNOS_IPC_CAPS; k++)
            ext.send_cap[k] = log;
        must(mnos_ipc_call(proc, &msg, &ext), "GIVE");
        bool fits = i < PROC_CAPS_MAX / MNOS_IPC_CAPS;
        tally_check(tally, msg.label == (fits ? PROC_OK : PROC_E_INVALID), "capabilities ahead of a request", i);
    }
    tally_check(tally, call(proc, PROC_SPAWN, 0, 0) == PROC_E_FAULT, "a request without bytes", 0);
}

/* All that can be done, good and bad; nothing of it is left. */
static void round_do(struct tally *tally, mnos_handle_t proc, mnos_handle_t pool, mnos_handle_t log,
                     const struct ustar_member *image)
{
    const struct process_start start = {.proc = proc, .pool = pool, .log = log, .root = MNOS_NONE, .name = "child"};
    struct process_request r;

    requests(tally, &start, image);
    calls(tally, proc);
    gives(tally, proc, log);
    process_fill(&r, &start, image);
    tally_check(tally, process_send(&start, PROC_EXEC, &r, image) == -(int64_t)PROC_E_NOT_PERMITTED,
                "a program in the place of none", 0);
    process_fill(&r, &start, image);
    tally_check(tally, process_send(&start, PROC_FORK, &r, image) == -(int64_t)PROC_E_NOT_PERMITTED, "a copy of none",
                0);
    mnos_handle_t poor = must(mnos_cap_create(MNOS_CREATE_POOL, pool, 16 * MNOS_PAGE_SIZE, 0, 0), "a pool");
    struct process_start small = start;
    small.pool = poor;
    process_fill(&r, &small, image);
    tally_check(tally, process_send(&small, PROC_SPAWN, &r, image) == -(int64_t)PROC_E_NO_MEMORY,
                "a pool that does not suffice", 0);
    mnos_cap_delete(poor);
    /* Nobody receives on the log: the program waits there until it is killed. */
    int64_t pid = process_start(&start, image);
    tally_check(tally, pid > 1, "a good request after all that", (uint64_t)-pid);
    tally_check(tally, call(proc, PROC_KILL, (uint64_t)pid, 0) == PROC_OK, "it is there", 0);
    tally_check(tally, call(proc, PROC_KILL, (uint64_t)pid, 9) == PROC_OK, "it is killed", 0);
    tally_check(tally, process_wait(proc, pid) == 9, "and told of", 0);
    tally_check(tally, call(proc, PROC_KILL, (uint64_t)pid, 0) == PROC_E_NOT_FOUND, "and gone", 0);
}

/*
 * Objects, capabilities and badges of the whole system, and the bytes of the pool, as they were; the server may have touched another
 * page of its stack or its heap, but not one in each round.
 */
static bool all_back(const struct mnos_info_ledger *before, uint64_t pool_used, mnos_handle_t pool)
{
    for (uint64_t end = clock_ns() + 30 * MNOS_S;; sleep_ns(10 * MNOS_MS)) {
        struct mnos_info_ledger now = ledger_now();
        if (memcmp(now.objects, before->objects, sizeof now.objects) == 0 && now.caps == before->caps &&
            now.badges == before->badges && now.frames_free + ROUNDS > before->frames_free &&
            inspect(pool).used == pool_used)
            return true;
        if (clock_ns() >= end)
            return false;
    }
}

void hostile_tests(mnos_handle_t proc, const struct ustar_member *image)
{
    mnos_handle_t pool = must(mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), POOL_BYTES, 0, 0), "a pool");
    mnos_handle_t log = new_endpoint();
    struct tally tally = {0};

    round_do(&tally, proc, pool, log, image); /* what the server makes once */
    struct mnos_info_ledger before = ledger_now();
    uint64_t used = inspect(pool).used;
    for (unsigned i = 0; i < ROUNDS; i++)
        round_do(&tally, proc, pool, log, image);
    tally_done(&tally, "requests and calls that break a rule are refused, and a good one is served after them");
    tap_ok(all_back(&before, used, pool), "the process server gives back what they brought");
    mnos_cap_delete(log);
    mnos_cap_delete(pool);
}
