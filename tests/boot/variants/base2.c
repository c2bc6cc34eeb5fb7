/* SPDX-License-Identifier: BSD-2-Clause */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(2);

const struct variant variant = {.revision = 2, .tag = tag, .stack_size = 65536, .answers = true};
