/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test output (TAP) through printf.  A test that shows rows of docs/promises.md ends its name with their ids:
 * tap_ok(x == 1, "a stale handle is refused [M208]").
 */
#ifndef LIBMNOS_TAP_H
#define LIBMNOS_TAP_H

#include <stdbool.h>
#include <stdint.h>

/* Returns its condition. */
__attribute__((format(printf, 2, 3))) bool tap_ok(bool condition, const char *format, ...);
/* Says also what was expected and what came. */
__attribute__((format(printf, 3, 4))) bool tap_eq(int64_t got, int64_t expected, const char *format, ...);
/* A result of the kernel: `expected` is MNOS_OK (any value of 0 or more will do) or the error that must come. */
__attribute__((format(printf, 3, 4))) bool tap_status(int64_t result, int expected, const char *format, ...);
__attribute__((format(printf, 2, 3))) void tap_skip(const char *why, const char *format, ...);
__attribute__((format(printf, 1, 2))) void tap_diag(const char *format, ...);
/* Prints the plan; 0: all passed, 1: not.  Fails too when nothing was tested. */
int tap_done(void);

#endif
