/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes and capabilities that go with messages. */
#include <libmnos/thread.h>

#include "ipc_test.h"

#define SIZE (64 * 1024)

static unsigned char out[SIZE + 64], in[SIZE + 64], answer[SIZE + 64];

struct sender {
    struct mnos_msg msg;
    struct mnos_ipc_ext ext;
    int64_t status;
};

static void sender_run(void *arg)
{
    struct sender *s = arg;

    s->status = mnos_ipc_call(ep, &s->msg, &s->ext);
}

static void pattern(unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251 + seed);
}

/* A call with `sent` bytes from offset `at`, `room` for them, and `back` bytes for an answer. */
static void transfer_once(struct tally *tally, size_t sent, size_t room, size_t back, size_t at)
{
    struct sender s = {.ext = MNOS_EXT_INIT};
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    size_t moved = sent < room ? sent : room;

    pattern(out, sizeof out, (unsigned)sent);
    memset(in, 0xee, sizeof in);
    memset(answer, 0xdd, sizeof answer);
    s.ext.send_buf = (uint64_t)(out + at);
    s.ext.send_len = sent;
    s.ext.recv_buf = (uint64_t)answer;
    s.ext.recv_len = back;
    ext.recv_buf = (uint64_t)in;
    ext.recv_len = room;
    struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
    tally_status(tally, mnos_ipc_recv(ep, &msg, &ext, reply), MNOS_OK, "receive", sent);
    tally_check(tally, MNOS_INFO_BYTES(msg.info) == moved, "bytes received", MNOS_INFO_BYTES(msg.info));
    tally_check(tally, (MNOS_INFO_FLAGS(msg.info) & MNOS_INFO_TRUNCATED) == (sent > room ? MNOS_INFO_TRUNCATED : 0),
                "truncated", sent);
    tally_check(tally, memcmp(in, out + at, moved) == 0, "content", sent);
    tally_check(tally, in[moved] == 0xee, "written beyond", moved);

    ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    ext.send_buf = (uint64_t)in;
    ext.send_len = moved;
    tally_status(tally, mnos_ipc_reply(MNOS_NONE, &msg, &ext, reply), MNOS_OK, "answer", sent);
    thread_join(thread);
    size_t returned = moved < back ? moved : back;
    tally_check(tally, s.status == 0 && MNOS_INFO_BYTES(s.msg.info) == returned, "bytes answered",
                MNOS_INFO_BYTES(s.msg.info));
    tally_check(tally, memcmp(answer, in, returned) == 0 && answer[returned] == 0xdd, "answer's content", returned);
}

static void buffers(void)
{
    static const size_t sizes[] = {0, 1, 7, 8, 9, 4095, 4096, 4097, 12288, SIZE};
    struct tally tally = {0};

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t at = 0; at < 3; at++)
            transfer_once(&tally, sizes[i], SIZE, SIZE, at * 9);
    transfer_once(&tally, 5000, 4000, 3000, 1);
    transfer_once(&tally, 5000, 0, 3000, 1);
    tally_done(&tally, "buffers of all sizes and offsets arrive whole, and are cut where there is less room [M004]");
}

/* The server reads and writes the caller's buffers in pieces. */
static void pieces(void)
{
    struct sender s = {.ext = MNOS_EXT_INIT};
    struct mnos_msg msg = {0};
    struct tally tally = {0};

    pattern(out, sizeof out, 3);
    memset(in, 0, sizeof in);
    memset(answer, 0, sizeof answer);
    s.ext.send_buf = (uint64_t)out;
    s.ext.send_len = SIZE;
    s.ext.recv_buf = (uint64_t)answer;
    s.ext.recv_len = SIZE;
    struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
    mnos_ipc_recv(ep, &msg, NULL, reply);
    for (uint64_t at = 0; at < SIZE; at += 5000) {
        uint64_t length = SIZE - at < 5000 ? SIZE - at : 5000;
        int64_t got = mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, at, in + at, length);
        tally_check(&tally, got == (int64_t)length, "from the caller", at);
        got = mnos_ipc_copy(reply, MNOS_COPY_TO_CALLER, at, in + at, length);
        tally_check(&tally, got == (int64_t)length, "to the caller", at);
    }
    tally_status(&tally, mnos_ipc_copy(reply, 2, 0, in, 8), MNOS_E_INVALID, "direction", 2);
    tally_status(&tally, mnos_ipc_copy(reply, 0, SIZE, in, 1), MNOS_E_RANGE, "beyond the buffer", SIZE);
    tally_status(&tally, mnos_ipc_copy(reply, 0, UINT64_MAX, in, 2), MNOS_E_RANGE, "offset wraps", UINT64_MAX);
    for (unsigned i = 0; i < bad_pointer_count; i++)
        tally_status(&tally, mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, 0, (void *)bad_pointers[i], 8), MNOS_E_FAULT,
                     "my address", bad_pointers[i]);
    tally_status(&tally, mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, 0, (void *)0x400000, 8), MNOS_E_FAULT,
                 "my read-only memory", 0x400000);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(thread);
    tally_check(&tally, memcmp(in, out, SIZE) == 0 && memcmp(answer, out, SIZE) == 0, "content", 0);
    tally_status(&tally, mnos_ipc_copy(reply, 0, 0, in, 8), MNOS_E_NOT_FOUND, "no caller", 0);
    tally_done(&tally, "a server copies from and to its caller's buffers in pieces");
}

