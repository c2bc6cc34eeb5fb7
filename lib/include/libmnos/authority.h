/* SPDX-License-Identifier: BSD-2-Clause */
/* The running system against the manifest in the boot package: <authority.h>, with what a program needs to feed it. */
#ifndef LIBMNOS_AUTHORITY_H
#define LIBMNOS_AUTHORITY_H

#include <authority.h>
#include <mnos/object.h>

/* system: READ; package: the boot package, READ.  The number of differences, each of which was reported; or a negated error:
 * NO_MEMORY, INVALID (no sound manifest), BUSY (processes came and went all the time). */
int64_t authority_check(mnos_handle_t system, mnos_handle_t package, authority_report_fn *report, void *context);

#endif
