/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring: every operation, batches, what waits, what is refused, and a page that a program fills with nonsense. */
#include <libmnos/clock.h>
#include <libmnos/page.h>
#include <libmnos/kring.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <mnos/thread.h>
#include <str.h>

#include "../common/machine.h"
#include "../common/test.h"

#define LIMIT (clock_ns() + 5 * MNOS_S)

static mnos_handle_t ep, reply;

/* One operation, alone. */
static int64_t one(const struct mnos_submission *s)
{
    struct mnos_completion done = {.status = 1};
    int64_t status = kring_submit(s) ? kring_wait(1, LIMIT) : 2;

    return status < 0 ? status : kring_take(&done) && done.user == s->user ? done.status : 3;
}

/* ---- a server that answers with the words inverted, the label plus one ---- */

static void serve(void *arg)
{
    for (uint64_t n = 0; n < (uint64_t)arg; n++) {
        struct mnos_msg m = {0};
        if (mnos_ipc_recv(ep, &m, NULL, reply) < 0)
            return;
        for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
            m.word[i] = ~m.word[i];
        m.label++;
        mnos_ipc_reply(MNOS_NONE, &m, NULL, reply);
    }
}

static void operations(void)
{
    struct mnos_ring_message m = {.label = 41, .word = {1, 2, 3, 4, 5, 6, 7, 8}};
    struct mnos_submission call = {
        .op = MNOS_RING_CALL, .user = 7, .handle = ep, .arg = (uint64_t)&m, .reply = MNOS_NONE};
    struct mnos_thread *server = thread_start(serve, (void *)1, NULL, NULL);
    mnos_handle_t ntf = new_notification(), spare = new_notification();
    struct mnos_msg got = {0};
    bool words = true;

    tap_status(one(&(struct mnos_submission){.op = MNOS_RING_NOP, .user = 5}), MNOS_OK, "nothing is done, and told");
    tap_status(one(&call), MNOS_OK, "a call through the ring is answered [M126]");
    for (unsigned i = 0; i < MNOS_IPC_WORDS; i++)
        words &= m.word[i] == ~(uint64_t)(i + 1);
    tap_ok(words && m.label == 42, "label and all words came back");
    thread_join(server);
    tap_status(one(&(struct mnos_submission){.op = MNOS_RING_NOTIFY, .user = 8, .handle = ntf, .arg = 6}), MNOS_OK,
               "notify");
    tap_ok(mnos_ipc_recv(ntf, &got, NULL, MNOS_NONE) == 0 && got.bits == 6, "the bits are there");
    tap_status(one(&(struct mnos_submission){.op = MNOS_RING_DELETE, .user = 9, .handle = spare}), MNOS_OK, "delete");
    tap_status(mnos_ipc_notify(spare, 1), MNOS_E_BADCAP, "the capability is gone");
    mnos_cap_delete(ntf);
}

/* ---- a server whose receives and answers go through the ring, with a client that calls ---- */

static struct mnos_fast answers[3];

static void client(void *arg)
{
    uint64_t i = (uint64_t)arg;

    answers[i] = mnos_fast_call(ep, 100 + i, i, 0, 0, 0);
}

