/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes, FIFOs, event counters, readiness; calls that wait and are interrupted. */
#include "vfs_test.h"

#define PIECE 65536u
#define TOTAL (100u << 20)

static struct file end[2];
static uint64_t wrote, write_error;

static mnos_handle_t object(enum mnos_create what)
{
    return (mnos_handle_t)mnos_cap_create(what, mnos_pool(), 0, 0, 0);
}

/* The bytes of the stream: eight-byte numbers in order. */
static void fill(uint64_t *words, uint64_t at, size_t bytes)
{
    for (size_t i = 0; i < bytes / 8; i++)
        words[i] = (at / 8 + i) * 0x9e3779b97f4a7c15u;
}

static void writer(void *arg)
{
    static uint64_t words[PIECE / 8];

    (void)arg;
    while (wrote < TOTAL) {
        fill(words, wrote, PIECE);
        int64_t n = f_write(end[1].cap, words, PIECE, VFS_HERE);
        if (n != PIECE) {
            write_error = (uint64_t)-n;
            break;
        }
        wrote += (uint64_t)n;
    }
    f_close(&end[1]);
}

static void stream_tests(void)
{
    static uint64_t got[PIECE / 8], want[PIECE / 8];
    uint64_t total = 0, wrong = 0;
    size_t have = 0;
    int64_t n;

    f_pipe(vfs, 0, end);
    struct mnos_thread *thread = thread_start(writer, NULL, NULL, NULL);
    while ((n = f_read(end[0].cap, (char *)got + have, PIECE - have, VFS_HERE)) > 0) {
        have += (size_t)n;
        size_t whole = have & ~(size_t)7;
        fill(want, total, whole);
        wrong += memcmp(got, want, whole) != 0;
        memmove(got, (char *)got + whole, have - whole);
        have -= whole;
        total += whole;
    }
    thread_join(thread);
    tap_ok(n == 0 && write_error == 0 && total == TOTAL && wrong == 0 && have == 0,
           "100 MiB go through a pipe, and then its end is seen [M325]");
    tap_diag("%lu bytes, %lu pieces wrong, write error %lu", total, wrong, write_error);
    f_close(&end[0]);
}

static void small_tests(void)
{
    char back[64];

    tap_eq(f_pipe(vfs, VFS_O_NONBLOCK, end), 0, "a pipe");
    tap_eq(f_read_few(end[0].cap, back, 10, 0), -VFS_E_AGAIN, "empty, and not waited for");
    tap_eq(f_write_few(end[1].cap, "0123456789", 10, 0), 10, "ten bytes in");
    tap_eq(f_call(end[0].cap, VFS_READABLE, 0, 0), 10, "and told of");
    tap_eq(f_call(end[0].cap, VFS_SEEK, 0, VFS_SEEK_CUR), -VFS_E_NOT_SEEKABLE, "it has no position");
    tap_eq(f_read(end[0].cap, back, 4, VFS_HERE), 4, "four out");
    tap_eq(f_read_few(end[0].cap, back + 4, 40, 0), 6, "and the rest");
    tap_ok(memcmp(back, "0123456789", 10) == 0, "in order");
    tap_eq(f_write_few(end[0].cap, "x", 1, 0), -VFS_E_BAD_MODE, "the reading end is not written");
    int64_t n, total = 0;
    static char page[4096];
    while ((n = f_write(end[1].cap, page, sizeof page, VFS_HERE)) == sizeof page)
        total += n;
    tap_ok(n == -VFS_E_AGAIN && total >= 8192, "it gets full: pieces of PIPE_BUF go whole or not at all");
    f_close(&end[0]);
    tap_eq(f_write_few(end[1].cap, "x", 1, 0), -VFS_E_BROKEN_PIPE, "nobody reads: EPIPE [M325]");
    f_close(&end[1]);
}

static uint32_t opened;

static void fifo_writer(void *arg)
{
    struct file f;

    (void)arg;
    sleep_ns(5 * MNOS_MS);
    __atomic_store_n(&opened, 1, __ATOMIC_SEQ_CST);
    if (f_open(vfs, "/fifo", VFS_O_WRONLY, 0, &f) == 0)
        f_write_few(f.cap, "through", 7, 0);
    f_close(&f);
}

