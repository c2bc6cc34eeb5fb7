/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies: once only, kept, moved, lost; and calls that end before their time. */
#include <libmnos/thread.h>

#include "ipc_test.h"

struct caller {
    mnos_handle_t endpoint;
    uint64_t deadline; /* ns from now; 0: none */
    struct mnos_msg msg;
    int64_t status;
    uint32_t done;
};

static void caller_run(void *arg)
{
    struct caller *c = arg;
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    if (c->deadline)
        ext.deadline = clock_ns() + c->deadline;
    c->status = mnos_ipc_call(c->endpoint, &c->msg, c->deadline ? &ext : NULL);
    __atomic_store_n(&c->done, 1, __ATOMIC_RELEASE);
}

static struct mnos_thread *caller_start(struct caller *c, mnos_handle_t endpoint, uint64_t label)
{
    *c = (struct caller){.endpoint = endpoint, .msg = {.label = label}, .deadline = c->deadline};
    return thread_start(caller_run, c, NULL, NULL);
}

static void reply_once(void)
{
    struct caller c = {0};
    struct mnos_msg msg = {0};
    struct mnos_thread *thread = caller_start(&c, ep, 1);

    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply), MNOS_E_NOT_FOUND,
               "a Reply without a caller answers nobody");
    mnos_ipc_recv(ep, &msg, NULL, reply);
    tap_status(mnos_ipc_recv(ep, &msg, NULL, reply), MNOS_E_BUSY, "a Reply that has a caller cannot receive another");
    msg.label = 99;
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply), MNOS_OK, "it answers its caller");
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply), MNOS_E_NOT_FOUND, "once only [M053 M054]");
    thread_join(thread);
    tap_ok(c.status == 0 && c.msg.label == 99, "the caller has the answer");
}

static void replies_kept(void)
{
    struct caller c[3] = {0};
    struct mnos_thread *thread[3];
    mnos_handle_t kept[3];
    struct mnos_msg msg = {0};
    bool right = true;

    for (unsigned i = 0; i < 3; i++) {
        kept[i] = new_reply();
        thread[i] = caller_start(&c[i], ep, 10 + i);
        mnos_ipc_recv(ep, &msg, NULL, kept[i]);
        right &= msg.label == 10 + i;
    }
    for (unsigned i = 3; i-- > 0;) {
        struct mnos_msg answer = {.label = 20 + i};
        right &= mnos_ipc_reply(MNOS_NONE, &answer, NULL, kept[i]) == 0;
        thread_join(thread[i]);
        right &= c[i].status == 0 && c[i].msg.label == 20 + i;
        for (unsigned j = 0; j < i; j++)
            right &= !__atomic_load_n(&c[j].done, __ATOMIC_ACQUIRE);
        mnos_cap_delete(kept[i]);
    }
    tap_ok(right, "kept Replies answer their callers in any order");
}

static void reply_lost(void)
{
    struct caller c = {0};
    struct mnos_msg msg = {0};
    mnos_handle_t lost = new_reply();
    struct mnos_thread *thread = caller_start(&c, ep, 1);

    mnos_ipc_recv(ep, &msg, NULL, lost);
    mnos_cap_delete(lost);
    thread_join(thread);
    tap_status(c.status, MNOS_E_PEER_GONE, "a dropped Reply tells its caller");
}

static void reply_and_wait(void)
{
    struct caller c[2] = {0};
    struct mnos_msg msg = {0};
    struct mnos_thread *first = caller_start(&c[0], ep, 1);

    mnos_ipc_recv(ep, &msg, NULL, reply);
    struct mnos_thread *second = caller_start(&c[1], ep, 2);
    sleep_ns(10 * MNOS_MS);
    msg.label = 51;
    int64_t status = mnos_ipc_reply(ep, &msg, NULL, reply);
    tap_ok(status == 0 && msg.label == 2, "reply-and-wait answers one and receives the next");
    msg.label = 52;
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(first);
    thread_join(second);
    tap_ok(c[0].msg.label == 51 && c[1].msg.label == 52, "both have their own answer");
}

/* A received call is only marked by its deadline; its server ends it. */
static void cancel(void)
{
    struct caller c = {.deadline = 40 * MNOS_MS};
    struct mnos_msg msg = {0};
    mnos_handle_t kept = new_reply();
    struct mnos_thread *thread = caller_start(&c, ep, 1);

    mnos_ipc_recv(ep, &msg, NULL, kept);
    int64_t status = mnos_ipc_recv(ep, &msg, NULL, reply);
    tap_ok(status == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_CANCEL && msg.word[0] == kept,
           "the deadline of a received call reaches its server as CANCEL, with the Reply's handle");
    sleep_ns(20 * MNOS_MS);
    tap_ok(!__atomic_load_n(&c.done, __ATOMIC_ACQUIRE), "the caller still waits for its answer");
    msg.label = 3;
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, kept), MNOS_OK, "which the server gives");
    thread_join(thread);
    tap_ok(c.status == 0 && c.msg.label == 3, "and the caller gets, nothing lost");
    mnos_cap_delete(kept);
}

static int role_call_forever(int argc, char **argv)
{
    struct mnos_msg msg = {.label = 4};

    (void)argc;
    (void)argv;
    return (int)mnos_ipc_call(mnos_cap("ep"), &msg, NULL);
}

