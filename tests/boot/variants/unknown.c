/* SPDX-License-Identifier: BSD-2-Clause */
/* A request that no loader knows stays unanswered. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(3);
#define UNKNOWN 0x1111111111111111u, 0x2222222222222222u
REQUEST(unknown, UNKNOWN);

const struct variant variant = {.revision = 3, .tag = tag, .stack_size = 65536, .unanswered = &unknown.response};
