/* SPDX-License-Identifier: BSD-2-Clause */
#include <libmnos/clock.h>
#include <libmnos/console.h>
#include <libmnos/print.h>
#include <libmnos/sync.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <str.h>

#include "init.h"

/*
 * Lines for the console wait in a ring until the writer thread has brought them there: init itself never waits for a
 * driver.  When the ring is full, lines are left out, and counted.
 */
#define RING 8192u

static struct mnos_mutex lock;
static struct mnos_cond filled;
static char ring[RING];
static unsigned head, count; /* head: the oldest byte */
static unsigned left_out;    /* lines, since the last one that fitted */
static uint32_t live;        /* the driver has answered once */
static mnos_handle_t console;

static void ring_put(const char *text, size_t length)
{
    mutex_lock(&lock);
    if (length > RING - count) {
        left_out++;
    } else {
        for (size_t i = 0; i < length; i++)
            ring[(head + count++) % RING] = text[i];
        cond_signal(&filled);
    }
    mutex_unlock(&lock);
}

static void writer(void *arg)
{
    struct console_stats stats;
    char text[256];

    (void)arg;
    if (console_stats(console, &stats) < 0)
        return;
    __atomic_store_n(&live, 1, __ATOMIC_RELEASE);
    mnos_thread_wake((uint64_t)&live, 1, 0, 0, MNOS_WAIT_PRIVATE);
    for (;;) {
        unsigned length = 0;
        mutex_lock(&lock);
        while (count == 0)
            cond_wait(&filled, &lock);
        while (length < sizeof text && length < count) {
            text[length] = ring[(head + length) % RING];
            length++;
        }
        mutex_unlock(&lock);
        (void)console_write(console, text, length);
        mutex_lock(&lock);
        head = (head + length) % RING;
        count -= length;
        unsigned lost = count == 0 ? left_out : 0;
        left_out -= lost;
        mutex_unlock(&lock);
        if (lost > 0) {
            length = (unsigned)fmt_snprint(text, sizeof text, "init: %u lines left out\r\n", lost);
            (void)console_write(console, text, length);
        }
    }
}

void log_line(const char *format, ...)
{
    char text[PRINT_LINE];
    va_list args;

    va_start(args, format);
    size_t length = fmt_vsnprint(text, sizeof text - 2, format, args);
    va_end(args);
    if (length > sizeof text - 3)
        length = sizeof text - 3;
    bool to_console = __atomic_load_n(&live, __ATOMIC_ACQUIRE);
    text[length] = '\n';
    print_kernel_log(NULL, text, length + 1);
    /* A terminal needs both. */
    text[length] = '\r';
    text[length + 1] = '\n';
    if (to_console)
        ring_put(text, length + 2);
}

void log_console_start(mnos_handle_t endpoint)
{
    uint64_t deadline = clock_ns() + MNOS_S;
    enum mnos_error error;

    console = endpoint;
    if (!thread_start(writer, NULL, NULL, &error)) {
        log_line("init: no thread for the console: %s", mnos_error_text(error));
        return;
    }
    while (!__atomic_load_n(&live, __ATOMIC_ACQUIRE) && clock_ns() < deadline)
        mnos_thread_block(&live, 0, deadline, MNOS_WAIT_PRIVATE);
    if (!__atomic_load_n(&live, __ATOMIC_ACQUIRE))
        log_line("init: the serial driver does not answer");
}

void log_drain(void)
{
    uint64_t deadline = clock_ns() + MNOS_S / 2;
    unsigned waiting = 1;

    while (waiting > 0 && clock_ns() < deadline) {
        mutex_lock(&lock);
        waiting = count;
        mutex_unlock(&lock);
        if (waiting > 0)
            sleep_ns(5 * MNOS_MS);
    }
    sleep_ns(20 * MNOS_MS);
}
