/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages: registers, buffers, capabilities, Replies, deadlines, cancellation, badges, notifications. */
#include <libmnos/thread.h>

#include "ipc_test.h"

mnos_handle_t ep, reply;

/* ---- a server thread that does what the label says ---- */

static struct mnos_msg served; /* the last request, as received */
static int64_t serve_status;   /* of the last receive */

static void echo_words(void *arg)
{
    uint64_t count = (uint64_t)arg;

    for (uint64_t i = 0; i < count; i++) {
        struct mnos_msg msg = {0};
        serve_status = mnos_ipc_recv(ep, &msg, NULL, reply);
        if (serve_status < 0)
            return;
        served = msg;
        for (unsigned w = 0; w < MNOS_IPC_WORDS; w++)
            msg.word[w] = ~msg.word[w];
        msg.label++;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_CALL)
            mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    }
}

static void words_and_labels(void)
{
    struct mnos_thread *server = thread_start(echo_words, (void *)3, NULL, NULL);
    mnos_handle_t client = mint(ep, MNOS_RIGHT_SEND, 0xb0b);
    struct mnos_msg msg = {.label = 0x1234567890abcdef};
    bool same = true, back = true;

    for (unsigned w = 0; w < MNOS_IPC_WORDS; w++)
        msg.word[w] = 0x1111111111111111ull * (w + 1);
    struct mnos_msg sent = msg;
    tap_status(mnos_ipc_call(client, &msg, NULL), MNOS_OK, "a call is answered [M053]");
    for (unsigned w = 0; w < MNOS_IPC_WORDS; w++) {
        same &= served.word[w] == sent.word[w];
        back &= msg.word[w] == ~sent.word[w];
    }
    tap_ok(same && served.label == sent.label, "label and eight words arrive as they were sent [M209]");
    tap_ok(back && msg.label == sent.label + 1, "and so does the answer");
    tap_eq((int64_t)served.badge, 0xb0b, "the receiver sees the sender's badge [M052]");
    tap_eq(MNOS_INFO_KIND(served.info), MNOS_KIND_CALL, "and that it is a call");

    msg = sent;
    tap_status(mnos_ipc_send(client, &msg, NULL), MNOS_OK, "a one-way message is delivered [M051]");
    struct mnos_fast fast = mnos_fast_call(client, 7, 1, 2, 3, 4);
    tap_ok(fast.status == 0 && fast.label == 8 && fast.word[0] == ~1ull && fast.word[1] == ~2ull &&
               fast.word[2] == ~3ull && fast.word[3] == ~4ull,
           "four words in registers go there and back");
    thread_join(server);
    tap_ok(served.word[4] == 0 && served.word[7] == 0, "unused words are zero");
    mnos_cap_delete(client);
    mnos_ipc_recv(ep, &msg, NULL, MNOS_NONE); /* the badge is closed */
}

#define IN_ORDER 50u

static int64_t sent_status, unsent_status;

static void send_in_order(void *arg)
{
    const mnos_handle_t *to = arg;
    struct mnos_msg msg;

    for (uint64_t i = 0; i < IN_ORDER && sent_status == 0; i++) {
        msg = (struct mnos_msg){.label = 100 + i, .word = {i * i, ~i}};
        sent_status = mnos_ipc_send(to[0], &msg, NULL);
    }
    unsent_status = mnos_ipc_send(to[1], &msg, NULL);
}

static void in_order(void)
{
    mnos_handle_t to[2] = {mint(ep, MNOS_RIGHT_SEND, 0xcafe), mint(ep, MNOS_RIGHT_RECV, 0)};
    struct mnos_thread *thread = thread_start(send_in_order, to, NULL, NULL);
    struct tally tally = {0};
    struct mnos_msg msg = {0};

    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    for (uint64_t i = 0; i < IN_ORDER; i++) {
        tally_status(&tally, mnos_ipc_recv(ep, &msg, NULL, MNOS_NONE), MNOS_OK, "receive", i);
        tally_check(&tally, msg.label == 100 + i && msg.word[0] == i * i && msg.word[1] == ~i, "label and words", i);
        tally_check(&tally, msg.badge == 0xcafe && MNOS_INFO_KIND(msg.info) == MNOS_KIND_SEND, "badge", msg.badge);
    }
    thread_join(thread);
    tally_check(&tally, sent_status == 0, "send", (uint64_t)sent_status);
    tally_status(&tally, unsent_status, MNOS_E_NO_RIGHTS, "send without SEND", 0);
    tally_done(&tally,
               "messages with a label and two words arrive in order with their sender's badge, and none without SEND "
               "[M215 M052]");
    mnos_cap_delete(to[0]);
    mnos_cap_delete(to[1]);
    mnos_ipc_recv(ep, &msg, NULL, MNOS_NONE); /* the badge is closed */
}

