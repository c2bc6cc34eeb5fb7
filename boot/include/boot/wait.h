/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting without interrupts or firmware.  Source: Intel 8254 data sheet. */
#ifndef BOOT_WAIT_H
#define BOOT_WAIT_H

#include <stdint.h>

/* At most 50 ms; returns early where there is no PIT. */
void wait_microseconds(uint32_t microseconds);

#endif
