/* SPDX-License-Identifier: BSD-2-Clause */
/* What a debug kernel checks (debug/check.c). */
#pragma once

#include <types.h>

#define CONFIG_DEBUG 1

void lock_check_acquire(const void *lock, unsigned rank);
void lock_check_release(const void *lock, unsigned rank);
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define DEBUG_ASSERT(condition) ((condition) ? (void)0 : panic("assertion failed: %s (%s:%d)", #condition, __FILE__, __LINE__))

/* How long interrupts stay off: from an entry into the kernel to the exit from it, and between windows. */
void irqoff_enter(void);      /* they are off from now on */
void irqoff_leave(void);      /* about to be on */

/* Waiting for another core: lets it go first, and answers what it may be waiting for (arch/smp.c). */
void spin_wait(void);
