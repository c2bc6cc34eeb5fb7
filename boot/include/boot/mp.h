/* SPDX-License-Identifier: BSD-2-Clause */
/* The other processors and the interrupt controllers.  Source: Intel SDM volume 3, chapters 9.4, 11, 12.11. */
#ifndef BOOT_MP_H
#define BOOT_MP_H

#include <boot/topology.h>
#include <boot/handoff.h>
#include <stdbool.h>
#include <stdint.h>

/* Masks the legacy PICs and every fixed or lowest-priority entry of the I/O APICs. */
void mp_mask_interrupts(const struct topology *topology);

/* Whether the local APIC is driven through MMIO, which is the only way that the loader knows. */
bool mp_possible(void);

/* The local APIC id of this processor. */
uint32_t mp_self(void);

/* Sets the protocol's PAT layout on this processor. */
void mp_set_pat(void);

/* Keeps this processor's MTRRs for the others, and sends INIT to all of them. */
void mp_prepare(void);

/*
 * Starts one processor and waits until it is parked.  The handoff record has its stack and its info record.
 * False if it does not answer within 2 s.
 */
bool mp_start(struct handoff *handoff, uint32_t lapic_id);

#endif
