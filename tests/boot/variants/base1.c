/* SPDX-License-Identifier: BSD-2-Clause */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(1);

const struct variant variant = {.revision = 1, .tag = tag, .stack_size = 65536, .answers = true};