/* ---- waiting ---- */

static uint32_t order[8], order_count;

static void send_number(void *arg)
{
    struct mnos_msg msg = {.label = (uint64_t)arg};

    mnos_ipc_send(ep, &msg, NULL);
    order[__atomic_fetch_add(&order_count, 1, __ATOMIC_ACQ_REL) % 8] = (uint32_t)(uint64_t)arg;
}

static void send_waits(void)
{
    struct mnos_thread *thread = thread_start(send_number, (void *)5, NULL, NULL);
    struct mnos_msg msg = {0};

    becomes(thread_handle(thread), MNOS_STATE_BLOCKED);
    sleep_ns(10 * MNOS_MS);
    tap_eq(__atomic_load_n(&order_count, __ATOMIC_ACQUIRE), 0, "a send waits until it is received [M051]");
    tap_ok(mnos_ipc_recv(ep, &msg, NULL, MNOS_NONE) == 0 && msg.label == 5 &&
               MNOS_INFO_KIND(msg.info) == MNOS_KIND_SEND,
           "and is received, also by a receiver without a Reply");
    thread_join(thread);
    tap_eq(order_count, 1, "and then goes on");
}

static void priority_order(void)
{
    static const uint32_t prio[] = {40, 60, 50, 60};
    struct mnos_thread *thread[4];
    struct mnos_msg msg = {0};
    uint64_t got[4];

    for (uint64_t i = 0; i < 4; i++) {
        thread[i] = thread_start(send_number, (void *)i, &(struct mnos_thread_options){.priority = prio[i]}, NULL);
        becomes(thread_handle(thread[i]), MNOS_STATE_BLOCKED);
    }
    for (unsigned i = 0; i < 4; i++) {
        mnos_ipc_recv(ep, &msg, NULL, MNOS_NONE);
        got[i] = msg.label;
    }
    for (unsigned i = 0; i < 4; i++)
        thread_join(thread[i]);
    tap_ok(got[0] == 1 && got[1] == 3 && got[2] == 2 && got[3] == 0,
           "queued messages are received by priority, equal ones in order [M215]");
    tap_diag("order: %lu %lu %lu %lu", got[0], got[1], got[2], got[3]);
}

static void deadlines(void)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.flags = MNOS_EXT_NONBLOCK;
    tap_status(mnos_ipc_send(ep, &msg, &ext), MNOS_E_WOULD_BLOCK, "a send that may not wait does not");
    tap_status(mnos_ipc_call(ep, &msg, &ext), MNOS_E_WOULD_BLOCK, "nor does a call");
    tap_status(mnos_ipc_recv(ep, &msg, &ext, reply), MNOS_E_WOULD_BLOCK, "nor does a receive");
    ext.flags = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t start = clock_ns();
        ext.deadline = start + 30 * MNOS_MS;
        int64_t status = i == 0   ? mnos_ipc_send(ep, &msg, &ext)
                         : i == 1 ? mnos_ipc_call(ep, &msg, &ext)
                                  : mnos_ipc_recv(ep, &msg, &ext, reply);
        uint64_t took = clock_ns() - start;
        tap_status(status, MNOS_E_TIMED_OUT, "deadline of %s", i == 0 ? "send" : i == 1 ? "call" : "recv");
        tap_ok(took >= 30 * MNOS_MS && took < 5 * MNOS_S, "it took as long as it said");
    }
    ext.deadline = 1;
    tap_status(mnos_ipc_recv(ep, &msg, &ext, reply), MNOS_E_TIMED_OUT, "a deadline in the past is over at once");
}

/* ---- the extension record ---- */

