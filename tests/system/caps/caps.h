/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CAPS_H
#define CAPS_H

#include "../common/test.h"

void derivation_tests(void);
void transfer_tests(void);

extern const struct role caps_roles[];
extern const unsigned caps_role_count;

#endif
