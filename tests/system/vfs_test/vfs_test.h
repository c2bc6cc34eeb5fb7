/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VFS_TEST_H
#define VFS_TEST_H

#include <libmnos/clock.h>
#include <libmnos/ipc.h>
#include <libmnos/print.h>
#include <libmnos/start.h>
#include <libmnos/tap.h>
#include <libmnos/thread.h>
#include <mnos/calls.h>
#include <str.h>

#include "client.h"

extern mnos_handle_t vfs;

void file_tests(void);
void pipe_tests(void);
void tty_tests(void);
void console_talk(void);
void hostile_tests(void);
void map_tests(void);
void restart_tests(void);
void numbers(void);

#endif
