/* SPDX-License-Identifier: BSD-2-Clause */
/* System-call numbers, from the table. */
#pragma once

enum mnos_syscall {
#define SYSCALL(nr, name, group, argc, text) MNOS_SYS_##name = (nr),
#include <mnos/syscalls.def>
    MNOS_SYS_COUNT = 31
};
