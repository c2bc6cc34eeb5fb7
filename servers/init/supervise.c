/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a service:
 *
 *                    needs are ready             is ready
 *         WAITING ------------------> STARTING ----------> RUNNING
 *            ^                           |                    |
 *            |   its policy says: again  |        ended       |
 *            +---------------------------+--------------------+--> FAILED, or STOPPED (exit 0, or told to)
 *
 * Everything that may start something goes through services_advance, which looks at all services in the order of the
 * manifest's graph.
 */
#include <fmt.h>
#include <libmnos/clock.h>
#include <libmnos/faults.h>
#include <libmnos/heap.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "init.h"

#define STABLE (10 * MNOS_S) /* whoever ran this long did not fail in quick succession */

static void state_set(struct service *s, enum init_state state)
{
    if (s->state == state)
        return;
    log_line("init: %s: %s -> %s", s->spec->name, init_state_name(s->state), init_state_name(state));
    s->state = state;
}

void services_make(void)
{
    const struct manifest *m = &init.manifest;

    init.service = calloc(m->count, sizeof *init.service);
    if (!init.service)
        mnos_panic("init: no memory for %u services", m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        struct service *s = &init.service[i];
        s->spec = &m->services[i];
        s->wanted = !s->spec->on_request;
        s->state = s->wanted ? INIT_STATE_WAITING : INIT_STATE_STOPPED;
        directory_lists(s);
    }
}

struct child *child_by_serial(uint64_t serial)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        if (init.child[i].service && init.child[i].serial == serial)
            return &init.child[i];
    return NULL;
}

struct child *child_by_badge(uint64_t badge)
{
    struct child *child = BADGE_PLACE(badge) < CHILDREN_MAX ? &init.child[BADGE_PLACE(badge)] : NULL;

    return child && child->service && child->serial == BADGE_SERIAL(badge) ? child : NULL;
}

struct child *child_by_pid(uint64_t pid)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        if (init.child[i].service && init.child[i].process.pid == pid)
            return &init.child[i];
    return NULL;
}

/* ---- What a service needs, and who needs it ---- */

/* Service `i` among those that have to be ready before this one is started; MANIFEST_NOBODY: none.  False: no further. */
static bool need_get(const struct manifest_service *spec, uint32_t i, bool late, uint32_t *service)
{
    *service = MANIFEST_NOBODY;
    if (i < spec->depend_count) {
        *service = spec->depends[i];
        return true;
    }
    i -= spec->depend_count;
    if (i >= spec->cap_count)
        return false;
    if (late || !spec->caps[i].late)
        *service = spec->caps[i].provider;
    return true;
}

static const struct service *missing_need(const struct service *s)
{
    uint32_t need;

    for (uint32_t i = 0; need_get(s->spec, i, false, &need); i++)
        if (need != MANIFEST_NOBODY && init.service[need].state != INIT_STATE_RUNNING)
            return &init.service[need];
    return NULL;
}

static bool needs(const struct manifest_service *spec, uint32_t service)
{
    uint32_t need;

    for (uint32_t i = 0; need_get(spec, i, true, &need); i++)
        if (need == service)
            return true;
    return false;
}

static void dependents_tell(const struct service *s, uint64_t event)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        const struct child *child = &init.child[i];
        if (child->service && child->events != MNOS_NONE && needs(child->service->spec, (uint32_t)(s - init.service)))
            (void)mnos_ipc_notify(child->events, event);
    }
}

/* ---- Start ---- */

static void facts_ready(void)
{
    for (uint32_t i = 0; i < init.manifest.count; i++)
        if (!init.service[i].spec->on_request && init.service[i].ready == 0)
            return;
    if (init.facts.ready_ns == 0) {
        init.facts.ready_ns = clock_ns();
        log_line("init: all services are ready at %lu us", init.facts.ready_ns / 1000);
    }
}

static void console_look(const struct service *s)
{
    static bool started;

    for (uint32_t i = 0; i < s->spec->provided_count && !started; i++) {
        const struct name *name = &init.name[&s->spec->provides[i] - init.manifest.provided];
        if (name->kept && strcmp(s->spec->provides[i].name, CONSOLE_NAME) == 0) {
            started = true;
            log_console_start(name->endpoint);
        }
    }
}

static bool is_ready(const struct service *s)
{
    if (s->spec->readiness == MANIFEST_EXPLICIT)
        return s->child && s->child->said_ready;
    for (uint32_t i = 0; i < s->spec->provided_count; i++)
        if (init.name[&s->spec->provides[i] - init.manifest.provided].endpoint == MNOS_NONE)
            return false;
    return true;
}

