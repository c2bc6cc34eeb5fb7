/* SPDX-License-Identifier: BSD-2-Clause */
/* What holders of `spawner` and `control` ask for. */
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <str.h>

#include "init.h"

static void answer_result(int64_t status)
{
    answer_status(status < 0 ? (uint64_t)-status : 0, status < 0 ? 0 : (uint64_t)status);
}

/* The service whose name the request begins with; NULL: it was answered. */
static struct service *service_named(const char *request, size_t length)
{
    size_t name = strnlen(request, length);

    if (length == 0 || request[length - 1] != '\0' || name == 0 || name > MANIFEST_NAME_MAX) {
        answer_status(MNOS_E_INVALID, 0);
        return NULL;
    }
    uint32_t number = manifest_find_service(&init.manifest, request);
    if (number != MANIFEST_NOBODY)
        return &init.service[number];
    answer_status(MNOS_E_NOT_FOUND, 0);
    return NULL;
}

static void status_answer(const struct service *s)
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
        .status = s->status,
        .began_ns = s->began,
        .ready_ns = s->ready,
        .memory = s->spec->memory,
    };
    memcpy(status.name, s->spec->name, strnlen(s->spec->name, sizeof status.name - 1));
    service_why(s, status.why, sizeof status.why);
    answer_bytes(&status, sizeof status);
}

static void name_answer(uint64_t number)
{
    struct mnos_msg out = {.label = MNOS_E_NOT_FOUND};

    if (number < init.manifest.provided_count) {
        const struct manifest_provided *p = &init.manifest.provided[number];
        const struct name *name = &init.name[number];
        const struct child *owner = name->kept ? init.service[p->service].child : child_by_serial(name->owner);
        struct mnos_cap_info info = {0};
        if (name->endpoint != MNOS_NONE)
            (void)mnos_cap_inspect(name->endpoint, &info, sizeof info);
        out.label = 0;
        memcpy(out.word, p->name, strnlen(p->name, NAMES_MAX));
        out.word[4] = owner && name->endpoint != MNOS_NONE ? owner->process.pid : 0;
        out.word[5] = info.id;
    }
    (void)mnos_ipc_reply(MNOS_NONE, &out, NULL, init.reply);
}

static void kill(uint64_t pid)
{
    const struct child *child = child_by_pid(pid);

    answer_result(child ? mnos_proc_destroy(child->process.process, 0) : -MNOS_E_NOT_FOUND);
}

static void system_answer(void)
{
    struct mnos_msg msg = {0};

    _Static_assert(sizeof init.facts <= sizeof msg.word, "the facts fit into one message");
    memcpy(msg.word, &init.facts, sizeof init.facts);
    (void)mnos_ipc_reply(MNOS_NONE, &msg, NULL, init.reply);
}

static _Noreturn void machine_end(const char *what, uint64_t status)
{
    log_line("init: %s", what);
    log_drain();
    if (status == MNOS_EXIT_POWEROFF || status == MNOS_EXIT_REBOOT)
        power_end(status == MNOS_EXIT_REBOOT);
    mnos_exit(status);
}

static void service_control(uint64_t label, const char *request, size_t length)
{
    struct service *s = service_named(request, length);

    if (!s)
        return;
    answer_result(label == INIT_START ? service_start(s) : label == INIT_STOP ? service_stop(s) : service_restart(s));
}

static void control(const struct mnos_msg *msg, const char *request, size_t length)
{
    switch (msg->label) {
    case INIT_START:
    case INIT_STOP:
    case INIT_RESTART:
        service_control(msg->label, request, length);
        break;
    case INIT_KILL:
        kill(msg->word[0]);
        break;
    case INIT_NAME:
        name_answer(msg->word[0]);
        break;
    case INIT_SYSTEM:
        system_answer();
        break;
    case INIT_POWEROFF:
        machine_end("power off", MNOS_EXIT_POWEROFF);
    case INIT_REBOOT:
        machine_end("reboot", MNOS_EXIT_REBOOT);
    case INIT_FAIL:
        machine_end("ended as failed", 1);
    default:
        answer_status(MNOS_E_NOT_SUPPORTED, 0);
    }
}

void control_message(struct mnos_msg *msg, char *request, size_t length)
{
    struct service *s;

    switch (msg->label) {
    case INIT_SPAWN:
        s = service_named(request, length);
        if (s)
            answer_result(service_spawn(s, request, length));
        break;
    case INIT_STATUS:
        if (msg->word[0] < init.manifest.count)
            status_answer(&init.service[msg->word[0]]);
        else
            answer_status(MNOS_E_NOT_FOUND, 0);
        break;
    case INIT_FIND:
        s = service_named(request, length);
        if (s)
            status_answer(s);
        break;
    default:
        if (BADGE_ROLE(msg->badge) == ROLE_CONTROL)
            control(msg, request, length);
        else
            answer_status(MNOS_E_NO_RIGHTS, 0);
    }
}
