/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KASSERT: a condition that only a bug in the kernel can break; what a user can bring about is checked and answered
 * with an error instead.  It is evaluated in release kernels too.
 */
#pragma once

/* Never returns.  The kernel's is in debug/; a host test brings its own. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

#define KASSERT(condition)                                                                                             \
    ((condition) ? (void)0 : panic("assertion failed: %s, %s:%d", #condition, __FILE__, __LINE__))
