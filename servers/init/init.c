/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/objects.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/thread.h>

#include "init.h"

struct init init;

static mnos_handle_t object_make(enum mnos_create what)
{
    int64_t handle = mnos_cap_create(what, mnos_pool(), 0, 0, 0);

    if (handle < 0)
        mnos_panic("init: cannot make an object of kind %d: %s", what, mnos_error_text(handle));
    return (mnos_handle_t)handle;
}

static void objects_make(void)
{
    init.endpoint = object_make(MNOS_CREATE_ENDPOINT);
    init.deaths = object_make(MNOS_CREATE_NOTIFICATION);
    init.reply = object_make(MNOS_CREATE_REPLY);
    int64_t status = mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, init.deaths, 0);
    if (status < 0)
        mnos_panic("init: cannot hear of deaths: %s", mnos_error_text(status));
}

static void facts_print(void)
{
    char rights[8];

    log_line("init: pid %lu, ring page %p, CapSet page %p, %u capabilities:", mnos_pid, mnos_ring,
             (const void *)mnos_capset, mnos_capset->count);
    for (uint32_t i = 0; i < mnos_capset->count; i++) {
        const struct mnos_capset_entry *e = &mnos_capset->entry[i];
        log_line("init:   slot %2lu %-12s %-12s %s", e->handle, e->name, mnos_type_name(e->type),
                 mnos_rights_text(e->rights, rights));
    }
}

/* The capability is gone already, or the caller is. */
static void answer_failed(void)
{
    ready_drop();
    answer_status(MNOS_E_NOT_FOUND);
}

/* A lookup is answered in the system call that receives the next message. */
static _Noreturn void serve(void)
{
    static _Alignas(8) char request[INIT_BYTES];
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    struct mnos_msg msg = {0};
    bool answer = false;

    ext.recv_caps = 1;
    ext.recv_buf = (uint64_t)request;
    ext.recv_len = sizeof request;
    init.changed = true;
    for (;;) {
        if (init.changed) {
            init.changed = false;
            ext.deadline = services_advance();
        }
        bool answering = answer;
        int64_t status = answering ? mnos_ipc_reply(init.endpoint, &msg, &ext, init.reply)
                                   : mnos_ipc_recv(init.endpoint, &msg, &ext, init.reply);
        answer = false;
        ext.send_caps = 0;
        if (status >= 0)
            answer = serve_message(&msg, &ext);
        else if (status == -MNOS_E_TIMED_OUT)
            init.changed = true;
        else if (answering && status != -MNOS_E_INTERRUPTED)
            answer_failed();
        else if (status != -MNOS_E_INTERRUPTED)
            mnos_panic("init: cannot receive: %s", mnos_error_text(status));
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    facts_print();
    if (!package_open() || !manifest_load())
        return 1;
    objects_make();
    directory_make();
    services_make();
    serve();
}
