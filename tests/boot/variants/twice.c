/* SPDX-License-Identifier: BSD-2-Clause */
/* The same request twice: refused. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(3);
REQUEST(again, LIMINE_ID_HHDM);

const struct variant variant = {.revision = 3, .tag = tag};
