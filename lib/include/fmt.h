/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output in the manner of ISO C printf (C17, 7.21.6.1), through a callback.
 *
 * Conversions: %d %i %u %x %X %o %p %s %c %%; flags - + space # 0; width and precision, also as *; length modifiers
 * hh h l ll z j t.  Text is the same as glibc's, (null) and (nil) included.  There is no floating point, no %n and no
 * locale; widths and precisions are cut at 65535.  A directive that is not one of these is written as it stands, and
 * takes no argument.
 *
 * Any context; no allocation; the callback runs in the caller's context.
 */
#ifndef MNOS_FMT_H
#define MNOS_FMT_H

#include <stdarg.h>
#include <stddef.h>

/* Takes `length` bytes that are not terminated and valid only during the call. */
typedef void (*fmt_put_fn)(void *context, const char *text, size_t length);

/* Writes all of it and returns the number of bytes.  `args` is consumed. */
__attribute__((format(printf, 3, 0))) size_t fmt_vwrite(fmt_put_fn put, void *context, const char *format,
                                                        va_list args);
__attribute__((format(printf, 3, 4))) size_t fmt_write(fmt_put_fn put, void *context, const char *format, ...);

/* Into a buffer, cut to size - 1 bytes and terminated (size 0: nothing is written).  Returns the length that the whole
 * text has, so that a result of at least `size` says that it was cut. */
__attribute__((format(printf, 3, 0))) size_t fmt_vsnprint(char *buffer, size_t size, const char *format, va_list args);
__attribute__((format(printf, 3, 4))) size_t fmt_snprint(char *buffer, size_t size, const char *format, ...);

#endif