/* Becomes ready again and again, so that long copies on its core are interrupted. */
static uint32_t disturbed_enough;

static void disturber_run(void *arg)
{
    (void)arg;
    while (__atomic_load_n(&disturbed_enough, __ATOMIC_ACQUIRE) == 0)
        sleep_ns(20 * MNOS_MS / 1000);
}

#define LONG_PAGES 1024u

static void interrupted_copies(void)
{
    const struct mnos_thread_options above = {.priority = 220, .affinity = 1};
    const size_t bytes = LONG_PAGES * MNOS_PAGE_SIZE;
    unsigned char *theirs = alloc_pages(LONG_PAGES, NULL), *mine = alloc_pages(LONG_PAGES, NULL);
    struct sender s = {.ext = MNOS_EXT_INIT};
    struct mnos_msg msg = {0};
    struct tally tally = {0};
    unsigned cut = 0;

    pattern(theirs, bytes, 5);
    s.ext.send_buf = (uint64_t)theirs;
    s.ext.send_len = bytes;
    struct mnos_thread *disturber = thread_start(disturber_run, NULL, &above, NULL);
    struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
    mnos_ipc_recv(ep, &msg, NULL, reply);
    for (unsigned i = 0; i < 10; i++) {
        memset(mine, 0, bytes);
        cut += mnos_ipc_copy(reply, MNOS_COPY_FROM_CALLER, 0, mine, bytes) != (int64_t)bytes;
        memset(mine, 0, bytes);
        int64_t got = mnos_ipc_copy_all(reply, MNOS_COPY_FROM_CALLER, 0, mine, bytes);
        tally_check(&tally, got == (int64_t)bytes && memcmp(mine, theirs, bytes) == 0, "a whole copy", (uint64_t)got);
    }
    __atomic_store_n(&disturbed_enough, 1, __ATOMIC_RELEASE);
    tally_status(&tally, mnos_ipc_copy_all(reply, MNOS_COPY_FROM_CALLER, 1, mine, bytes), MNOS_E_RANGE, "too much", 1);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(thread);
    thread_join(disturber);
    free_pages(theirs, LONG_PAGES);
    free_pages(mine, LONG_PAGES);
    tap_diag("%u of 10 single copies were cut short", cut);
    tally_done(&tally, "mnos_ipc_copy_all copies all, however often it is interrupted [M230]");
}

/* Whoever named a bad buffer gets the error, and is no part of the rendezvous. */
static void bad_buffers(void)
{
    struct tally tally = {0};

    for (unsigned i = 0; i < bad_pointer_count; i++) {
        struct sender s = {.ext = MNOS_EXT_INIT};
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        s.ext.send_buf = bad_pointers[i];
        s.ext.send_len = 100;
        ext.recv_buf = (uint64_t)in;
        ext.recv_len = SIZE;
        ext.deadline = clock_ns() + 30 * MNOS_MS;
        struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
        int64_t status = mnos_ipc_recv(ep, &msg, &ext, reply);
        if (status == 0)
            mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
        thread_join(thread);
        tally_check(&tally, s.status == -MNOS_E_FAULT || s.status == -MNOS_E_RANGE, "sender's buffer", bad_pointers[i]);
        tally_status(&tally, status, MNOS_E_TIMED_OUT, "receiver", bad_pointers[i]);
    }
    tally_done(&tally, "a bad send buffer is its owner's error alone [M024]");
}

static uint64_t checksum(const unsigned char *bytes, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3;
    return sum;
}

