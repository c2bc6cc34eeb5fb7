/* SPDX-License-Identifier: BSD-2-Clause */
/* What entry.S calls through the dispatch table: sys_NAME, with as many arguments as the table of system calls says. */
#pragma once

#include <mnos/syscall.h>
#include <types.h>

#define SYS_ARGS_0 void
#define SYS_ARGS_1 u64
#define SYS_ARGS_2 u64, u64
#define SYS_ARGS_3 u64, u64, u64
#define SYS_ARGS_4 u64, u64, u64, u64
#define SYS_ARGS_5 u64, u64, u64, u64, u64
#define SYS_ARGS_6 u64, u64, u64, u64, u64, u64
#define SYSCALL(nr, name, group, argc, text) status_t sys_##name(SYS_ARGS_##argc);
#include <mnos/syscalls.def>
