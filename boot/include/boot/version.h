/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bootloader info response says. */
#ifndef BOOT_VERSION_H
#define BOOT_VERSION_H

#define BOOT_NAME    "mnos-boot"
#define BOOT_VERSION "1.0"

#endif
