/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <arch/kmap.h>
#include <types.h>

/* A line of the log without time in front, cut at 255 bytes. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One TAP line; names end with the promises that they show. */
void selftest_ok(bool good, const char *name);

void selftest_memory(void);     /* what may be written and executed */
void selftest_mm(void);         /* frames, objects, address spaces */
void selftest_cpu(void);        /* single instructions, GS base under NMIs */
void selftest_interrupts(void); /* vectors, timer, lines */
void selftest_locks(void);      /* all cores; before smp_release */

extern bool inject_nmi; /* irqoff.c: an NMI at each entry into the kernel and each exit */
