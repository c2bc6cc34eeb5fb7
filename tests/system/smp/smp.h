/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SMP_TEST_H
#define SMP_TEST_H

#include <libmnos/sync.h>
#include <libmnos/thread.h>

#include "../common/machine.h"
#include "../common/test.h"
#include "../common/tiny.h"

void take_away_tests(void); /* revocation and unmapping while other cores use what goes */
void traffic_tests(void);   /* messages and words between cores */

#endif
