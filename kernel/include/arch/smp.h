/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several cores: interrupts between them, forgetting translations, waiting until each has left the kernel.
 * Interrupts off in all of these; spin_wait() is declared in config.h.
 */
#pragma once

#include <arch/core.h>

struct boot_info;

void ipi_resched(struct core *c); /* c runs sched_ipi() soon; c may be this core */

/* Quiescence: smp_quiesce_done(ticket) once every other core has been outside the kernel (user mode, idle, or a
 * preemption point) since the ticket was drawn.  Asks busy cores by an interrupt, does not wait. */
u64 smp_quiesce_start(void);
bool smp_quiesce_done(u64 ticket);

/* Boot.  smp_first_init turns the loader's processor into core 0, with tables so that faults are reported; smp_prepare makes
 * all cores' records and stacks (phase 3, before the root pool is made); stack_run goes on on core 0's own stack;
 * smp_start starts the others and returns when all wait for smp_release(). */
void smp_first_init(void);
void smp_prepare(const struct boot_info *info);
_Noreturn void stack_run(u64 top, void (*function)(void)); /* entry.S: goes on there, on that stack */
void smp_start(const struct boot_info *info);
void smp_release(void); /* the others call sched_start() */

void smp_stop_others(void); /* panic: they halt, wherever they are; by NMI */

/* arch/: interrupt handlers. */
void smp_on_shootdown(void);
void smp_on_sync(void);
bool smp_on_nmi(void); /* true: it was a request to stop */
