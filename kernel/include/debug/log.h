/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's log: a ring in memory, COM1, and the framebuffer.  Each call is one line (or a few), written in one piece
 * whatever other cores do, with the time in front: "[    0.001234] text".  Any context but NMI; takes RANK_LOG.
 */
#pragma once

#include <stdarg.h>
#include <types.h>

/* The newline is added. */
void klog(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with `start` in front of it. */
void klog_args(const char *start, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Without time in front and newline: TAP lines of self-tests, text that a program wrote. */
void log_raw(const char *text, u64 length);

/* A ring-3 driver owns COM1 now: the kernel does not touch it any more, except to report a panic. */
void log_serial_release(void);

/* debug/: panic writes around the lock and the release. */
void log_seize(void);

/* debug/format.c: a message in pieces, which are valid only during the call that they are given to. */
typedef void format_put_fn(const char *text, u64 length);
void format_write(format_put_fn *put, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* The devices, under the log's lock. */
struct boot_info;
void serial_init(void);
void serial_report(void); /* a line with what the registers read back */
void serial_write(const char *text, u64 length);
void fbcon_start(const struct boot_info *info); /* through the loader's mapping */
void fbcon_remap(const struct boot_info *info); /* through the kernel's own */
void fbcon_write(const char *text, u64 length);
