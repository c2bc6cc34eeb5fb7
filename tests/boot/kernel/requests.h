/* SPDX-License-Identifier: BSD-2-Clause */
/* How a variant writes down its requests. */
#ifndef PROBE_REQUESTS_H
#define PROBE_REQUESTS_H

#include "probe.h"

#define IN_REQUESTS        __attribute__((used, section(".requests"), aligned(8)))
#define REQUEST(name, ...) struct limine_request IN_REQUESTS name = {.id = LIMINE_REQUEST_ID(__VA_ARGS__)}

#endif
