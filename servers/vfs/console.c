/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's line.  Its driver answers when there is input, or when output is on its way; two threads wait for that, so that
 * the server does not.  Each shares one ring with the server, of which it moves one end.
 */
#include "console.h"

#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/names.h>
#include <libmnos/start.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <mnos/ipc.h>
#include <str.h>

#include "port.h"

#define RING 4096u

struct ring {
    unsigned char bytes[RING];
    uint32_t head, tail; /* ever put in, and taken */
};

static struct ring input, output;
static mnos_handle_t line, bell;

static size_t ring_put(struct ring *r, const unsigned char *bytes, size_t count)
{
    uint32_t head = r->head, room = RING - (head - __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE));

    count = count < room ? count : room;
    for (size_t i = 0; i < count; i++)
        r->bytes[head++ % RING] = bytes[i];
    __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
    return count;
}

static size_t ring_get(struct ring *r, unsigned char *bytes, size_t count)
{
    uint32_t tail = r->tail, have = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) - tail;

    count = count < have ? count : have;
    for (size_t i = 0; i < count; i++)
        bytes[i] = r->bytes[tail++ % RING];
    __atomic_store_n(&r->tail, tail, __ATOMIC_RELEASE);
    return count;
}

size_t port_console_put(const unsigned char *bytes, size_t count)
{
    if (line == MNOS_NONE)
        return count; /* a system without a console: what is written goes nowhere */
    size_t put = ring_put(&output, bytes, count);
    if (put > 0)
        mnos_thread_wake((uint64_t)&output.head, 1, 0, 0, MNOS_WAIT_PRIVATE);
    return put;
}

size_t port_console_get(unsigned char *bytes, size_t count)
{
    size_t got = ring_get(&input, bytes, count);

    if (got > 0)
        mnos_thread_wake((uint64_t)&input.tail, 1, 0, 0, MNOS_WAIT_PRIVATE);
    return got;
}

static void read_line(void *arg)
{
    unsigned char bytes[128];

    (void)arg;
    for (;;) {
        int64_t n = console_read(line, bytes, sizeof bytes);
        if (n <= 0) {
            sleep_ns(100 * MNOS_MS); /* the driver is started again */
            continue;
        }
        for (size_t done = 0; done < (size_t)n;) {
            uint32_t tail = __atomic_load_n(&input.tail, __ATOMIC_ACQUIRE);
            size_t put = ring_put(&input, bytes + done, (size_t)n - done);
            done += put;
            (void)mnos_ipc_notify(bell, CONSOLE_BIT);
            if (put == 0)
                (void)mnos_thread_block(&input.tail, tail, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
        }
    }
}

static void write_line(void *arg)
{
    unsigned char bytes[512];

    (void)arg;
    for (;;) {
        uint32_t head = __atomic_load_n(&output.head, __ATOMIC_ACQUIRE);
        size_t n = ring_get(&output, bytes, sizeof bytes);
        if (n == 0) {
            (void)mnos_thread_block(&output.head, head, MNOS_FOREVER, MNOS_WAIT_PRIVATE);
            continue;
        }
        for (size_t done = 0; done < n;) {
            int64_t wrote = console_write(line, bytes + done, n - done);
            if (wrote <= 0)
                sleep_ns(100 * MNOS_MS);
            else
                done += (size_t)wrote;
        }
        (void)mnos_ipc_notify(bell, CONSOLE_BIT);
    }
}

bool console_start(mnos_handle_t console)
{
    line = console;
    if (line == MNOS_NONE)
        return true;
    int64_t made = mnos_cap_create(MNOS_CREATE_NOTIFICATION, mnos_pool(), 0, 0, 0);
    if (made < 0)
        return false;
    bell = (mnos_handle_t)made;
    return mnos_thread_control(MNOS_SELF, MNOS_THREADCTL_BIND, bell, 0) >= 0 &&
           thread_start(read_line, NULL, NULL, NULL) != NULL && thread_start(write_line, NULL, NULL, NULL) != NULL;
}
