/* SPDX-License-Identifier: BSD-2-Clause */
/* The device manager and its drivers, under a test that takes init's place. */
#ifndef DEV_H
#define DEV_H

#include <driver/block.h>
#include <driver/devmgr.h>

#include "../common/devices.h"
#include "../common/machine.h"
#include "../common/test.h"

extern mnos_handle_t devmgr; /* badge DEVMGR_BADGE_CONTROL */

void block_tests(void);
void image_tests(void);
void net_tests(void);
void small_tests(void);
void edu_tests(void);
void serial_tests(void);
void nosy_tests(void);
void wrong_tests(void);
_Noreturn void talk(void);

#endif
