/* SPDX-License-Identifier: BSD-2-Clause */
/* The device manager, for a test that takes init's place and has it and its drivers in its package. */
#ifndef TEST_DEVICES_H
#define TEST_DEVICES_H

#include <driver/devmgr.h>
#include <stdbool.h>

/* Starts sbin/devmgr with what init would give it; a capability that may do everything there. */
mnos_handle_t devices_start(void);
/* A capability without a badge: one that may list. */
mnos_handle_t devices_look(void);
/* devmgr_open, with the capability as the result, or a negated error. */
int64_t devmgr_service(mnos_handle_t devmgr, uint64_t index);
/* Waits (a second) until the device is in this state; its record. */
bool device_reaches(mnos_handle_t devmgr, uint64_t index, enum device_state state, struct device_record *out);

#endif
