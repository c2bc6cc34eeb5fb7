/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name directory, which init keeps: the interface Directory (idl/directory.capnp), spoken to the capability "init".
 *
 * Each function returns 0 or a negated error: of the kernel's table, of what every interface has (idl/idl.h), or an enum
 * names_error.
 */
#ifndef LIBMNOS_NAMES_H
#define LIBMNOS_NAMES_H

#include <idl/directory.h>

const char *names_status_text(int64_t status);

int64_t names_register(mnos_handle_t directory, const char *name, mnos_handle_t endpoint);
/* *endpoint: MNOS_NONE when there is none. */
int64_t names_lookup(mnos_handle_t directory, const char *name, mnos_handle_t *endpoint);
/* OTHER_INTERFACE unless the endpoint has this one. */
int64_t names_lookup_as(mnos_handle_t directory, const char *name, uint64_t interface, mnos_handle_t *endpoint);
/* For a service whose manifest entry says that it tells so itself. */
int64_t names_ready(mnos_handle_t directory);

#endif
