/* SPDX-License-Identifier: BSD-2-Clause */
/* The end: again, or with a status for the test bench.  Any context; other cores are not stopped first. */
#pragma once

#include <types.h>

/* Statuses of isa-debug-exit; QEMU ends with 2n + 1. */
#define HALT_SUCCESS 0x10u
#define HALT_FAILED  0x11u
#define HALT_PANIC   0x12u

_Noreturn void arch_reboot(void);        /* keyboard controller, triple fault */
_Noreturn void arch_halt_exit(u32 code); /* port 0xf4; without the device: halts */