static void serving(void)
{
    struct mnos_ring_message m[3];
    mnos_handle_t replies[3];
    struct mnos_thread *thread[3];
    struct mnos_completion done;
    struct tally tally = {0};

    for (uint64_t i = 0; i < 3; i++) {
        replies[i] = new_reply();
        kring_submit(&(struct mnos_submission){
            .op = MNOS_RING_RECV, .user = i, .handle = ep, .arg = (uint64_t)&m[i], .reply = replies[i]});
    }
    tally_status(&tally, kring_wait(0, 0), MNOS_OK, "three receives", 0);
    for (uint64_t i = 0; i < 3; i++)
        thread[i] = thread_start(client, (void *)i, NULL, NULL);
    tally_status(&tally, kring_wait(3, LIMIT), MNOS_OK, "three calls", 0);
    for (unsigned n = 0; n < 3; n++) {
        tally_check(&tally, kring_take(&done) && done.status == 0 && done.user < 3, "received", done.user);
        struct mnos_ring_message *r = &m[done.user];
        tally_check(&tally, MNOS_INFO_KIND(r->info) == MNOS_KIND_CALL && r->label >= 100 && r->label < 103, "a call",
                    0);
        r->word[0] += 1000;
        r->label += 5;
        kring_submit(&(struct mnos_submission){
            .op = MNOS_RING_REPLY, .user = 10 + n, .arg = (uint64_t)r, .reply = replies[done.user]});
    }
    tally_status(&tally, kring_wait(3, LIMIT), MNOS_OK, "three answers", 0);
    for (unsigned n = 0; n < 3; n++)
        tally_check(&tally, kring_take(&done) && done.status == 0, "answered", (uint64_t)-done.status);
    for (uint64_t i = 0; i < 3; i++) {
        thread_join(thread[i]);
        tally_check(&tally, answers[i].status == 0 && answers[i].label == 105 + i && answers[i].word[0] == 1000 + i,
                    "the client's answer", i);
        mnos_cap_delete(replies[i]);
    }
    tally_done(&tally, "three calls are received and answered through the ring");
}

/* ---- batches ---- */

static void batches(void)
{
    enum { CALLS = 400 };
    static struct mnos_ring_message m[MNOS_RING_SUBMISSIONS];
    struct mnos_thread *server = thread_start(serve, (void *)CALLS, NULL, NULL);
    struct mnos_completion done;
    struct tally tally = {0};
    unsigned busy = 0, sent = 0, got = 0;
    bool used[MNOS_RING_SUBMISSIONS] = {false};

    while (got < CALLS) {
        for (uint64_t i = 0; i < MNOS_RING_SUBMISSIONS && sent < CALLS; i++) {
            if (used[i])
                continue;
            m[i] = (struct mnos_ring_message){.label = sent, .word = {sent * 3}};
            if (!kring_submit(&(struct mnos_submission){
                    .op = MNOS_RING_CALL, .user = i, .handle = ep, .arg = (uint64_t)&m[i], .reply = MNOS_NONE}))
                break;
            used[i] = true;
            sent++;
            busy++;
        }
        tally_status(&tally, kring_wait(busy / 2 + 1, LIMIT), MNOS_OK, "wait", got);
        while (kring_take(&done)) {
            struct mnos_ring_message *r = &m[done.user % MNOS_RING_SUBMISSIONS];
            tally_check(&tally, done.status == 0 && r->word[0] == ~((r->label - 1) * 3), "an answer", done.user);
            used[done.user % MNOS_RING_SUBMISSIONS] = false;
            busy--;
            got++;
        }
    }
    thread_join(server);
    tally_done(&tally, "400 calls in batches of up to sixteen: each is answered with its own words");
}

/* ---- what is refused ---- */