static int role_serve_and_die(int argc, char **argv)
{
    struct mnos_msg msg = {0};

    (void)argc;
    (void)argv;
    mnos_handle_t mine = must(mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0), "a Reply");
    mnos_ipc_recv(mnos_cap("ep"), &msg, NULL, mine);
    return 0;
}

/* Answers its n-th call with its own number and dies at the one with label 13. */
static int role_restartable(int argc, char **argv)
{
    struct mnos_msg msg = {0};
    mnos_handle_t mine = must(mnos_cap_create(MNOS_CREATE_REPLY, mnos_pool(), 0, 0, 0), "a Reply");

    (void)argc;
    (void)argv;
    for (;;) {
        if (mnos_ipc_recv(mnos_cap("ep"), &msg, NULL, mine) < 0)
            return 1;
        if (msg.label == 13)
            return 13;
        msg.label += 100;
        mnos_ipc_reply(MNOS_NONE, &msg, NULL, mine);
    }
}

static void caller_dies(void)
{
    mnos_handle_t client = mint(ep, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 0);
    struct spawn_child child =
        test_spawn("call_forever", &(struct spawn_cap){.name = "ep", .handle = client, .rights = MNOS_RIGHT_SEND}, 1);
    struct mnos_msg msg = {0};

    mnos_ipc_recv(ep, &msg, NULL, reply);
    spawn_drop(&child);
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply), MNOS_E_PEER_GONE,
               "an answer to a dead caller is an error");
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply), MNOS_E_NOT_FOUND, "and the Reply is free again");
    mnos_cap_delete(client);
}

static void server_dies(void)
{
    mnos_handle_t served = new_endpoint();
    struct caller c = {0};
    struct spawn_child child =
        test_spawn("serve_and_die", &(struct spawn_cap){.name = "ep", .handle = served, .rights = MNOS_RIGHT_RECV}, 1);
    struct mnos_thread *thread = caller_start(&c, served, 1);

    test_wait(&child);
    thread_join(thread);
    tap_status(c.status, MNOS_E_PEER_GONE, "a server's death wakes the callers it had received");
    mnos_cap_delete(served);
}

static void server_restarts(void)
{
    mnos_handle_t served = new_endpoint();
    const struct spawn_cap cap = {.name = "ep", .handle = served, .rights = MNOS_RIGHT_RECV};
    struct caller c[4] = {0};
    struct mnos_thread *thread[4];
    static const uint64_t label[4] = {1, 13, 2, 3};
    struct spawn_child child = test_spawn("restartable", &cap, 1);

    for (unsigned i = 0; i < 4; i++) {
        thread[i] = caller_start(&c[i], served, label[i]);
        sleep_ns(5 * MNOS_MS);
    }
    uint64_t status = test_wait(&child);
    tap_eq((int64_t)status, 13, "a server dies at its second call");
    tap_ok(!c[2].done && !c[3].done, "calls that it had not received stay queued, as somebody else holds RECV");
    child = test_spawn("restartable", &cap, 1);
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    tap_ok(c[0].msg.label == 101 && c[1].status == -MNOS_E_PEER_GONE && c[2].msg.label == 102 && c[3].msg.label == 103,
           "and are answered by the next one");
    spawn_drop(&child);
    struct caller last = {0};
    struct mnos_thread *t = caller_start(&last, mint(served, MNOS_RIGHT_SEND, 0), 1);
    sleep_ns(10 * MNOS_MS);
    mnos_cap_delete(served);
    thread_join(t);
    tap_status(last.status, MNOS_E_PEER_GONE, "when the last RECV capability is gone, queued callers are told");
    mnos_cap_delete(last.endpoint);
}

/* Two callers at most one of which is answered through a Reply that moves to another process. */
static void reply_moves(void)
{
    struct caller c = {0};
    struct mnos_msg msg = {0};
    struct mnos_info_ledger before = ledger_now();
    mnos_handle_t moving = new_reply();
    mnos_handle_t process = must(mnos_proc_create(mnos_pool(), 64, MNOS_NONE, "holder", 6, 0), "a process");
    struct mnos_thread *thread = caller_start(&c, ep, 1);

    mnos_ipc_recv(ep, &msg, NULL, moving);
    tap_status(mnos_cap_transfer(process, moving, MNOS_RIGHT_WRITE, MNOS_NONE), MNOS_E_INVALID,
               "a Reply is not copied");
    tap_status(mnos_cap_transfer(process, moving, 0, MNOS_NONE), MNOS_OK, "it moves, with its caller");
    tap_status(mnos_ipc_reply(MNOS_NONE, &msg, NULL, moving), MNOS_E_BADCAP, "and is not here any more");
    mnos_proc_destroy(process, 0);
    thread_join(thread);
    tap_status(c.status, MNOS_E_PEER_GONE, "its new holder's death tells the caller");
    mnos_cap_delete(process);
    ledger_same(&before, "and nothing is left");
}

const struct role ipc_roles[] = {
    {"call_forever", role_call_forever}, {"serve_and_die", role_serve_and_die}, {"restartable", role_restartable}};
const unsigned ipc_role_count = sizeof ipc_roles / sizeof ipc_roles[0];

void reply_tests(void)
{
    reply_once();
    replies_kept();
    reply_lost();
    reply_and_wait();
    cancel();
    caller_dies();
    server_dies();
    server_restarts();
    reply_moves();
}