void service_look(struct service *s)
{
    if (s->state != INIT_STATE_STARTING || !is_ready(s))
        return;
    s->ready = clock_ns();
    if (s->child)
        s->child->give_up = MNOS_FOREVER;
    state_set(s, INIT_STATE_RUNNING);
    if (s->was_lost)
        dependents_tell(s, INIT_EVENT_READY);
    s->was_lost = false;
    console_look(s);
    facts_ready();
}

static struct child *child_new(struct service *s)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        if (!init.child[i].service) {
            init.child[i] = (struct child){.service = s, .give_up = MNOS_FOREVER};
            return &init.child[i];
        }
    return NULL;
}

/* pid, or a negated error, of which s->why then tells. */
static int64_t process_start(struct service *s, const char *args, size_t args_len)
{
    struct child *child = child_new(s);
    int64_t status = child ? 0 : -MNOS_E_NO_SLOTS;

    s->began = clock_ns();
    s->retry = 0;
    state_set(s, INIT_STATE_STARTING);
    if (child) {
        status = spawner_start(child, args, args_len);
        if (status < 0)
            child->service = NULL;
    }
    if (status < 0) {
        fmt_snprint(s->why, sizeof s->why, "cannot be started: %s", mnos_error_text(status));
        log_line("init: %s %s", s->spec->name, s->why);
        return status;
    }
    s->why[0] = '\0';
    s->instances++;
    if (s->spec->instances == 1)
        s->child = child;
    /* Of several processes none is waited for: each is ready at once. */
    if (s->spec->start_ms != 0 && s->spec->instances == 1)
        child->give_up = child->began + s->spec->start_ms * MNOS_MS;
    int64_t pid = (int64_t)child->process.pid;
    service_look(s);
    return pid;
}

/* ---- End ---- */

/* The back-off, doubled for each end in quick succession, at most what the entry says. */
static void retry_schedule(struct service *s)
{
    uint64_t wait = s->spec->backoff_ms * MNOS_MS, most = s->spec->backoff_max_ms * MNOS_MS;

    for (unsigned i = 1; i < s->failures && wait < most; i++)
        wait *= 2;
    s->retry = clock_ns() + (wait < most ? wait : most);
    state_set(s, INIT_STATE_WAITING);
}

/* It has ended, or could not be started: what its entry wants now.  s->why says what happened. */
static void service_ended(struct service *s, bool good)
{
    const struct manifest_service *spec = s->spec;
    bool policy = spec->restart == MANIFEST_ALWAYS || (spec->restart == MANIFEST_ON_FAILURE && !good);

    if (s->state == INIT_STATE_RUNNING)
        s->was_lost = true;
    if (s->again) {
        s->again = false;
        s->failures = 0;
        state_set(s, INIT_STATE_WAITING);
        return;
    }
    if (!s->wanted || !policy) {
        state_set(s, good || !s->wanted ? INIT_STATE_STOPPED : INIT_STATE_FAILED);
        s->wanted = false;
        return;
    }
    s->failures = s->state == INIT_STATE_RUNNING && clock_ns() - s->ready >= STABLE ? 1 : s->failures + 1;
    if (spec->restart_limit != 0 && s->failures > spec->restart_limit) {
        log_line("init: %s ended %u times in quick succession: it is not started again", spec->name, s->failures);
        s->wanted = false;
        state_set(s, INIT_STATE_FAILED);
        return;
    }
    retry_schedule(s);
}

static void child_died(struct child *child)
{
    struct service *s = child->service;
    struct mnos_cap_info info;
    char how[64] = "is gone";
    bool good = false;

    if (mnos_cap_inspect(child->process.process, &info, sizeof info) >= 0) {
        if (info.state != MNOS_STATE_DEAD)
            return;
        mnos_status_text(info.status, how, sizeof how);
        s->ended = true;
        s->status = info.status;
        good = info.status == 0;
    }
    bool late = child->late;
    log_line("init: %s (pid %lu) %s", s->spec->name, child->process.pid, how);
    directory_forget(child->serial);
    spawner_clear(child);
    child->service = NULL;
    s->instances--;
    if (s->child != child && s->spec->instances > 1) {
        if (s->instances == 0)
            state_set(s, INIT_STATE_STOPPED);
        return;
    }
    s->child = NULL;
    if (late)
        fmt_snprint(s->why, sizeof s->why, "it was not ready within %u ms", s->spec->start_ms);
    else
        fmt_snprint(s->why, sizeof s->why, "it %s", how);
    service_ended(s, good);
    dependents_tell(s, INIT_EVENT_GONE);
}

