/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Assembly only: a system call whose argument and message registers are in place.  Destroys RAX, RCX, R11 and, for the
 * four message calls, everything but RSP.
 */
#ifndef LIBMNOS_IPC_RAW_H
#define LIBMNOS_IPC_RAW_H

#define MNOS_RAW_SEND  1
#define MNOS_RAW_RECV  2
#define MNOS_RAW_CALL  12
#define MNOS_RAW_REPLY 13

/* clang-format off: assembly */
#define MNOS_RAW(number) mov $(number), %eax; syscall

#endif
