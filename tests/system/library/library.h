/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "../common/test.h"

void message_tests(void); /* IPC, and the protocols over it: names, console, init's control */
void device_tests(void);  /* ports and interrupts */
void local_tests(void);   /* memory, heap, threads, locks, clock, printing */

#endif
