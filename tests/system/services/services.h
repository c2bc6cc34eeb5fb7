/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The services of tests/systems/services.toml are this one program; the word behind its name says which part it plays.
 */
#ifndef SERVICES_H
#define SERVICES_H

#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/heap.h>
#include <libmnos/initctl.h>
#include <libmnos/ipc.h>
#include <libmnos/names.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/system.h>
#include <str.h>

/* What a server answers: word 0 the caller's badge, word 1 its own pid, word 2 how many clients have let go. */
#define SERVE_BADGE 1ull
#define SERVE_END   2ull /* it ends, unanswered */

/* The intruder's exit status: what it got for each of its tries, if all are as they must be. */
#define INTRUDED 77

/* judge.c */
void judge(void);
/* holders.c: what a service holds is what the manifest lists. */
void judge_holders(void);
/* policies.c: restart policies, and services that behave badly. */
void judge_policies(void);
void judge_mischief(void);

mnos_handle_t init_cap(void);
struct init_status service(const char *name);
/* Waits (at most five seconds) for this state. */
bool service_reaches(const char *name, enum init_state state, struct init_status *status);
/* The server behind the capability answers. */
bool server_answers(mnos_handle_t endpoint, uint64_t *badge, uint64_t *pid);
/* Asks init to start it, and waits for this state. */
bool service_plays(const char *name, enum init_state state, struct init_status *status);

#endif
