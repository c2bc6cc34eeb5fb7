/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the system clock, in ns since the kernel calibrated it, from the time-stamp counter; and each core's one-shot
 * timer.  Interrupts off.  The vector of the timer calls sched_timer().
 *
 * The counter is taken to run at a constant rate and in step on all cores; the boot log says so where the processor does
 * not promise it.
 */
#pragma once

#include <arch/cpu.h>
#include <mnos/startup.h>

#define CLOCK_SHIFT 32
extern struct mnos_time_page clock_page; /* constant after boot; copied into the time page that programs map */

static inline u64 clock_now(void)
{
    return (u64)(((unsigned __int128)(tsc_read() - clock_page.tsc_base) * clock_page.mult) >> CLOCK_SHIFT);
}

/* The timer of this core fires at the deadline, or at once when that is past, or earlier when it is further away than
 * the counter reaches (the handler looks at the clock and arms again).  Keeps core->timer_deadline. */
void clock_arm(u64 deadline);

/* Boot: how fast are the time-stamp counter and the LAPIC timer?  At most 2 ms.  Prints the source. */
void clock_init(i64 unix_time);
