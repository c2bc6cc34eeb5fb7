/* SPDX-License-Identifier: BSD-2-Clause */
/* The services of tests/systems/turmoil.toml are this one program; the word behind its name says which part it plays. */
#ifndef TURMOIL_H
#define TURMOIL_H

#include <libmnos/authority.h>
#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/names.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <mnos/system.h>
#include <str.h>

#define PATIENCE (10 * MNOS_S)

/* What servers answer. */
#define TURMOIL_WORK       1ull /* word 0: any number; the answer's: turmoil_work of it */
#define TURMOIL_TAKE       2ull /* keeps the capability that came */
#define TURMOIL_GIVE_OWN   3ull /* passes on: a notification that it makes, ... */
#define TURMOIL_GIVE_PORTS 4ull /* ... the ports of its entry, ... */
#define TURMOIL_GIVE_ALPHA 5ull /* ... its capability to alpha */

static inline uint64_t turmoil_work(uint64_t number)
{
    return (number ^ number >> 31) * 0x9e3779b97f4a7c15 + 1;
}

uint64_t turmoil_random(void);
struct init_status turmoil_status(const char *name);
bool turmoil_reaches(const char *name, enum init_state state);

/* The differences between the graph and the manifest, printed.  Tries again until none is left, for at most PATIENCE, where
 * `settle`. */
int64_t turmoil_differences(bool settle);

/* kills.c: servers are killed while they are used. */
void kills_judge(unsigned kills);
/* graph.c */
void behind_back_judge(void);
void cycles_judge(unsigned cycles);

#endif