static void bad_extensions(void)
{
    struct tally tally = {0};
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext good = MNOS_EXT_INIT, ext;
    static char buffer[64];

    good.flags = MNOS_EXT_NONBLOCK;
    for (unsigned i = 1; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_ipc_send(ep, &msg, (void *)(bad_pointers[i] & ~7ull)), MNOS_E_FAULT, "record at",
                     bad_pointers[i]);
    ext = good;
    ext.flags = 0x80;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_INVALID, "unknown flag", 0x80);
    ext = good;
    ext.send_caps = MNOS_IPC_CAPS + 1;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_INVALID, "send_caps", 5);
    ext = good;
    ext.recv_caps = MNOS_IPC_CAPS + 1;
    tally_status(&tally, mnos_ipc_call(ep, &msg, &ext), MNOS_E_INVALID, "recv_caps", 5);
    ext = good;
    ext.reserved = 1;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_INVALID, "reserved", 1);
    ext = good;
    ext.send_buf = (uint64_t)buffer;
    ext.send_len = MNOS_BUFFER_MAX + 1;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_RANGE, "send_len", ext.send_len);
    ext = good;
    ext.send_caps = 1;
    ext.send_cap[0] = 4000;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_BADCAP, "send_cap", 4000);
    mnos_handle_t stuck = mint(ep, MNOS_RIGHT_SEND, 0);
    ext.send_cap[0] = stuck;
    tally_status(&tally, mnos_ipc_send(ep, &msg, &ext), MNOS_E_NO_RIGHTS, "send_cap without GRANT", stuck);
    mnos_cap_delete(stuck);
    tally_done(&tally, "an extension record that is wrong is refused by its own error");
}

/* ---- bound notification ---- */

static void notifications(void)
{
    mnos_handle_t note = new_notification();
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    for (unsigned bit = 0; bit < 64; bit += 7)
        mnos_ipc_notify(note, 1ull << bit);
    tap_ok(mnos_ipc_recv(note, &msg, NULL, MNOS_NONE) == 0 && msg.bits == 0x8102040810204081ull,
           "bits of a notification gather while nobody receives, no notify waits, and they come at once [M055]");
    ext.flags = MNOS_EXT_NONBLOCK;
    tap_status(mnos_ipc_recv(note, &msg, &ext, MNOS_NONE), MNOS_E_WOULD_BLOCK, "and are then gone");
    tap_status(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, note, 0), MNOS_OK, "it is bound to a thread");
    mnos_ipc_notify(note, 6);
    tap_ok(mnos_ipc_recv(ep, &msg, &ext, reply) == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_NOTIFICATION &&
               msg.bits == 6,
           "a receive from an endpoint delivers the bits of the bound notification");
    tap_status(mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, MNOS_NONE, 0), MNOS_OK, "it is unbound");
    mnos_ipc_notify(note, 6);
    tap_status(mnos_ipc_recv(ep, &msg, &ext, reply), MNOS_E_WOULD_BLOCK, "and then no longer delivered there");
    mnos_cap_delete(note);
}

/* ---- closed(badge) ---- */

static void closed_badges(void)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t a = mint(ep, MNOS_RIGHT_SEND | MNOS_RIGHT_GRANT, 901), b = mint(ep, MNOS_RIGHT_SEND, 901);

    ext.flags = MNOS_EXT_NONBLOCK;
    mnos_cap_delete(a);
    tap_status(mnos_ipc_recv(ep, &msg, &ext, MNOS_NONE), MNOS_E_WOULD_BLOCK, "a badge in use is not closed");
    mnos_cap_delete(b);
    tap_status(mnos_cap_create(MNOS_CREATE_MINT, ep, MNOS_RIGHT_SEND, 901, 0), MNOS_E_BUSY,
               "a badge whose closed message is pending cannot be used again");
    tap_ok(mnos_ipc_recv(ep, &msg, &ext, MNOS_NONE) == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_CLOSED &&
               msg.badge == 901,
           "when the last capability with a badge is gone, the endpoint's owner is told");
    tap_status(mnos_ipc_recv(ep, &msg, &ext, MNOS_NONE), MNOS_E_WOULD_BLOCK, "once");
    a = mint(ep, MNOS_RIGHT_SEND, 901);
    mnos_cap_revoke(ep);
    (void)a;
    tap_ok(mnos_ipc_recv(ep, &msg, &ext, MNOS_NONE) == 0 && MNOS_INFO_KIND(msg.info) == MNOS_KIND_CLOSED &&
               msg.badge == 901,
           "also by revocation");
}

static void tests(void)
{
    struct mnos_info_ledger before = ledger_now();

    ep = new_endpoint();
    reply = new_reply();
    words_and_labels();
    in_order();
    send_waits();
    priority_order();
    deadlines();
    bad_extensions();
    notifications();
    closed_badges();
    reply_tests();
    buffer_tests();
    contended_reply();
    revoked_waits();
    mnos_cap_delete(reply);
    mnos_cap_delete(ep);
    ledger_same(&before, "after all of it every count is what it was");
}

int main(int argc, char **argv)
{
    return test_main(argc, argv, ipc_roles, ipc_role_count, tests);
}
