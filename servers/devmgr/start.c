/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a driver: start, end, the next start. */
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/faults.h>
#include <libmnos/names.h>
#include <libmnos/package.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "devmgr.h"

#define DRIVER_POOL     (512ull << 10)
#define DRIVER_PRIORITY 200u
#define DRIVER_BADGE    (1ull << 62)
#define CAPS_MAX        24u
#define FAILURES_MAX    10u
#define BACKOFF_MIN     MNOS_MS
#define BACKOFF_MAX     MNOS_S
#define STABLE          MNOS_S /* a driver that lived so long begins with a clean record */

struct endowment {
    struct spawn_cap cap[CAPS_MAX];
    char name[CAPS_MAX][8];
    unsigned count;
};

static void give(struct endowment *e, const char *name, mnos_handle_t cap, uint32_t rights)
{
    if (cap != MNOS_NONE)
        e->cap[e->count++] = (struct spawn_cap){.name = name, .handle = cap, .rights = rights};
}

static void give_numbered(struct endowment *e, const char *kind, unsigned number, mnos_handle_t cap, uint32_t rights)
{
    char *name = e->name[e->count];

    fmt_snprint(name, sizeof e->name[0], "%s%u", kind, number);
    give(e, name, cap, rights);
}

/* Exactly the device. */
static void endow(struct endowment *e, const struct device *d, mnos_handle_t manager)
{
    const uint32_t rw = MNOS_RIGHT_READ | MNOS_RIGHT_WRITE;

    give(e, "pool", d->pool, MNOS_RIGHT_WRITE);
    give(e, "log", mnos_cap("log"), MNOS_RIGHT_SEND);
    give(e, "devmgr", manager, MNOS_RIGHT_SEND);
    give(e, "endpoint", d->endpoint, MNOS_RIGHT_RECV);
    give(e, "dma", d->dma, rw | MNOS_RIGHT_GRANT);
    for (unsigned i = 0; i < DEVICE_BARS; i++)
        give_numbered(e, "bar", i, d->bar[i], rw);
    for (unsigned i = 0; i < d->irqs; i++)
        give_numbered(e, "irq", i, d->irq[i], MNOS_RIGHT_RECV);
}

static int64_t image_find(const struct device *d, struct ustar_member *image)
{
    char path[48];

    fmt_snprint(path, sizeof path, "sbin/%s", d->match->program);
    enum ustar_error error = package_find(path, image);
    if (error == USTAR_OK && image->type == USTAR_FILE)
        return 0;
    if (d->starts == 0)
        printf("devmgr: %s: the boot package has no %s\n", d->name, path);
    return -MNOS_E_NOT_FOUND;
}

static int64_t process_make(struct device *d, const struct ustar_member *image)
{
    struct endowment e = {.count = 0};
    int64_t pool = mnos_cap_create(MNOS_CREATE_POOL, mnos_pool(), DRIVER_POOL, 0, 0);
    static uint64_t badges;

    if (pool < 0)
        return pool;
    d->pool = (mnos_handle_t)pool;
    d->badge = DRIVER_BADGE | ++badges;
    int64_t manager =
        mnos_cap_create(MNOS_CREATE_MINT, devmgr.endpoint, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, d->badge, 0);
    if (manager < 0)
        return manager;
    endow(&e, d, (mnos_handle_t)manager);
    const char *program = d->match->program;
    struct spawn spawn = {
        .image = image->data,
        .image_size = image->size,
        .name = program,
        .pool = d->pool,
        .fault = MNOS_NONE,
        .caps = e.cap,
        .cap_count = e.count,
        .args = program,
        .args_len = strlen(program) + 1,
        .priority = DRIVER_PRIORITY,
        .suspended = true,
    };
    enum mnos_error error = mnos_spawn(&spawn, &d->process);
    mnos_cap_delete((mnos_handle_t)manager);
    if (error == MNOS_E_INVALID && d->process.elf != ELF_OK)
        printf("devmgr: %s: %s %s\n", d->name, program, elf_error_text(d->process.elf));
    return -(int64_t)error;
}

static void withdraw(mnos_handle_t cap)
{
    if (cap != MNOS_NONE)
        (void)mnos_cap_revoke(cap);
}

/* What the driver had of its device is gone when this returns, so that the next one can be given it; its own end may take
 * longer. */
static void process_clear(struct device *d)
{
    spawn_drop(&d->process);
    for (unsigned i = 0; i < DEVICE_IRQS; i++)
        withdraw(d->irq[i]);
    for (unsigned i = 0; i < DEVICE_BARS; i++)
        withdraw(d->bar[i]);
    withdraw(d->dma);
    if (d->pool != MNOS_NONE)
        mnos_cap_delete(d->pool);
    d->pool = MNOS_NONE;
    d->badge = 0;
}