static void refusals(void)
{
    struct mnos_ring_message m = {0};
    const uint64_t arg = (uint64_t)&m;
    const struct {
        struct mnos_submission s;
        int error;
        const char *what;
    } wrong[] = {
        {{.op = MNOS_RING_OPS}, MNOS_E_INVALID, "no such operation"},
        {{.op = UINT64_MAX}, MNOS_E_INVALID, "nor this"},
        {{.op = MNOS_RING_NOP, .reserved = {0, 1}}, MNOS_E_INVALID, "reserved"},
        {{.op = MNOS_RING_CALL, .handle = 4000, .arg = arg}, MNOS_E_BADCAP, "an empty slot"},
        {{.op = MNOS_RING_CALL, .handle = reply, .arg = arg}, MNOS_E_BADTYPE, "a Reply"},
        {{.op = MNOS_RING_CALL, .handle = ep, .arg = arg + 4}, MNOS_E_UNALIGNED, "an odd address"},
        {{.op = MNOS_RING_CALL, .handle = ep, .arg = 0xffff800000000000}, MNOS_E_FAULT, "the kernel's memory"},
        {{.op = MNOS_RING_CALL, .handle = ep, .arg = 0x8000000000000000}, MNOS_E_FAULT, "no address"},
        {{.op = MNOS_RING_CALL, .handle = ep, .arg = 0}, MNOS_E_FAULT, "nothing"},
        {{.op = MNOS_RING_CALL, .handle = ep, .arg = arg, .ext = 12}, MNOS_E_UNALIGNED, "an odd record"},
        {{.op = MNOS_RING_RECV, .handle = ep, .arg = arg, .reply = ep}, MNOS_E_BADTYPE, "no Reply"},
        {{.op = MNOS_RING_REPLY, .arg = arg, .reply = reply}, MNOS_E_NOT_FOUND, "nobody to answer"},
        {{.op = MNOS_RING_NOTIFY, .handle = ep}, MNOS_E_BADTYPE, "an endpoint"},
        {{.op = MNOS_RING_DELETE, .handle = 4000}, MNOS_E_BADCAP, "an empty slot"},
    };
    struct tally tally = {0};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct mnos_submission s = wrong[i].s;
        s.user = i;
        if (s.reply == 0)
            s.reply = MNOS_NONE;
        tally_status(&tally, one(&s), wrong[i].error, wrong[i].what, i);
    }
    tally_done(&tally, "a malformed submission completes with its own error [M126]");

    struct mnos_ring *r = mnos_ring;
    tap_status(mnos_ring_enter(r, 33, 0), MNOS_E_RANGE, "more completions than there are places");
    tap_status(mnos_ring_enter(&r->sq_head, 0, 0), MNOS_E_UNALIGNED, "a ring that is no page");
    tap_status(mnos_ring_enter((void *)0xffff800000000000, 0, 0), MNOS_E_FAULT, "a ring in the kernel's memory");
    tap_status(mnos_ring_enter((void *)0x123456789000, 0, 0), MNOS_E_FAULT, "a ring that is not mapped");
    tap_status(one(&(struct mnos_submission){.op = MNOS_RING_NOP, .user = 77}), MNOS_OK, "the page itself works on");
    void *other = alloc_pages(1, NULL);
    tap_status(mnos_ring_enter(other, 0, 0), MNOS_OK, "another page may be the ring");
    free_pages(other, 1);
    memset(r, 0, sizeof *r);
    tap_status(mnos_ring_enter(r, 0, 0), MNOS_OK, "and this one again: its counters begin anew");
    tap_status(mnos_ring_enter(r, 1, clock_ns() + MNOS_MS), MNOS_E_TIMED_OUT, "a deadline ends the wait");
}

/* A whole batch in one call of the library, each operation with an outcome of its own. */
static void batch(void)
{
    struct kring_op op[MNOS_RING_SUBMISSIONS + 1] = {{.submission = {.op = MNOS_RING_NOP}, .status = 1},
                                                     {.submission = {.op = 200}, .status = 1},
                                                     {.submission = {.op = MNOS_RING_NOP}, .status = 1}};

    tap_status(kring_run(op, MNOS_RING_SUBMISSIONS + 1), MNOS_E_RANGE, "a batch has at most the ring's submissions");
    tap_eq(op[0].status, 1, "and then nothing of it is done");
    tap_status(kring_run(op, 3), MNOS_OK, "a batch is handed over and waited for in one call");
    tap_ok(op[0].status == 0 && op[1].status < 0 && op[2].status == 0, "and each operation has its own outcome");
}

/* A call that nobody receives: the page cannot be left; when the endpoint goes, it completes. */
static void unfinished(void)
{
    struct mnos_ring_message m = {0};
    mnos_handle_t lonely = new_endpoint();
    struct mnos_completion done;

    kring_submit(&(struct mnos_submission){
        .op = MNOS_RING_CALL, .user = 3, .handle = lonely, .arg = (uint64_t)&m, .reply = MNOS_NONE});
    tap_status(kring_wait(1, clock_ns() + 2 * MNOS_MS), MNOS_E_TIMED_OUT, "a call that nobody receives waits");
    void *other = alloc_pages(1, NULL);
    tap_status(mnos_ring_enter(other, 0, 0), MNOS_E_BUSY, "the page cannot be changed for another meanwhile");
    free_pages(other, 1);
    mnos_cap_delete(lonely);
    tap_status(kring_wait(1, LIMIT), MNOS_OK, "when its endpoint is gone");
    tap_ok(kring_take(&done) && done.user == 3 && done.status == -MNOS_E_PEER_GONE, "it completes, and says so");
}

