/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef THREADS_H
#define THREADS_H

#include "../common/machine.h"
#include "../common/test.h"

void control_tests(void);

#endif
