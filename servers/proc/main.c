/* SPDX-License-Identifier: BSD-2-Clause */
/* The main loop.  Every receive has room for the capabilities of a message; what a call does not keep is dropped. */
#include <libmnos/names.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "proc.h"

mnos_handle_t endpoint, deaths;

static mnos_handle_t reply;

/* True: answer. */
static bool dispatch(struct proc *p, struct call *call, enum proc_status *status)
{
    switch (call->label) {
    case PROC_GIVE:
        *status = give_call(p, call);
        return true;
    case PROC_SPAWN:
        *status = spawn_call(p, call);
        return true;
    case PROC_EXEC:
        *status = exec_call(p, call);
        return true;
    case PROC_FORK:
        *status = fork_call(p, call);
        return true;
    case PROC_WAIT:
        return wait_call(p, call, status);
    case PROC_KILL:
        *status = kill_call(p, call);
        return true;
    case PROC_IDS:
        *status = ids_call(p, call);
        return true;
    case PROC_SETPGID:
        *status = setpgid_call(p, call);
        return true;
    case PROC_SETSID:
        *status = setsid_call(p, call);
        return true;
    case PROC_SIGNALS:
        *status = signals_call(p, call);
        return true;
    case PROC_SIGINFO:
        *status = siginfo_call(p, call);
        return true;
    case PROC_STOP:
        *status = stop_call(p, call);
        return true;
    default:
        *status = PROC_E_NOT_SUPPORTED;
        return true;
    }
}

static void caps_drop(struct call *call)
{
    for (unsigned i = 0; i < call->caps; i++)
        if (call->cap[i] != MNOS_NONE)
            mnos_cap_delete(call->cap[i]);
    call->caps = 0;
}

/* An answer for the call in *msg, or the call is kept with its Reply. */
static void serve_call(struct mnos_msg *msg, struct call *call)
{
    struct proc *p = proc_of_badge(msg->badge);
    enum proc_status status = PROC_E_NOT_FOUND;
    bool answered = !p || dispatch(p, call, &status);

    caps_drop(call);
    if (!answered) {
        reply = reply_new();
        if (reply != MNOS_NONE)
            return;
        /* None to be had: the call that was kept ends instead, and its Reply goes with it. */
        wait_cancel(call->reply);
        reply = reply_new();
        return;
    }
    msg->label = status;
    memcpy(msg->word, call->out, sizeof msg->word);
    /* A caller who died meanwhile is none of the server's business. */
    (void)mnos_ipc_reply(MNOS_NONE, msg, NULL, reply);
}

static void call_begin(struct call *call, const struct mnos_msg *msg, const struct mnos_ipc_ext *ext)
{
    *call = (struct call){.reply = reply, .label = msg->label, .caps = MNOS_INFO_CAPS(msg->info)};
    memcpy(call->word, msg->word, sizeof call->word);
    memcpy(call->cap, ext->recv_cap, sizeof call->cap);
}

static int64_t serve(void)
{
    static struct call call;

    for (;;) {
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = {.deadline = MNOS_FOREVER, .recv_caps = MNOS_IPC_CAPS};
        int64_t status = mnos_ipc_recv(endpoint, &msg, &ext, reply);
        if (status == -MNOS_E_INTERRUPTED)
            continue;
        if (status < 0)
            return status;
        call_begin(&call, &msg, &ext);
        switch (MNOS_INFO_KIND(msg.info)) {
        case MNOS_KIND_CALL:
            serve_call(&msg, &call);
            break;
        case MNOS_KIND_NOTIFICATION:
            deaths_look(msg.bits);
            break;
        case MNOS_KIND_CLOSED:
            world_end(msg.badge);
            break;
        case MNOS_KIND_CANCEL:
            wait_cancel((mnos_handle_t)msg.word[0]);
            break;
        default:
            caps_drop(&call);
            break;
        }
        if (reply == MNOS_NONE && (reply = reply_new()) == MNOS_NONE)
            return -MNOS_E_NO_MEMORY;
    }
}

int main(int argc, char **argv)
{
    int64_t made = mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0);
    int64_t bell = mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);

    (void)argc, (void)argv;
    endpoint = (mnos_handle_t)made;
    deaths = (mnos_handle_t)bell;
    reply = reply_new();
    if (made < 0 || bell < 0 || reply == MNOS_NONE ||
        mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, deaths, 0) < 0) {
        printf("proc: no memory for an endpoint\n");
        return 1;
    }
    int64_t names = names_register(mnos_cap("init"), PROC_SERVICE_NAME, endpoint);
    if (names != 0) {
        printf("proc: not in the directory: %s\n", names_status_text(names));
        return 2;
    }
    int64_t status = serve();
    printf("proc: cannot receive: %s\n", mnos_error_text(status));
    return 3;
}
