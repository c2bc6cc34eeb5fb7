/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the system tests share.  A test program takes init's place in a boot package of its own (sbin/init); children are
 * further processes from the same image, told by their first argument which role to play.
 */
#ifndef TEST_H
#define TEST_H

#include <libmnos/clock.h>
#include <libmnos/errors.h>
#include <libmnos/ipc.h>
#include <libmnos/page.h>
#include <libmnos/print.h>
#include <libmnos/spawn.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <mnos/calls.h>
#include <mnos/memory.h>
#include <mnos/system.h>
#include <mnos/thread.h>
#include <stdbool.h>
#include <str.h>

struct role {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* main of a test program: `tests` as init, or the role that argv[0] names. */
int test_main(int argc, char **argv, const struct role *roles, unsigned count, void (*tests)(void));

/* A child of this image.  "log" and "pool" are given to it beside `caps`.  Ends the test program when it fails. */
struct spawn_child test_spawn(const char *role, const struct spawn_cap *caps, unsigned cap_count);
struct spawn_child test_spawn_with(const char *role, const struct spawn_cap *caps, unsigned cap_count,
                                   mnos_handle_t fault, mnos_handle_t pool);
/* Holds no capability at all. */
struct spawn_child test_spawn_empty(const char *role);
/* Waits for its end (at most a minute), drops it, and returns its exit status. */
uint64_t test_wait(struct spawn_child *child);
/* As above without dropping. */
uint64_t test_status(const struct spawn_child *child);
#define TEST_TIMEOUT UINT64_C(0xdeadbeef)

/* Ends the test program with a failed test when a result that everything else builds on is an error. */
mnos_handle_t must(int64_t result, const char *what);

mnos_handle_t new_endpoint(void);
mnos_handle_t new_reply(void);
mnos_handle_t new_notification(void);
mnos_handle_t new_memory(uint64_t bytes);
mnos_handle_t mint(mnos_handle_t from, uint32_t rights, uint64_t badge);
struct mnos_cap_info inspect(mnos_handle_t cap);

/*
 * What comes by itself is waited for, ten seconds at most: on a busy host a core may stand still for a while.
 * A word changes; a thread gets into a state.
 */
bool advances(const volatile uint64_t *word);
bool becomes(mnos_handle_t thread, uint64_t state);

/* Counts of the whole system, once nothing waits for the reaper. */
struct mnos_info_ledger ledger_now(void);
/* One test: the counts are what they were. */
bool ledger_same(const struct mnos_info_ledger *before, const char *name);

/* For loops of checks that are one test: counts what failed and says the first few. */
struct tally {
    unsigned checks, failed;
};
void tally_check(struct tally *tally, bool passed, const char *what, uint64_t detail);
void tally_status(struct tally *tally, int64_t got, int expected, const char *what, uint64_t detail);
bool tally_done(const struct tally *tally, const char *name);

/* Addresses for bad-pointer tests, with what should come of them where a mapped buffer is needed. */
extern const uint64_t bad_pointers[];
extern const unsigned bad_pointer_count;

#endif
