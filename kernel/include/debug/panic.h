/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a kernel that found itself wrong; core/assert.h declares panic(). */
#pragma once

#include <arch/regs.h>
#include <core/assert.h>

/* The same for an exception in the kernel, whose registers these are. */
_Noreturn void panic_regs(const struct regs *regs, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* Name of the function that contains an address, and how far into it; NULL: none. */
const char *symbol_find(u64 address, u64 *offset);