static void register_name(const struct device *d)
{
    if (mnos_cap("init") == MNOS_NONE)
        return;
    int64_t status = names_register(mnos_cap("init"), d->service, d->endpoint);
    if (status != 0)
        printf("devmgr: %s: %s\n", d->service, names_status_text(status));
}

int64_t device_start(struct device *d)
{
    struct ustar_member image;
    bool first = !d->prepared;

    if (d->process.process != MNOS_NONE || !d->match || !d->match->program)
        return -MNOS_E_BUSY;
    int64_t status = image_find(d, &image);
    if (status == 0)
        status = device_prepare(d);
    if (status < 0) {
        d->state = status == -MNOS_E_NOT_FOUND ? DEVICE_STATE_FREE : DEVICE_STATE_FAILED;
        return status;
    }
    if (first)
        register_name(d);
    d->restart_at = 0;
    d->started = clock_ns();
    device_enable(d);
    status = process_make(d, &image);
    if (status == 0)
        status =
            mnos_thread_control(d->process.process, MNOS_THREADCTL_WATCH, devmgr.deaths, 1ull << (d - devmgr.device));
    if (status >= 0)
        status = mnos_thread_control(d->process.thread, MNOS_THREADCTL_RESUME, 0, 0);
    if (status < 0) {
        printf("devmgr: %s: %s cannot be started: %s\n", d->name, d->match->program, mnos_error_text(status));
        device_disable(d);
        process_clear(d);
        d->state = DEVICE_STATE_FAILED;
        return status;
    }
    d->starts++;
    d->state = DEVICE_STATE_STARTING;
    return 0;
}

void device_ready(struct device *d)
{
    if (d->state != DEVICE_STATE_STARTING)
        return;
    d->state = DEVICE_STATE_RUNNING;
    /* It has reset the device: what earlier drivers had it write to is free. */
    holds_drop(d);
    if (d->starts == 1)
        printf("devmgr: %s is driven by %s (pid %lu) as %s\n", d->name, d->match->program, d->process.pid, d->service);
}

/* The device is left alone; whoever waits for its service learns that it is gone. */
void device_stop(struct device *d, enum device_state state)
{
    d->state = state;
    device_disable(d);
    process_clear(d);
    holds_orphan(d);
    d->restart_at = 0;
    device_forget(d);
    /* What it may have been writing to stays until a driver has reset it; or it is gone itself. */
    if (state == DEVICE_STATE_REMOVED)
        holds_drop(d);
}

static void restart_schedule(struct device *d, const struct mnos_cap_info *info)
{
    uint64_t now = clock_ns(), wait = 0;
    bool killed = (info->status & MNOS_EXIT_KILLED) != 0;

    if (now - d->started >= STABLE)
        d->failures = 0;
    if (!killed || d->state == DEVICE_STATE_STARTING)
        d->failures++;
    if (!killed) {
        wait = BACKOFF_MIN;
        for (unsigned i = 1; i < d->failures && wait < BACKOFF_MAX; i++)
            wait *= 2;
    }
    d->state = DEVICE_STATE_RESTARTING;
    d->restart_at = now + (wait < BACKOFF_MAX ? wait : BACKOFF_MAX);
}

static void driver_died(struct device *d)
{
    struct mnos_cap_info info = {0};
    char how[64] = "is gone";

    if (mnos_cap_inspect(d->process.process, &info, sizeof info) >= 0) {
        if (info.state != MNOS_STATE_DEAD)
            return;
        mnos_status_text(info.status, how, sizeof how);
    }
    if ((info.status & MNOS_EXIT_KILLED) == 0)
        printf("devmgr: %s (pid %lu) of %s %s\n", d->match->program, d->process.pid, d->name, how);
    device_disable(d);
    process_clear(d);
    if (d->state == DEVICE_STATE_FAILED) {
        device_stop(d, DEVICE_STATE_FAILED);
        return;
    }
    restart_schedule(d, &info);
    holds_orphan(d);
    if (d->failures > FAILURES_MAX) {
        printf("devmgr: %s is left without a driver: %s ends at once\n", d->name, d->match->program);
        device_stop(d, DEVICE_STATE_FAILED);
    }
}

void devices_died(uint64_t bits)
{
    for (unsigned i = 0; i < devmgr.count; i++)
        if ((bits >> i & 1) && devmgr.device[i].process.process != MNOS_NONE)
            driver_died(&devmgr.device[i]);
}

uint64_t devices_restart(void)
{
    uint64_t next = MNOS_FOREVER;

    for (unsigned i = 0; i < devmgr.count; i++) {
        struct device *d = &devmgr.device[i];
        if (d->state != DEVICE_STATE_RESTARTING || d->restart_at == 0)
            continue;
        if (d->restart_at <= clock_ns())
            (void)device_start(d);
        else if (d->restart_at < next)
            next = d->restart_at;
    }
    return next;
}
