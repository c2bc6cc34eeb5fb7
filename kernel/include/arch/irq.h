/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts.  One number space: 0 to IRQ_LINES - 1 are the inputs of the I/O APICs by their global number
 * (of ISA interrupts as the MADT's overrides say), from IRQ_LINES to IRQ_COUNT - 1 are vectors for MSI.  An
 * interrupt `n` has vector VECTOR_IRQ + n.  On delivery a level-triggered line is masked and the interrupt
 * acknowledged at the LAPIC before irq_deliver(n) is called.
 */
#pragma once

#include <types.h>

#define VECTOR_IRQ       32u
#define IRQ_LINES        96u
#define IRQ_COUNT        192u /* MSI: 96 to 191 */
#define VECTOR_PIC       224u /* where the 8259s are put; nothing comes from them */
#define VECTOR_TIMER     240u
#define VECTOR_RESCHED   241u
#define VECTOR_SHOOTDOWN 242u
#define VECTOR_SYNC      243u
#define VECTOR_SPURIOUS  255u

bool irq_line_exists(unsigned irq);            /* an input, or a vector that is allocated */
void irq_line_mask(unsigned irq, bool masked); /* nothing for MSI: the device has a mask of its own */

/* A number for MSI, or -1; its message goes to the first core. */
int irq_vector_alloc(void);
void irq_vector_free(unsigned irq);
u64 irq_msi_address(void);
u32 irq_msi_data(unsigned irq);

struct acpi_madt;
void ioapic_init(const struct acpi_madt *madt);
void pic_disable(void);
