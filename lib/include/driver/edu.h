/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's teaching device.  EDU_FACTORIAL: word 0 is a number, the answer's word 0 its factorial modulo 2^32. */
#ifndef DRIVER_EDU_H
#define DRIVER_EDU_H

#define EDU_FACTORIAL 0x4501ull

#endif
