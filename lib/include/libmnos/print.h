/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * printf to a sink, whole lines at a time: a line is kept until its newline (or print_flush), then given to the sink in
 * one piece of at most PRINT_LINE bytes.  Thread-safe; lines of several threads do not mix.
 *
 * The sink is the kernel log (capability "log", or init's boot capability) until the program sets another.
 */
#ifndef LIBMNOS_PRINT_H
#define LIBMNOS_PRINT_H

#include <fmt.h>

#define PRINT_LINE 512

typedef void (*print_sink)(void *context, const char *text, size_t length);

__attribute__((format(printf, 1, 2))) void printf(const char *format, ...);
__attribute__((format(printf, 1, 0))) void vprintf(const char *format, va_list args);
void print_flush(void);
void print_to(print_sink sink, void *context);
/* A sink: context is not used. */
void print_kernel_log(void *context, const char *text, size_t length);

#endif
