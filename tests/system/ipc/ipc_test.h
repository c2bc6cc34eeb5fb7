/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IPC_TEST_H
#define IPC_TEST_H

#include "../common/test.h"

extern mnos_handle_t ep, reply;

void reply_tests(void);
void buffer_tests(void);
void contended_reply(void);
void revoked_waits(void);

extern const struct role ipc_roles[];
extern const unsigned ipc_role_count;

#endif
