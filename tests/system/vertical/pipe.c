/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pipe-like server and readers that are interrupted: by upcalls, by deadlines.  The server answers a cancelled read with what it
 * has, or with 0 bytes; every byte arrives once, in order.
 */
#include "vertical.h"

#define PIPE_READ  1u
#define PIPE_WRITE 2u
#define PIPE_END   3u
#define PIPE_SIZE  512u
#define PIPE_BYTES 40000u

static mnos_handle_t pipe;
static unsigned char ring[PIPE_SIZE];
static uint64_t head, tail; /* bytes ever written and read */
static uint64_t cancels;

/* A reader that waits for bytes: its Reply is kept. */
static mnos_handle_t reader = MNOS_NONE;
static uint64_t reader_room;

/* Bytes are taken out of the ring only when the answer has succeeded. */
static void answer_reader(mnos_handle_t reply, uint64_t room)
{
    unsigned char bytes[PIPE_SIZE];
    uint64_t n = head - tail < room ? head - tail : room;
    struct mnos_msg msg = {.label = 0, .word = {n}};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    for (uint64_t i = 0; i < n; i++)
        bytes[i] = ring[(tail + i) % PIPE_SIZE];
    ext.send_buf = (uint64_t)bytes;
    ext.send_len = n;
    if (mnos_ipc_reply(MNOS_NONE, &msg, &ext, reply) == 0)
        tail += n;
    reader = MNOS_NONE;
}

static void pipe_server(void *arg)
{
    mnos_handle_t spare[2] = {new_reply(), new_reply()};
    bool end = false;

    (void)arg;
    while (!end) {
        unsigned char bytes[64];
        struct mnos_msg msg = {0};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        mnos_handle_t reply = reader == spare[0] ? spare[1] : spare[0];
        ext.recv_buf = (uint64_t)bytes;
        ext.recv_len = sizeof bytes;
        if (mnos_ipc_recv(pipe, &msg, &ext, reply) < 0)
            break;
        if (MNOS_INFO_KIND(msg.info) == MNOS_KIND_CANCEL) {
            cancels++;
            /* It may have been answered just before. */
            if (msg.word[0] == reader)
                answer_reader(reader, reader_room);
        } else if (msg.label == PIPE_READ) {
            if (head != tail) {
                answer_reader(reply, msg.word[0]);
            } else {
                reader = reply;
                reader_room = msg.word[0];
            }
        } else if (msg.label == PIPE_WRITE) {
            uint64_t n = MNOS_INFO_BYTES(msg.info), room = PIPE_SIZE - (head - tail);
            n = n < room ? n : room;
            for (uint64_t i = 0; i < n; i++)
                ring[(head + i) % PIPE_SIZE] = bytes[i];
            head += n;
            mnos_fast_reply(MNOS_NONE, reply, 0, n, 0, 0, 0);
            if (reader != MNOS_NONE && head != tail)
                answer_reader(reader, reader_room);
        } else {
            end = true;
            mnos_fast_reply(MNOS_NONE, reply, 0, 0, 0, 0, 0);
        }
    }
    mnos_cap_delete(spare[0]);
    mnos_cap_delete(spare[1]);
}

static uint64_t pattern(uint64_t i)
{
    return (i * 7 + i / 251) & 255;
}

static uint64_t read_wrong, read_total, read_interrupted, read_empty;

static void pipe_reader(void *arg)
{
    uint64_t seed = 31;

    (void)arg;
    while (read_total < PIPE_BYTES) {
        unsigned char bytes[100];
        struct mnos_msg msg = {.label = PIPE_READ, .word = {sizeof bytes}};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        ext.recv_buf = (uint64_t)bytes;
        ext.recv_len = sizeof bytes;
        if (random_next(&seed) % 3 == 0)
            ext.deadline = clock_ns() + random_next(&seed) % 100000;
        int64_t status = mnos_ipc_call(pipe, &msg, &ext);
        if (status < 0) {
            /* Withdrawn before it was received: nothing was taken. */
            read_interrupted++;
            read_wrong += status != -MNOS_E_INTERRUPTED && status != -MNOS_E_TIMED_OUT;
            continue;
        }
        uint64_t n = MNOS_INFO_BYTES(msg.info);
        read_wrong += n != msg.word[0];
        read_empty += n == 0;
        for (uint64_t i = 0; i < n; i++)
            read_wrong += bytes[i] != pattern(read_total + i);
        read_total += n;
    }
}

static void pipe_writer(void *arg)
{
    uint64_t seed = 77, written = 0;

    (void)arg;
    while (written < PIPE_BYTES) {
        unsigned char bytes[64];
        struct mnos_msg msg = {.label = PIPE_WRITE};
        struct mnos_ipc_ext ext = MNOS_EXT_INIT;
        uint64_t n = 1 + random_next(&seed) % sizeof bytes;
        if (n > PIPE_BYTES - written)
            n = PIPE_BYTES - written;
        for (uint64_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)pattern(written + i);
        ext.send_buf = (uint64_t)bytes;
        ext.send_len = n;
        if (mnos_ipc_call(pipe, &msg, &ext) == 0)
            written += msg.word[0];
        if (random_next(&seed) % 4 == 0)
            sleep_ns(random_next(&seed) % 60000);
    }
}

void pipe_tests(void)
{
    struct mnos_info_ledger before = ledger_now();
    uint64_t seed = 3, upcalls = 0;

    pipe = new_endpoint();
    struct mnos_thread *server = thread_start(pipe_server, NULL, NULL, NULL);
    struct mnos_thread *out = thread_start(pipe_reader, NULL, NULL, NULL);
    struct mnos_thread *in = thread_start(pipe_writer, NULL, NULL, NULL);
    uint64_t limit = clock_ns() + 60 * MNOS_S;
    while (__atomic_load_n(&read_total, __ATOMIC_RELAXED) < PIPE_BYTES && clock_ns() < limit) {
        sleep_ns(random_next(&seed) % 100000);
        mnos_thread_control(thread_handle(out), MNOS_THREADCTL_UPCALL, 1, 0);
        upcalls++;
    }
    thread_join(out);
    thread_join(in);
    mnos_fast_call(pipe, PIPE_END, 0, 0, 0, 0);
    thread_join(server);
    mnos_cap_delete(pipe);
    tap_ok(read_total == PIPE_BYTES && read_wrong == 0,
           "reads that are interrupted all the time lose no byte and get none twice");
    tap_ok(cancels > 0 && (read_interrupted > 0 || machine_cores() == 1),
           "some were withdrawn, some had to be answered");
    tap_diag("%lu bytes, %lu upcalls, %lu withdrawn, %lu cancelled, %lu answered empty", read_total, upcalls,
             read_interrupted, cancels, read_empty);
    ledger_same(&before, "and the pipe leaves nothing behind");
}
