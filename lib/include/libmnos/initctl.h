/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What init offers beside the names (libmnos/names.h), to holders of its capability "init" from the sources `spawner` and
 * `control`: the interface Init, idl/init.capnp, and what goes with it.
 */
#ifndef LIBMNOS_INITCTL_H
#define LIBMNOS_INITCTL_H

#include <idl/init.h>

/* Bytes of a request to init_run. */
#define INIT_REQUEST_MAX INIT_BYTES

const char *init_state_name(uint64_t state);

/* init_spawn with a request of the service's name and the arguments, each terminated by NUL.  pid, or a negated error. */
int64_t init_run(mnos_handle_t init, const char *request, size_t length);

/* Bits of the notification that a service has from the source `events`. */
#define INIT_EVENT_GONE  0x1ull /* a service that this one depends on, or uses, has ended */
#define INIT_EVENT_READY 0x2ull /* one that had ended is ready again */

#endif
