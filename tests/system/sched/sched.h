/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCHED_TEST_H
#define SCHED_TEST_H

#include <libmnos/thread.h>

#include "../common/machine.h"
#include "../common/test.h"
#include "../common/tiny.h"

/* True: 1 ns of guest time is an instruction, so that times can be judged. */
bool exact(void);

/* Threads that count in a loop until `spin_stop`; below the main thread in priority. */
#define SPINNERS      8
#define SPIN_PRIORITY 50u
struct spinner {
    uint64_t count;
    uint64_t cores_seen; /* bit per core */
    struct mnos_thread *thread;
};
extern struct spinner spinner[SPINNERS];
void spin_start(unsigned index, uint32_t priority, uint64_t affinity);
/* Stops and joins those that were started. */
void spin_stop(void);
uint64_t spin_count(unsigned index);
/* Spinner i gets on, so that what is less important on its core has been off it since. */
bool spinner_advances(unsigned i);

void share_tests(void);   /* quantum, equal shares, priorities, donation, budgets */
void inherit_tests(void); /* priority inheritance of who queues */
void turn_tests(void);    /* of equals, one of which calls who is more important; who waits in the kernel */
void many_copies(mnos_handle_t endpoint); /* as many as the turns' tests make: for who counts what is there */
void state_tests(void);                   /* states, processes, words */
void torture_tests(void);                 /* registers and vector state */
void time_tests(void);                    /* deadlines, idle cores */
void core_tests(void);                    /* several cores: affinity, migration, parallelism */

/* torture.S: see there. */
struct torture {
    uint64_t pattern, rounds, errors, yields;
};
void torture_gprs(struct torture *t);
void torture_spin(struct torture *t);
void torture_vector(struct torture *t);

#endif
