/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DEATH_TEST_H
#define DEATH_TEST_H

#include <libmnos/thread.h>

#include "../common/machine.h"
#include "../common/test.h"
#include "../common/tiny.h"

void count_tests(void);  /* many processes and threads, and what they leave */
void server_tests(void); /* what callers of a dead server see */
void chaos_tests(void);  /* kills at any moment */

/* Waits at most ten seconds for the process's end. */
bool dies(mnos_handle_t process);

#endif
