/* SPDX-License-Identifier: BSD-2-Clause */
/* What holders of `spawner` and `control` ask for: the interface Init (idl/init.capnp). */
#include <idl/init_server.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "init.h"

static struct service *service_named(const char *name)
{
    uint32_t number = manifest_find_service(&init.manifest, name);

    return number != MANIFEST_NOBODY ? &init.service[number] : NULL;
}

/* Lies here until the answer is sent. */
static const struct init_status *status_make(const struct service *s)
{
    static struct init_status status;

    status = (struct init_status){
        .number = (uint64_t)(s - init.service),
        .state = s->state,
        .pid = s->child ? s->child->process.pid : 0,
        .restart = s->spec->restart,
        .on_request = s->spec->on_request,
        .instances = s->instances,
        .restarts = s->restarts,
        .ended = s->ended,
        .exit = s->status,
        .began_ns = s->began,
        .ready_ns = s->ready,
        .memory = s->spec->memory,
    };
    memcpy(status.name, s->spec->name, strnlen(s->spec->name, sizeof status.name - 1));
    service_why(s, status.why, sizeof status.why);
    return &status;
}

/* The name and the arguments lie behind each other, as the program is to have them. */
static int64_t spawn(void *self, uint64_t badge, struct init_spawn_in *in, struct init_spawn_out *out)
{
    struct service *s = service_named(in->name);
    const char *end = (const char *)in->arguments + in->arguments_length;

    (void)self, (void)badge;
    if (!s)
        return -MNOS_E_NOT_FOUND;
    if (end[-1] != '\0')
        return -MNOS_E_INVALID;
    int64_t pid = service_spawn(s, in->name, (size_t)(end - in->name));
    out->pid = (uint64_t)pid;
    return pid < 0 ? pid : 0;
}

static int64_t list(void *self, uint64_t badge, struct init_list_in *in, struct init_list_out *out)
{
    (void)self, (void)badge;
    if (in->number >= init.manifest.count)
        return -MNOS_E_NOT_FOUND;
    out->found = status_make(&init.service[in->number]);
    return 0;
}

static int64_t find(void *self, uint64_t badge, struct init_find_in *in, struct init_find_out *out)
{
    const struct service *s = service_named(in->name);

    (void)self, (void)badge;
    if (!s)
        return -MNOS_E_NOT_FOUND;
    out->found = status_make(s);
    return 0;
}

static int64_t named_do(const char *name, int64_t (*act)(struct service *))
{
    struct service *s = service_named(name);
    int64_t status = s ? act(s) : -MNOS_E_NOT_FOUND;

    return status < 0 ? status : 0;
}

static int64_t start(void *self, uint64_t badge, struct init_start_in *in)
{
    (void)self, (void)badge;
    return named_do(in->name, service_start);
}

static int64_t stop(void *self, uint64_t badge, struct init_stop_in *in)
{
    (void)self, (void)badge;
    return named_do(in->name, service_stop);
}

static int64_t restart(void *self, uint64_t badge, struct init_restart_in *in)
{
    (void)self, (void)badge;
    return named_do(in->name, service_restart);
}

static int64_t kill(void *self, uint64_t badge, struct init_kill_in *in)
{
    const struct child *child = child_by_pid(in->pid);
    int64_t status = child ? mnos_proc_destroy(child->process.process, 0) : -MNOS_E_NOT_FOUND;

    (void)self, (void)badge;
    return status < 0 ? status : 0;
}

static int64_t name(void *self, uint64_t badge, struct init_name_in *in, struct init_name_out *out)
{
    struct mnos_cap_info info = {0};

    (void)self, (void)badge;
    if (in->number >= init.manifest.provided_count)
        return -MNOS_E_NOT_FOUND;
    const struct manifest_provided *p = &init.manifest.provided[in->number];
    const struct name *entry = &init.name[in->number];
    const struct child *owner = entry->kept ? init.service[p->service].child : child_by_serial(entry->owner);
    if (entry->endpoint != MNOS_NONE)
        (void)mnos_cap_inspect(entry->endpoint, &info, sizeof info);
    memcpy(out->name, p->name, strnlen(p->name, sizeof out->name - 1));
    out->owner = owner && entry->endpoint != MNOS_NONE ? owner->process.pid : 0;
    out->endpoint = info.id;
    return 0;
}

static int64_t system_facts(void *self, uint64_t badge, struct init_system_out *out)
{
    (void)self, (void)badge;
    out->facts = &init.facts;
    return 0;
}

static _Noreturn void machine_end(const char *what, uint64_t status)
{
    log_line("init: %s", what);
    log_drain();
    if (status == MNOS_EXIT_POWEROFF || status == MNOS_EXIT_REBOOT)
        power_end(status == MNOS_EXIT_REBOOT);
    mnos_exit(status);
}

static int64_t power_off(void *self, uint64_t badge)
{
    (void)self, (void)badge;
    machine_end("power off", MNOS_EXIT_POWEROFF);
}

static int64_t reboot(void *self, uint64_t badge)
{
    (void)self, (void)badge;
    machine_end("reboot", MNOS_EXIT_REBOOT);
}

static int64_t fail(void *self, uint64_t badge)
{
    (void)self, (void)badge;
    machine_end("ended as failed", 1);
}

/* The source `spawner` is for these alone. */
static bool is_spawner(uint64_t label)
{
    return label == INIT_LABEL_spawn || label == INIT_LABEL_list || label == INIT_LABEL_find;
}

void control_message(struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    static const struct init_server handlers = {
        .spawn = spawn,
        .list = list,
        .find = find,
        .start = start,
        .stop = stop,
        .restart = restart,
        .kill = kill,
        .name = name,
        .system = system_facts,
        .power_off = power_off,
        .reboot = reboot,
        .fail = fail,
    };
    enum role role = BADGE_ROLE(msg->badge);

    if (role != ROLE_CONTROL && !(role == ROLE_SPAWN && is_spawner(msg->label)))
        (void)idl_refuse_as(msg, ext, MNOS_E_NO_RIGHTS);
    else
        (void)init_dispatch(&handlers, NULL, msg, ext);
    /* At once: what was asked for may take a while, and say so in the log. */
    (void)idl_reply(init.reply, msg, ext);
    idl_plain(ext);
}
