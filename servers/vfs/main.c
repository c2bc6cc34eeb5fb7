/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The main loop.  The server receives without an extension record, so that small calls take the kernel's fast path; only when a
 * call came whose capability was left behind (RETRY) does it make room for some, until one has come.
 */
#include <fs/pages.h>
#include <libmnos/clock.h>
#include <libmnos/names.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <mnos/calls.h>

#include "console.h"
#include "main.h"
#include "ttys.h"

#define ROOM_ROUNDS 64u

mnos_handle_t endpoint;

static mnos_handle_t reply;
static unsigned make_room; /* receives that accept a capability */
static struct mnos_ipc_ext ext;

static int64_t now(void)
{
    return clock_unix_base() * (int64_t)MNOS_S + (int64_t)clock_ns();
}

static void *chunk_take(void)
{
    return alloc_pages_aligned(PAGE_CHUNK_BYTES / MNOS_PAGE_SIZE, PAGE_CHUNK_BYTES, NULL);
}

static void chunk_give(void *chunk)
{
    free_pages(chunk, PAGE_CHUNK_BYTES / MNOS_PAGE_SIZE);
}

/* The extension record of the next receive, or NULL. */
static struct mnos_ipc_ext *room(void)
{
    if (make_room == 0)
        return NULL;
    make_room--;
    ext.recv_caps = 1;
    return &ext;
}

static void call_begin(struct call *call, const struct mnos_msg *m, bool took_cap)
{
    call->reply = reply;
    call->badge = m->badge;
    call->label = m->label;
    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++) {
        call->word[i] = m->word[i];
        call->out[i] = 0;
    }
    call->cap = took_cap && MNOS_INFO_CAPS(m->info) > 0 ? ext.recv_cap[0] : MNOS_NONE;
    call->accepts_caps = took_cap;
    call->stopped = false;
    call->status = VFS_OK;
    call->out_caps = 0;
    call->done = 0;
    call->held = NULL;
    if (call->cap != MNOS_NONE)
        make_room = 0;
}

/* True: the call is to be answered. */
static bool handle(struct call *call, const struct mnos_msg *m, bool took_cap)
{
    bool answer = false;

    switch (MNOS_INFO_KIND(m->info)) {
    case MNOS_KIND_CALL:
        call_begin(call, m, took_cap);
        answer = call_serve(call) == ANSWER;
        if (call->cap != MNOS_NONE)
            mnos_cap_delete(call->cap);
        if (answer && call->status == VFS_E_RETRY)
            make_room = ROOM_ROUNDS;
        break;
    case MNOS_KIND_PAGE:
        /* Who waits for a page goes on at once, or ends. */
        call->out_caps = 0;
        call->status = (uint64_t)(map_page(m->badge, m->word[0]) ? MNOS_FAULT_RESUME : MNOS_FAULT_DESTROY);
        return true;
    case MNOS_KIND_CLOSED:
        call_closed(m->badge);
        break;
    case MNOS_KIND_NOTIFICATION:
        console_event();
        break;
    case MNOS_KIND_CANCEL:
        waiters_cancel((mnos_handle_t)m->word[0]);
        break;
    default:
        if (took_cap && MNOS_INFO_CAPS(m->info) > 0)
            mnos_cap_delete(ext.recv_cap[0]);
        return false;
    }
    queues_run();
    return answer;
}

/* Another Reply, for the one that a kept call holds. */
static bool next_reply(struct call *call)
{
    int64_t fresh = port_reply_new();

    if (fresh >= 0) {
        reply = (mnos_handle_t)fresh;
        return true;
    }
    /* None to be had: the call ends instead. */
    waiters_cancel(call->reply);
    fresh = port_reply_new();
    reply = fresh >= 0 ? (mnos_handle_t)fresh : MNOS_NONE;
    return fresh >= 0;
}

static struct mnos_msg msg;
static bool accepts; /* the message in `msg` was received with room for a capability */

static int64_t receive(void)
{
    int64_t status;

    do {
        struct mnos_ipc_ext *with = room();
        accepts = with != NULL;
        status = mnos_ipc_recv(endpoint, &msg, with, reply);
    } while (status == -MNOS_E_INTERRUPTED);
    return status;
}

/* Answers, and receives what is next. */
static int64_t answer_and_receive(struct call *call)
{
    /* With capabilities in two steps, so that the receive is one without a record. */
    if (call->out_caps > 0) {
        (void)port_answer(call);
        return receive();
    }
    struct mnos_ipc_ext *with = room();
    accepts = with != NULL;
    ext.send_caps = 0;
    answer_fill(call, &msg, &ext);
    int64_t status = mnos_ipc_reply(endpoint, &msg, with, reply);
    /* A caller who died, or whose buffer is gone: the next one. */
    return status < 0 ? receive() : status;
}

static int64_t serve(void)
{
    static struct call call;
    int64_t status = receive();

    while (status >= 0) {
        bool is_call = MNOS_INFO_KIND(msg.info) == MNOS_KIND_CALL;
        if (handle(&call, &msg, accepts)) {
            status = answer_and_receive(&call);
            continue;
        }
        if (is_call && !next_reply(&call))
            return -MNOS_E_NO_MEMORY;
        status = receive();
    }
    return status;
}

int main(int argc, char **argv)
{
    int64_t made = mnos_cap_create(MNOS_CREATE_ENDPOINT, mnos_pool(), 0, 0, 0), first = port_reply_new();

    ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    fs_now = now;
    page_source = (struct page_source){chunk_take, chunk_give};
    maps_start();
    if (made < 0 || first < 0 || !descs_start()) {
        printf("vfs: no memory for an endpoint\n");
        return 1;
    }
    endpoint = (mnos_handle_t)made;
    reply = (mnos_handle_t)first;
    if (!mounts_make(argc, argv) || !console_start(mnos_cap("console")))
        return 2;
    int64_t names = names_register(mnos_cap("init"), VFS_SERVICE_NAME, endpoint);
    if (names != 0) {
        printf("vfs: not in the directory: %s\n", names_status_text(names));
        return 3;
    }
    printf("vfs: ready\n");
    int64_t status = serve();
    printf("vfs: cannot receive: %s\n", mnos_error_text(status));
    return 4;
}
