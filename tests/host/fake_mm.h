/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine for tests of mm/: RAM in the host's memory, cores, a TLB that remembers until it is told to forget, and a reaper
 * that runs when asked.  Lock ranks are checked; at the end of a test none may be held.
 */
#ifndef FAKE_MM_H
#define FAKE_MM_H

#include "host_test.h"

#include <arch/core.h>
#include <mm/aspace.h>
#include <mm/frame.h>
#include <mm/memory.h>
#include <mm/phys.h>
#include <mm/pool.h>

#define FAKE_CORES 3u

/* RAM of so many MiB (with holes in it), frames, root pool.  Everything that was is gone. */
void fake_machine(u64 mib);
void fake_core(u32 index);                 /* the code runs on this core from now on */
void fake_reap(void);                      /* all objects without references are gone */
bool fake_usable(u64 frame);               /* by the memory map */
u64 fake_objects(void);                    /* alive */

/* Does this end in a panic? */
bool fake_panics(void (*what)(void *), void *argument);

/* One access as a program makes it: TLB, page tables, fault, again.  NULL: *why. */
u8 *fake_access(struct aspace *as, u64 address, enum fault_access access, enum fault_result *why, struct fault_info *info);
void fake_tlb_flush(void);
extern u64 fake_shootdowns;

/* aspace_map and aspace_unmap as sys/ calls them. */
status_t fake_map(struct aspace *as, struct memory *m, u64 start, u64 length, u64 offset, u32 flags, struct cap_node *via);
status_t fake_unmap(struct aspace *as, u64 start, u64 length);
void fake_aspace_end(struct aspace *as);   /* flushes, reaps */

#endif
