/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/clock.h>
#include <debug/log.h>

#define RING_SIZE 16384u /* a power of two */

static struct spinlock lock = SPINLOCK(RANK_LOG); /* all below, and the devices */
static char ring[RING_SIZE];                      /* for a debugger, and for whoever looks after a panic */
static u64 ring_end;                              /* bytes ever written */
static bool serial_released;

static void put(const char *text, u64 length)
{
    for (u64 i = 0; i < length; i++)
        ring[(ring_end + i) % RING_SIZE] = text[i];
    ring_end += length;
    if (!serial_released)
        serial_write(text, length);
    fbcon_write(text, length);
}

static __attribute__((format(printf, 1, 2))) void put_part(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    format_write(put, format, args);
    va_end(args);
}

void klog_args(const char *start, const char *format, va_list args)
{
    u64 us = clock_now() / 1000;

    spin_lock(&lock);
    put_part("[%5lu.%06lu] %s", us / 1000000, us % 1000000, start);
    format_write(put, format, args);
    put("\n", 1);
    spin_unlock(&lock);
}

void klog(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    klog_args("", format, args);
    va_end(args);
}

void log_raw(const char *text, u64 length)
{
    spin_lock(&lock);
    put(text, length);
    spin_unlock(&lock);
}

void log_serial_release(void)
{
    spin_lock(&lock);
    serial_released = true;
    spin_unlock(&lock);
}

void log_seize(void)
{
    spin_init(&lock, RANK_LOG);
    serial_released = false;
    serial_init();
}
