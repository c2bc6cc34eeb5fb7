/* SPDX-License-Identifier: BSD-2-Clause */
/* What a test asks the System view about the machine it runs on, and system calls with arbitrary arguments. */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include <mnos/system.h>
#include <stdbool.h>

unsigned machine_cores(void);
bool machine_debug(void);
/* Does the package hold option/WORD?  "full": the long tier; "exact": the machine counts time in instructions. */
bool machine_option(const char *word);
uint64_t machine_frames_free(void);
/* Touches what this program would otherwise touch for the first time while frames are counted: its data and its stack. */
void machine_warm(void);

struct mnos_info_core core_info(unsigned core);
/* The core that this very code runs on, as the processor itself tells. */
unsigned core_here(void);
/* False: there is no such process (any more). */
bool process_info(uint64_t pid, struct mnos_info_process *out);

/* A deterministic random number (xorshift64*). */
uint64_t random_next(uint64_t *state);

/* Any system call; the message words are 0. */
int64_t raw_call(uint64_t number, const uint64_t arg[6]);

#endif
