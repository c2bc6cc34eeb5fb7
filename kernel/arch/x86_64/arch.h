/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this folder, and the self-tests, share. */
#pragma once

#include <arch/core.h>

/*
 * Instructions of the kernel that may fault: pairs of the instruction and where to go on instead.  At that place all
 * registers are as they were, and CR2 holds the address of a page fault.  The table is read-only data.
 */
struct extable_entry {
    u64 instruction, resume;
};

/* entry.S */
extern char vector_stubs[], syscall_entry[], smp_entry[];

/* exception.c: called by entry.S */
void vector_user(struct regs *regs);
void vector_kernel(struct regs *regs);
void vector_fatal_or_nmi(struct regs *regs);
void entry_bad_rip(struct regs *regs);
const char *exception_name(u64 vector);
/* A self-test looks first at what comes while the kernel runs; true: handled. */
extern bool (*exception_probe)(struct regs *regs, u64 address);

/* desc.c: GDT, IDT, TSS and the SYSCALL registers of a core; a second time when its stacks are there. */
#define IST_NMI 1u
#define IST_DF  2u
#define IST_MC  3u
void desc_init(struct core *c);
void desc_check(struct core *c);

/* ioapic.c: masks what is level-triggered, and tells the LAPIC */
void irq_begin(unsigned irq);
/* lapic.c */
bool lapic_in_service(unsigned vector);
/* switch.c: the thread's port bitmap changed while its process was loaded; true: it has the new one now */
bool switch_ports_stale(struct core *c, struct thread *t);
/* smp.c */
void smp_enter_other(struct core *c);
/* A self-test: what the other cores do at each ipi_resched() before smp_release(). */
extern void (*smp_waiting_work)(struct core *c);
/* hpet.c, pit.c: a clock of known speed */
struct reference {
    const char *name;
    u64 hz, mask;
    u64 (*read)(void);
};
bool hpet_open(struct reference *ref);
bool pit_open(struct reference *ref);
extern u64 hpet_address; /* physical, from ACPI; 0: none */
