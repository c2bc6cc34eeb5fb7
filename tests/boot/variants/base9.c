/* SPDX-License-Identifier: BSD-2-Clause */
/* A base revision that the loader does not know. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(9);

const struct variant variant = {.revision = 3, .tag = tag, .tag_after = 9, .stack_size = 65536, .answers = true};
