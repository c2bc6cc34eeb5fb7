/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounded proofs: a harness draws everything that is not fixed from proof_choose, runs the production code, and states
 * what must hold with PROVE.  What proof_choose means is decided by the backend that is linked:
 *
 *   backends/enumerate.c  each value in turn: all runs that the bounds of the harness allow, as a TAP test
 *   backends/fuzz.c       bytes of a libFuzzer input
 *   backends/cbmc.c       a nondeterministic value, for the model checker
 *
 * A harness starts from a clean state in each run and draws nothing but by proof_choose.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Any value below `limit`, which is not 0. */
uint32_t proof_choose(uint32_t limit);

/* Ends the run as a failure when the condition does not hold. */
void proof_check(bool condition, const char *text, const char *file, int line);
#define PROVE(condition) proof_check((condition), #condition, __FILE__, __LINE__)

struct proof {
    const char *name; /* What is proved, as a sentence. */
    void (*run)(void);
};

/* The harnesses of one program; the last one has no name. */
extern const struct proof proofs[];

#endif
