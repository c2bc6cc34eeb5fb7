/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <str.h>

const char *init_state_name(uint64_t state)
{
    static const char *const names[INIT_STATES] = {"waiting", "starting", "running", "failed", "stopped"};

    return state < INIT_STATES ? names[state] : "?";
}

static int64_t ask(mnos_handle_t init, struct mnos_msg *msg, struct mnos_call_data *data)
{
    int64_t status = mnos_call_with(init, msg, data);

    if (status < 0)
        return status;
    return msg->label == 0 ? (int64_t)msg->word[0] : -(int64_t)msg->label;
}

static int64_t control(mnos_handle_t init, struct mnos_msg *msg, const void *bytes, size_t length)
{
    struct mnos_call_data data = {.send = bytes, .send_len = length, .send_cap = MNOS_NONE};

    return ask(init, msg, &data);
}

static int64_t status_ask(mnos_handle_t init, struct mnos_msg *msg, const char *name, struct init_status *status)
{
    struct mnos_call_data data = {.send = name,
                                  .send_len = name ? strlen(name) + 1 : 0,
                                  .recv = status,
                                  .recv_len = sizeof *status,
                                  .send_cap = MNOS_NONE};

    return ask(init, msg, &data);
}

int64_t init_spawn(mnos_handle_t init, const char *request, size_t length)
{
    struct mnos_msg msg = {.label = INIT_SPAWN, .word = {length}};

    return control(init, &msg, request, length);
}

int64_t init_kill(mnos_handle_t init, uint64_t pid)
{
    struct mnos_msg msg = {.label = INIT_KILL, .word = {pid}};

    return control(init, &msg, NULL, 0);
}

int64_t init_end(mnos_handle_t init, uint64_t label)
{
    struct mnos_msg msg = {.label = label};

    return control(init, &msg, NULL, 0);
}

int64_t init_service(mnos_handle_t init, uint64_t label, const char *name)
{
    struct mnos_msg msg = {.label = label};

    return control(init, &msg, name, strlen(name) + 1);
}

int64_t init_status(mnos_handle_t init, uint64_t number, struct init_status *status)
{
    struct mnos_msg msg = {.label = INIT_STATUS, .word = {number}};

    return status_ask(init, &msg, NULL, status);
}

int64_t init_find(mnos_handle_t init, const char *name, struct init_status *status)
{
    struct mnos_msg msg = {.label = INIT_FIND};

    return status_ask(init, &msg, name, status);
}

int64_t init_system(mnos_handle_t init, struct init_system *system)
{
    struct mnos_msg msg = {.label = INIT_SYSTEM};
    int64_t status = mnos_ipc_call(init, &msg, NULL);

    if (status < 0)
        return status;
    if (msg.label != 0)
        return -(int64_t)msg.label;
    memcpy(system, msg.word, sizeof *system);
    return 0;
}