/* One message with words, bytes and two capabilities, one moved and one copied. */
static void bytes_and_capabilities(void)
{
    struct sender s = {.msg = {.label = 3}, .ext = MNOS_EXT_INIT};
    struct mnos_msg msg = {0}, bits = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t moved = new_notification(), copied = new_notification();
    struct mnos_cap_info info;

    pattern(out, 5000, 77);
    memset(in, 0, sizeof in);
    s.msg.word[0] = checksum(out, 5000);
    s.ext.send_buf = (uint64_t)out;
    s.ext.send_len = 5000;
    s.ext.send_caps = 2;
    s.ext.send_cap[0] = moved;
    s.ext.send_cap[1] = copied;
    s.ext.move_mask = 1;
    ext.recv_buf = (uint64_t)in;
    ext.recv_len = sizeof in;
    ext.recv_caps = 4;
    struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
    must(mnos_ipc_recv(ep, &msg, &ext, reply), "the message");
    bool bytes = MNOS_INFO_BYTES(msg.info) == 5000 && checksum(in, 5000) == msg.word[0];
    bool caps = MNOS_INFO_CAPS(msg.info) == 2 && mnos_ipc_notify(ext.recv_cap[1], 8) == 0 &&
                mnos_ipc_recv(copied, &bits, NULL, MNOS_NONE) == 0 && bits.bits == 8 &&
                mnos_ipc_notify(ext.recv_cap[0], 4) == 0 &&
                mnos_ipc_recv(ext.recv_cap[0], &bits, NULL, MNOS_NONE) == 0 && bits.bits == 4;
    tap_ok(bytes && caps && mnos_cap_inspect(moved, &info, sizeof info) == -MNOS_E_BADCAP &&
               mnos_cap_inspect(copied, &info, sizeof info) >= 0,
           "one message carries bytes, whose checksum holds, and capabilities, which work; the sender keeps what it "
           "copied "
           "and not what it moved [M004]");
    mnos_cap_delete(ext.recv_cap[0]);
    mnos_cap_delete(ext.recv_cap[1]);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(thread);
    mnos_cap_delete(copied);
}

static void capabilities(void)
{
    struct sender s = {.ext = MNOS_EXT_INIT};
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;
    mnos_handle_t note[4];
    struct mnos_cap_info info;

    for (unsigned i = 0; i < 4; i++)
        s.ext.send_cap[i] = note[i] = new_notification();
    s.ext.send_caps = 4;
    s.ext.move_mask = 0x5;
    ext.recv_caps = 4;
    struct mnos_thread *thread = thread_start(sender_run, &s, NULL, NULL);
    mnos_ipc_recv(ep, &msg, &ext, reply);
    tap_eq(MNOS_INFO_CAPS(msg.info), 4, "four capabilities arrive [M004]");
    mnos_ipc_notify(ext.recv_cap[1], 8);
    struct mnos_msg bits = {0};
    tap_ok(mnos_ipc_recv(note[1], &bits, NULL, MNOS_NONE) == 0 && bits.bits == 8, "they name the same objects");
    tap_ok(mnos_cap_inspect(note[0], &info, sizeof info) == -MNOS_E_BADCAP &&
               mnos_cap_inspect(note[2], &info, sizeof info) == -MNOS_E_BADCAP,
           "those that were moved are gone from the sender");
    tap_ok(mnos_cap_inspect(note[1], &info, sizeof info) >= 0 && mnos_cap_inspect(note[3], &info, sizeof info) >= 0,
           "those that were copied are not");
    for (unsigned i = 0; i < 4; i++)
        mnos_cap_delete(ext.recv_cap[i]);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(thread);

    /* Room for one of two. */
    s = (struct sender){.ext = MNOS_EXT_INIT};
    s.ext.send_cap[0] = note[1];
    s.ext.send_cap[1] = note[3];
    s.ext.send_caps = 2;
    s.ext.move_mask = 0x3;
    ext = (struct mnos_ipc_ext)MNOS_EXT_INIT;
    ext.recv_caps = 1;
    thread = thread_start(sender_run, &s, NULL, NULL);
    mnos_ipc_recv(ep, &msg, &ext, reply);
    tap_ok(MNOS_INFO_CAPS(msg.info) == 1 && (MNOS_INFO_FLAGS(msg.info) & MNOS_INFO_TRUNCATED),
           "a receiver gets no more than it accepts, and is told");
    tap_ok(mnos_cap_inspect(note[1], &info, sizeof info) < 0 && mnos_cap_inspect(note[3], &info, sizeof info) >= 0,
           "what did not fit stays with the sender");
    mnos_cap_delete(ext.recv_cap[0]);
    mnos_ipc_reply(MNOS_NONE, &msg, NULL, reply);
    thread_join(thread);
    mnos_cap_delete(note[3]);
}

void buffer_tests(void)
{
    buffers();
    pieces();
    interrupted_copies();
    bad_buffers();
    bytes_and_capabilities();
    capabilities();
}