static void fifo_tests(void)
{
    struct file f;
    char back[16];

    tap_eq(f_path(vfs, VFS_MKNOD, "/fifo", 0, VFS_S_FIFO | 0600), 0, "mkfifo");
    tap_eq(f_open(vfs, "/fifo", VFS_O_WRONLY | VFS_O_NONBLOCK, 0, &f), -VFS_E_NO_DEVICE, "nobody reads it: ENXIO");
    struct mnos_thread *thread = thread_start(fifo_writer, NULL, NULL, NULL);
    int64_t status = f_open(vfs, "/fifo", VFS_O_RDONLY, 0, &f);
    tap_ok(status == 0 && __atomic_load_n(&opened, __ATOMIC_SEQ_CST) == 1, "open waits for the other side [M325]");
    tap_eq(f_read(f.cap, back, 16, VFS_HERE), 7, "what it writes comes");
    tap_eq(f_read(f.cap, back, 16, VFS_HERE), 0, "and its end [M325]");
    thread_join(thread);
    f_close(&f);
    struct ask open = {.on = vfs,
                       .label = VFS_OPEN,
                       .word = {0, VFS_O_RDONLY, 0, 0, 0, 0, 0, 5},
                       .send = "/fifo",
                       .send_len = 5,
                       .send_cap = MNOS_NONE,
                       .recv_caps = 1,
                       .deadline = clock_ns() + 5 * MNOS_MS};
    tap_eq(ask(&open), -VFS_E_INTERRUPTED, "an open that waits is cancelled");
    tap_eq(f_path(vfs, VFS_UNLINK, "/fifo", 0, 0), 0, "unlink");
}

static uint64_t slow_total, slow_wrong, slow_interrupted;
#define SLOW 3000u

/* Reads with short deadlines: what is cancelled has taken nothing. */
static void slow_reader(void *arg)
{
    uint64_t seed = 5;

    (void)arg;
    while (slow_total < SLOW) {
        unsigned char bytes[20];
        struct ask a = {.on = end[0].cap,
                        .label = VFS_READ,
                        .word = {sizeof bytes, VFS_HERE},
                        .recv = bytes,
                        .recv_len = sizeof bytes,
                        .send_cap = MNOS_NONE};
        seed = seed * 6364136223846793005u + 1;
        a.deadline = clock_ns() + (seed >> 33) % 60000;
        int64_t status = ask(&a);
        if (status < 0) {
            slow_interrupted++;
            slow_wrong += status != -VFS_E_INTERRUPTED && status != -1000 - MNOS_E_TIMED_OUT;
            continue;
        }
        for (uint64_t i = 0; i < a.out[0]; i++)
            slow_wrong += bytes[i] != (unsigned char)((slow_total + i) * 7);
        slow_total += a.out[0];
    }
}

static void interrupted_tests(void)
{
    uint64_t seed = 99;

    f_pipe(vfs, 0, end);
    struct mnos_thread *thread = thread_start(slow_reader, NULL, NULL, NULL);
    for (uint64_t sent = 0; sent < SLOW;) {
        unsigned char bytes[16];
        seed = seed * 6364136223846793005u + 1;
        uint64_t n = 1 + (seed >> 40) % 16;
        n = n < SLOW - sent ? n : SLOW - sent;
        for (uint64_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)((sent + i) * 7);
        if (f_write(end[1].cap, bytes, n, VFS_HERE) == (int64_t)n)
            sent += n;
        if ((seed >> 50) % 4 == 0)
            sleep_ns((seed >> 35) % 100000);
    }
    thread_join(thread);
    tap_ok(slow_total == SLOW && slow_wrong == 0,
           "reads that are cancelled all the time lose no byte and get none twice");
    tap_ok(slow_interrupted > 0, "and some were");
    f_close(&end[0]);
    f_close(&end[1]);
}