void children_died(uint64_t bits)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        if ((bits >> (i % DEATH_BITS) & 1) && init.child[i].service)
            child_died(&init.child[i]);
}

/* ---- Time ---- */

static void late_end(struct child *child)
{
    log_line("init: %s (pid %lu) is not ready after %u ms: it is ended", child->service->spec->name, child->process.pid,
             child->service->spec->start_ms);
    child->give_up = MNOS_FOREVER;
    child->late = true;
    (void)mnos_proc_destroy(child->process.process, 0);
}

static void waiting_start(struct service *s)
{
    bool again = s->ended;
    int64_t pid = process_start(s, NULL, 0);

    if (pid < 0) {
        service_ended(s, false);
    } else if (again) {
        s->restarts++;
        log_line("init: %s restarted (pid %ld)", s->spec->name, pid);
    }
}

uint64_t services_advance(void)
{
    uint64_t now = clock_ns(), next = MNOS_FOREVER;

    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        struct child *child = &init.child[i];
        if (!child->service || child->give_up == MNOS_FOREVER)
            continue;
        if (child->give_up <= now)
            late_end(child);
        else if (child->give_up < next)
            next = child->give_up;
    }
    for (uint32_t i = 0; i < init.manifest.count; i++) {
        struct service *s = &init.service[init.manifest.order[i]];
        if (s->state != INIT_STATE_WAITING)
            continue;
        if (s->retry <= now && !missing_need(s))
            waiting_start(s);
        /* One that waits for others is looked at when something has happened to them. */
        if (s->state == INIT_STATE_WAITING && s->retry > now && s->retry < next)
            next = s->retry;
        if (s->state == INIT_STATE_STARTING && s->child && s->child->give_up < next)
            next = s->child->give_up;
    }
    return next;
}

/* ---- Requests ---- */

int64_t service_spawn(struct service *s, const char *args, size_t args_len)
{
    if (!s->spec->on_request || missing_need(s))
        return -MNOS_E_INVALID;
    if (s->instances >= s->spec->instances)
        return -MNOS_E_BUSY;
    s->wanted = true;
    int64_t pid = process_start(s, args, args_len);
    if (pid < 0 && s->instances == 0)
        service_ended(s, false);
    else if (pid < 0)
        state_set(s, INIT_STATE_RUNNING);
    return pid;
}

int64_t service_start(struct service *s)
{
    if (s->spec->instances > 1)
        return -MNOS_E_INVALID;
    if (s->child)
        return -MNOS_E_BUSY;
    s->wanted = true;
    s->failures = 0;
    s->retry = 0;
    state_set(s, INIT_STATE_WAITING);
    return 0;
}

int64_t service_stop(struct service *s)
{
    s->wanted = false;
    s->again = false; /* of a restart that was asked for and whose end has not been seen yet */
    if (s->instances == 0) {
        fmt_snprint(s->why, sizeof s->why, "it was stopped");
        state_set(s, INIT_STATE_STOPPED);
        return 0;
    }
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        if (init.child[i].service == s)
            (void)mnos_proc_destroy(init.child[i].process.process, 0);
    return 0;
}

int64_t service_restart(struct service *s)
{
    if (s->spec->instances > 1)
        return -MNOS_E_INVALID;
    if (!s->child)
        return service_start(s);
    s->wanted = true;
    s->again = true;
    return mnos_proc_destroy(s->child->process.process, 0);
}

void service_why(const struct service *s, char *text, size_t size)
{
    const struct service *need = missing_need(s);
    uint64_t now = clock_ns();

    text[0] = '\0';
    if (s->state == INIT_STATE_RUNNING)
        return;
    if (s->state == INIT_STATE_STARTING)
        fmt_snprint(text, size, "it is not ready yet (%s)", manifest_readiness_name(s->spec->readiness));
    else if (s->state == INIT_STATE_WAITING && need)
        fmt_snprint(text, size, "it waits for %s, which is %s", need->spec->name, init_state_name(need->state));
    else if (s->state == INIT_STATE_WAITING && s->retry > now)
        fmt_snprint(text, size, "%s; it is tried again in %lu ms", s->why, (s->retry - now) / MNOS_MS);
    else if (s->why[0] != '\0')
        fmt_snprint(text, size, "%s", s->why);
    else if (s->spec->on_request)
        fmt_snprint(text, size, "it is started on request");
}
