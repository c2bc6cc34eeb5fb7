/* SPDX-License-Identifier: BSD-2-Clause */
/* What a release kernel does at the places where a debug kernel checks: nothing. */
#pragma once

#include <types.h>

#define CONFIG_DEBUG 0

#define lock_check_acquire(lock, rank) ((void)(lock), (void)(rank))
#define lock_check_release(lock, rank) ((void)(lock), (void)(rank))
#define DEBUG_ASSERT(condition) ((void)sizeof(condition))

/* Release kernels do not measure how long interrupts stay off. */
#define irqoff_enter() ((void)0)
#define irqoff_leave() ((void)0)

/* Waiting for another core: lets it go first, and answers what it may be waiting for (arch/smp.c). */
void spin_wait(void);