static mnos_handle_t bell_new(mnos_handle_t notification)
{
    struct ask a = {.on = vfs, .label = VFS_BELL, .send_cap = notification, .recv_caps = 1};
    int64_t status;

    for (unsigned i = 0; (status = ask(&a)) == -VFS_E_RETRY && i < 10; i++)
        continue;
    return status == 0 ? a.cap[0] : MNOS_NONE;
}

static int64_t poll(mnos_handle_t on, struct vfs_poll *list, unsigned count, uint64_t bits)
{
    struct ask a = {.on = on,
                    .label = VFS_POLL,
                    .word = {count, bits},
                    .send = list,
                    .send_len = count * sizeof *list,
                    .recv = list,
                    .recv_len = count * sizeof *list,
                    .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    return status < 0 ? status : (int64_t)a.out[0];
}

/* The bits that come within a while. */
static uint64_t wait_bits(mnos_handle_t notification, uint64_t patience)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + patience;
    return mnos_ipc_recv(notification, &msg, &ext, MNOS_NONE) < 0 ? 0 : msg.bits;
}

static void poll_tests(void)
{
    mnos_handle_t notification = object(MNOS_CREATE_NOTIFICATION), bell = bell_new(notification);
    struct file event, file;
    char back[8];

    tap_ok(bell != MNOS_NONE, "a bell");
    f_pipe(vfs, 0, end);
    struct ask make = {
        .on = vfs, .label = VFS_EVENTFD, .word = {0, VFS_O_NONBLOCK}, .send_cap = MNOS_NONE, .recv_caps = 1};
    tap_eq(ask(&make), 0, "an event counter");
    event = (struct file){.cap = make.cap[0], .token = make.out[0]};
    f_open(vfs, "/polled", VFS_O_CREATE | VFS_O_RDWR, 0600, &file);
    struct vfs_poll list[3] = {{end[0].token, VFS_P_IN, 0}, {event.token, VFS_P_IN, 0}, {file.token, 0, 0}};
    tap_eq(poll(bell, list, 3, 8), 0, "nothing is ready");
    tap_eq((int64_t)wait_bits(notification, 2 * MNOS_MS), 0, "and nothing rings");
    f_write_few(end[1].cap, "x", 1, 0);
    tap_eq((int64_t)wait_bits(notification, MNOS_S), 8, "a byte in the pipe rings the bell");
    tap_ok(poll(bell, list, 3, 8) == 1 && list[0].ready == VFS_P_IN && list[1].ready == 0, "which is ready is told");
    f_read_few(end[0].cap, back, 1, 0);
    tap_eq(poll(bell, list, 3, 4), 0, "it is read, and armed again");
    uint64_t two = 2;
    f_write_few(event.cap, &two, 8, 0);
    tap_eq((int64_t)wait_bits(notification, MNOS_S), 4, "an event rings too");
    tap_ok(f_read_few(event.cap, &two, 8, 0) == 8 && two == 2 && f_read_few(event.cap, &two, 8, 0) == -VFS_E_AGAIN,
           "and is taken once");
    poll(bell, list, 3, 2);
    f_close(&end[1]);
    tap_eq((int64_t)wait_bits(notification, MNOS_S), 2, "so does the end of the pipe");
    tap_ok(poll(vfs, list, 1, 0) == 1 && list[0].ready == VFS_P_HUP, "which is HUP");
    list[0].token = end[0].token ^ 1u << 20;
    tap_ok(poll(vfs, list, 1, 0) == 1 && list[0].ready == VFS_P_BAD, "a token that was made up is of nothing");
    list[0] = (struct vfs_poll){event.token, VFS_P_IN, 0};
    poll(bell, list, 1, 1);
    f_close(&event);
    tap_eq((int64_t)wait_bits(notification, MNOS_S), 1, "a description that ends rings");
    poll(bell, list, 0, 1);
    mnos_cap_delete(bell);
    mnos_cap_delete(notification);
    f_close(&end[0]);
    f_close(&file);
    f_path(vfs, VFS_UNLINK, "/polled", 0, 0);
}

