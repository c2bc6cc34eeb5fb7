/* SPDX-License-Identifier: BSD-2-Clause */
/* What entry.S does besides entering and leaving: nothing. */
#define ENTRY_HOOK
#define EXIT_HOOK
