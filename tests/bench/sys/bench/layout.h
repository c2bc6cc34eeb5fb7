/* SPDX-License-Identifier: BSD-2-Clause */
/* What C and assembly share: the page that all processes of the bench see, and struct path. */
#ifndef BENCH_LAYOUT_H
#define BENCH_LAYOUT_H

#define SHARED       0x20000000
#define SHARED_START (SHARED + 0)  /* u32: counter at the start of the path */
#define SHARED_TAKEN (SHARED + 4)  /* u32: what it took, where the path ends in another process */
#define SHARED_BITS  (SHARED + 8)  /* u64: notification bits that came there */
#define SHARED_COUNT (SHARED + 16) /* u64: how often */

/* struct path */
#define P_TARGET 0
#define P_LABEL  8
#define P_EXT    16
#define P_REPLY  24
#define P_WORD   32
#define P_OUT    96

#define SERVER_XMM0 0x5e17e5

#endif