static int64_t socket_call(mnos_handle_t on, uint64_t label, uint64_t word0, uint64_t word1, struct file *out)
{
    struct ask a = {.on = on, .label = label, .word = {word0, word1}, .send_cap = MNOS_NONE, .recv_caps = 2};
    int64_t status = ask(&a);

    for (unsigned i = 0; i < (label == VFS_SOCKETPAIR ? 2u : 1u); i++)
        out[i] = (struct file){.cap = a.cap[i], .token = a.out[i]};
    return status;
}

static struct file served;

/* Accepts one connection and says back what comes, until its end. */
static void echo_server(void *arg)
{
    struct file c;
    char bytes[64];
    int64_t n;

    (void)arg;
    if (socket_call(served.cap, VFS_ACCEPT, 0, 0, &c) != 0)
        return;
    while ((n = f_read(c.cap, bytes, sizeof bytes, VFS_HERE)) > 0)
        f_write(c.cap, bytes, (size_t)n, VFS_HERE);
    f_close(&c);
}

static void socket_tests(void)
{
    struct file client;
    char back[64];

    tap_eq(socket_call(vfs, VFS_SOCKETPAIR, VFS_SOCKET_STREAM, 0, end), 0, "a pair of sockets");
    tap_ok(f_write_few(end[0].cap, "there", 5, 0) == 5 && f_write_few(end[1].cap, "back", 4, 0) == 4 &&
               f_read_few(end[1].cap, back, 40, 0) == 5 && f_read_few(end[0].cap, back + 5, 40, 0) == 4 &&
               memcmp(back, "thereback", 9) == 0,
           "carries bytes both ways");
    tap_eq(f_call(end[0].cap, VFS_SHUTDOWN, VFS_SHUT_WRITE, 0), 0, "shutdown of one way");
    tap_ok(f_read_few(end[1].cap, back, 40, 0) == 0 && f_write_few(end[1].cap, "x", 1, 0) == 1 &&
               f_write_few(end[0].cap, "x", 1, 0) == -VFS_E_BROKEN_PIPE,
           "ends that one alone");
    f_close(&end[0]);
    tap_eq(f_write_few(end[1].cap, "x", 1, 0), -VFS_E_BROKEN_PIPE, "with the other end closed nothing is written");
    f_close(&end[1]);

    tap_eq(socket_call(vfs, VFS_SOCKET, VFS_SOCKET_STREAM, 0, &served), 0, "a socket");
    tap_eq(f_path(vfs, VFS_BIND, "/sock", served.token, 0600), 0, "gets a name");
    socket_call(vfs, VFS_SOCKET, VFS_SOCKET_STREAM, 0, &client);
    tap_eq(f_path(vfs, VFS_CONNECT, "/sock", client.token, 0), -VFS_E_REFUSED, "nobody listens");
    tap_eq(f_path(vfs, VFS_BIND, "/sock", client.token, 0), -VFS_E_ADDRESS_IN_USE, "the name is taken");
    tap_eq(f_call(served.cap, VFS_LISTEN, 5, 0), 0, "listen");
    struct mnos_thread *thread = thread_start(echo_server, NULL, NULL, NULL);
    tap_eq(f_path(vfs, VFS_CONNECT, "/sock", client.token, 0), 0, "connect by the path [M326]");
    tap_ok(f_write(client.cap, "hello", 5, VFS_HERE) == 5 && f_read(client.cap, back, 40, VFS_HERE) == 5 &&
               memcmp(back, "hello", 5) == 0,
           "what is sent is answered [M326]");
    f_close(&client);
    thread_join(thread);
    f_close(&served);
    socket_call(vfs, VFS_SOCKET, VFS_SOCKET_STREAM, 0, &client);
    tap_eq(f_path(vfs, VFS_CONNECT, "/sock", client.token, 0), -VFS_E_REFUSED, "a name whose socket is closed refuses");
    f_close(&client);
    f_path(vfs, VFS_UNLINK, "/sock", 0, 0);
    tap_eq(socket_call(vfs, VFS_SOCKET, 2, 0, &client), -VFS_E_NOT_SUPPORTED, "there are no datagrams");
}

void pipe_tests(void)
{
    small_tests();
    stream_tests();
    fifo_tests();
    socket_tests();
    interrupted_tests();
    poll_tests();
}
