/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that mean harm, and a server that is killed under those who do not. */
#include <libmnos/initctl.h>
#include <libmnos/names.h>

#include "vfs_test.h"

#define BAD_ADDRESS ((void *)0x10000)

static uint64_t seed = 12345;

static uint64_t any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

/* Calls of every label with words and buffers of all kinds: each gets an answer. */
static void nonsense(void)
{
    static char buffer[8192];
    struct file on[5];
    struct file pipe[2];
    unsigned answered = 0, refused = 0;

    f_open(vfs, "/junk", VFS_O_CREATE | VFS_O_RDWR, 0600, &on[0]);
    f_path(vfs, VFS_MKDIR, "/junkdir", 0, 0700);
    f_open(vfs, "/junkdir", VFS_O_DIRECTORY, 0, &on[1]);
    f_open(vfs, "/dev/zero", VFS_O_RDWR, 0, &on[2]);
    f_pipe(vfs, VFS_O_NONBLOCK, pipe);
    on[3] = pipe[0];
    on[4] = pipe[1];
    for (unsigned i = 0; i < 20000; i++) {
        static const uint64_t edge[] = {0, 1, VFS_HERE, 1ull << 63, 1ull << 46, (1ull << 46) - 1, 4096, 56};
        struct ask a = {.on = on[any() % 5].cap,
                        .label = 0x5600 + any() % 0x50,
                        .send = buffer,
                        .recv = buffer,
                        .send_cap = MNOS_NONE,
                        .recv_caps = (unsigned)(any() % 3),
                        .deadline = clock_ns() + MNOS_MS};
        if (a.label == VFS_SETATTR || a.label == VFS_FSETATTR)
            a.word[1] = any() % 2 ? VFS_SET_SIZE : any();
        for (unsigned w = 0; w < 8; w++)
            a.word[w] = any() % 3 == 0 ? any() % 16 : any() % 2 ? edge[any() % 8] : any();
        a.send_len = any() % 3 ? any() % 300 : any() % sizeof buffer;
        a.recv_len = any() % 3 ? a.send_len : any() % sizeof buffer;
        if (any() % 3)
            a.word[7] = a.send_len;
        for (uint64_t k = 0; k < a.send_len && k < 40; k++)
            buffer[k] = "ab./\0c"[any() % 6];
        if (any() % 8 == 0)
            a.send = BAD_ADDRESS;
        if (any() % 8 == 0)
            a.recv = BAD_ADDRESS;
        int64_t status = ask(&a);
        answered++;
        refused += status < 0;
        for (unsigned c = 0; c < 2; c++)
            if (a.cap[c] != MNOS_NONE)
                mnos_cap_delete(a.cap[c]);
    }
    tap_ok(answered == 20000 && refused > 5000, "20000 calls without sense are answered");
    tap_diag("%u refused", refused);
    for (unsigned i = 0; i < 5; i++)
        f_close(&on[i]);
    tap_eq(f_path(vfs, VFS_UNLINK, "/junk", 0, 0), 0, "and what they filled is free again");
}

