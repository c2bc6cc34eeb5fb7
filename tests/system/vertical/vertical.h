/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERTICAL_H
#define VERTICAL_H

#include <libmnos/thread.h>

#include "../common/machine.h"
#include "../common/test.h"

int fork_role(int argc, char **argv); /* a process that forks itself while its second thread runs */
void fork_tests(void);
void pipe_tests(void);
int own_pager_role(int argc, char **argv);
void own_pager_tests(void);
int restart_role(int argc, char **argv);
void restart_tests(void);
int poll_role(int argc, char **argv);
void poll_tests(void);

#endif