/* Completions that nobody takes: submissions stay in the page until there is a place. */
static void full(void)
{
    struct mnos_ring *r = mnos_ring;
    struct mnos_completion done;
    struct tally tally = {0};
    uint64_t n = 0, seen = 0;

    while (n < 64 && kring_submit(&(struct mnos_submission){.op = MNOS_RING_NOP, .user = n})) {
        n++;
        kring_wait(0, 0);
    }
    tally_check(&tally, n == MNOS_RING_COMPLETIONS + MNOS_RING_SUBMISSIONS, "places", n);
    tally_check(&tally, r->cq_tail - r->cq_head == MNOS_RING_COMPLETIONS, "completions", r->cq_tail - r->cq_head);
    while (seen < n) {
        while (kring_take(&done))
            tally_check(&tally, done.user == seen++, "in order", done.user);
        tally_status(&tally, kring_wait(0, 0), MNOS_OK, "go on", seen);
    }
    tally_done(&tally, "a submission is taken only when its completion has a place");
}

/* ---- hostile ---- */

static uint32_t stop;

static void scribble(void *arg)
{
    uint64_t seed = 4711;
    volatile uint32_t *word = mnos_ring;

    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        uint64_t random = random_next(&seed);
        word[random % (sizeof(struct mnos_ring) / 4)] = (uint32_t)(random >> (random >> 60));
        if (random % 64 == 0)
            mnos_thread_yield();
    }
}

/* In a process of its own: nonsense in the page, written while the kernel reads it. */
static int hostile_role(int argc, char **argv)
{
    struct mnos_thread *thread = thread_start(scribble, NULL, NULL, NULL);
    uint64_t end = clock_ns() + 400 * MNOS_MS, seed = 1, entered = 0;

    (void)argc, (void)argv;
    while (clock_ns() < end) {
        uint64_t random = random_next(&seed);
        struct mnos_ring *r = mnos_ring;
        /* So that some of it is taken. */
        r->sq_tail = r->sq_head + (uint32_t)(random % 17);
        r->cq_head = r->cq_tail;
        r->submission[random % 16].op = random >> 8 & 7;
        r->submission[random % 16].handle = random >> 16 & 15;
        mnos_ring_enter(r, (uint32_t)(random & 1), clock_ns() + 20000);
        entered++;
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    thread_join(thread);
    return entered > 50 ? 33 : 1;
}

/* It ends while its ring has calls in hand. */
static int leaves_role(int argc, char **argv)
{
    static struct mnos_ring_message m[4];

    (void)argc, (void)argv;
    mnos_handle_t lonely = new_endpoint();
    for (unsigned i = 0; i < 4; i++)
        kring_submit(&(struct mnos_submission){
            .op = MNOS_RING_CALL, .user = i, .handle = lonely, .arg = (uint64_t)&m[i], .reply = MNOS_NONE});
    return kring_wait(0, 0) == 0 ? 7 : 1;
}

static void hostile(void)
{
    struct mnos_info_ledger before = ledger_now();

    for (unsigned i = 0; i < 3; i++) {
        struct spawn_child child = test_spawn("hostile", NULL, 0);
        tap_eq((int64_t)test_wait(&child), 33, "a ring page full of nonsense, rewritten all the time, harms nobody");
    }
    struct spawn_child child = test_spawn("leaves", NULL, 0);
    tap_eq((int64_t)test_wait(&child), 7, "a process ends though its ring has calls that wait");
    ledger_same(&before, "and nothing of them is left");
}

static void tests(void)
{
    struct mnos_info_ledger before;

    machine_warm();
    (void)one(&(struct mnos_submission){.op = MNOS_RING_NOP});
    before = ledger_now();
    ep = new_endpoint();
    reply = new_reply();
    operations();
    serving();
    batches();
    refusals();
    batch();
    unfinished();
    full();
    mnos_cap_delete(ep);
    mnos_cap_delete(reply);
    hostile();
    (void)before;
}

int main(int argc, char **argv)
{
    static const struct role roles[] = {{"hostile", hostile_role}, {"leaves", leaves_role}};

    return test_main(argc, argv, roles, 2, tests);
}