static void lies(void)
{
    static char path[10000];
    struct file f, g;
    char back[16];

    memset(path, 'x', sizeof path);
    struct ask a = {.on = vfs,
                    .label = VFS_STAT,
                    .word = {0, 0, 0, 0, 0, 0, 0, 100},
                    .send = path,
                    .send_len = 10,
                    .send_cap = MNOS_NONE};
    tap_eq(ask(&a), -VFS_E_INVALID, "a path that is said to be longer than its buffer");
    a.word[7] = 9000;
    a.send_len = 9000;
    tap_eq(ask(&a), -VFS_E_NAME_TOO_LONG, "one that is longer than any");
    a.word[7] = 5000;
    tap_eq(ask(&a), -VFS_E_NAME_TOO_LONG, "or than a path may be");
    a.word[7] = 256;
    tap_eq(ask(&a), -VFS_E_NAME_TOO_LONG, "or than a name may be");
    a.send = BAD_ADDRESS;
    tap_eq(ask(&a), -VFS_E_FAULT, "one that is nowhere");
    f_open(vfs, "/lies", VFS_O_CREATE | VFS_O_RDWR, 0600, &f);
    f_write(f.cap, "0123456789", 10, 0);
    tap_eq(f_read(f.cap, BAD_ADDRESS, 10, VFS_HERE), -VFS_E_FAULT, "a buffer that is nowhere");
    tap_eq(f_read(f.cap, back, 10, VFS_HERE), 10, "has not moved the position");
    tap_eq(f_write(f.cap, BAD_ADDRESS, 10, 0), -VFS_E_FAULT, "nor is it written from there");
    tap_ok(f_read(f.cap, back, 10, 0) == 10 && memcmp(back, "0123456789", 10) == 0, "what was there stays");
    struct ask few = {.on = f.cap, .label = VFS_READ_FEW, .word = {57, VFS_HERE}, .send_cap = MNOS_NONE};
    tap_eq(ask(&few), -VFS_E_INVALID, "more words than a message has");
    /* Capabilities that nobody takes do not stay with the server. */
    struct ask open = {.on = vfs,
                       .label = VFS_OPEN,
                       .word = {0, VFS_O_RDONLY, 0, 0, 0, 0, 0, 5},
                       .send = "/lies",
                       .send_len = 5,
                       .send_cap = MNOS_NONE,
                       .recv_caps = 0};
    unsigned failed = 0;
    for (unsigned i = 0; i < 10000; i++)
        failed += ask(&open) != 0;
    tap_ok(failed == 0 && f_open(vfs, "/lies", VFS_O_RDONLY, 0, &g) == 0,
           "ten thousand opens whose capability is not taken leave nothing");
    f_close(&g);
    f_close(&f);
    f_path(vfs, VFS_UNLINK, "/lies", 0, 0);
}

void hostile_tests(void)
{
    nonsense();
    lies();
}

#define CLIENTS 20u

static struct file blocked[2];
static uint64_t gone, other, calls;
static uint32_t going;

/* Half of them wait for a pipe, half work, until the server is no more. */
static void victim(void *arg)
{
    char byte;
    struct vfs_attr attr;
    int64_t status = 0;

    __atomic_add_fetch(&going, 1, __ATOMIC_SEQ_CST);
    while (status >= 0) {
        status = (uint64_t)arg % 2 ? f_read_few(blocked[0].cap, &byte, 1, 0) : f_stat(vfs, "/", 0, &attr);
        __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    }
    __atomic_add_fetch(status == -1000 - MNOS_E_PEER_GONE ? &gone : &other, 1, __ATOMIC_SEQ_CST);
}

void restart_tests(void)
{
    struct mnos_thread *thread[CLIENTS];
    struct init_status status;
    mnos_handle_t init = mnos_cap("init"), again = MNOS_NONE;
    struct vfs_attr attr;

    f_pipe(vfs, 0, blocked);
    for (uint64_t i = 0; i < CLIENTS; i++)
        thread[i] = thread_start(victim, (void *)i, NULL, NULL);
    uint64_t limit = clock_ns() + 20 * MNOS_S;
    while ((__atomic_load_n(&going, __ATOMIC_SEQ_CST) < CLIENTS || __atomic_load_n(&calls, __ATOMIC_RELAXED) < 1000) &&
           clock_ns() < limit)
        sleep_ns(MNOS_MS);
    tap_diag("%u clients, %lu calls", going, calls);
    tap_ok(init_find(init, "vfs", &status) >= 0 && init_kill(init, status.pid) >= 0, "the server is killed");
    for (unsigned i = 0; i < CLIENTS; i++)
        thread_join(thread[i]);
    tap_ok(gone == CLIENTS && other == 0, "twenty clients at work learn it, and none hangs");
    tap_diag("%lu calls, %lu told that the peer is gone, %lu something else", calls, gone, other);
    tap_eq(f_stat(vfs, "/", 0, &attr), -1000 - MNOS_E_PEER_GONE, "its capabilities are dead");
    for (unsigned i = 0; i < 500 && again == MNOS_NONE; i++) {
        sleep_ns(10 * MNOS_MS);
        if (names_lookup(init, "vfs", &again) != 0)
            again = MNOS_NONE;
    }
    tap_ok(again != MNOS_NONE && f_stat(again, "/boot/etc/lines", 0, &attr) == 0, "init has started it again");
    vfs = again;
}
