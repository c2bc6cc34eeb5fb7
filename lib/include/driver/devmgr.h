/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device manager: the interfaces DeviceManager and DeviceHost (idl/devmgr.capnp), and what goes with them.
 *
 * Its endpoint is told apart by badge: drivers have one of their own for each start, and speak DeviceHost through it;
 * whoever has DEVMGR_BADGE_CONTROL may do everything of DeviceManager; any other badge, and none, may list.
 */
#ifndef DRIVER_DEVMGR_H
#define DRIVER_DEVMGR_H

#include <idl/devmgr.h>

#define DEVMGR_NAME "devmgr" /* in the name directory */

#define DEVMGR_BADGE_CONTROL 1ull
#define DEVMGR_ALIVE         (1ull << 61) /* badge that only the device manager has; a driver ends when it is closed */
#define DEVMGR_GONE          (1ull << 63) /* bit of a held Notification: the driver is gone, open it again */

const char *device_state_name(uint32_t state);

/* Index of the device with this name or service, or a negated error: NOT_FOUND. */
int64_t devmgr_find(mnos_handle_t devmgr, const char *name, struct device_record *out);

/* What the driver behind a capability has counted (idl/driver.capnp). */
struct driver_stats;
int64_t device_stats(mnos_handle_t service, struct driver_stats *out);

#endif
