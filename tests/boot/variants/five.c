/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing but 5-level paging: refused. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(3);
struct limine_paging_mode_request IN_REQUESTS five = {
    .head = {.id = LIMINE_REQUEST_ID(LIMINE_ID_PAGING_MODE), .revision = 1},
    .mode = LIMINE_PAGING_5_LEVEL,
    .max_mode = LIMINE_PAGING_5_LEVEL,
    .min_mode = LIMINE_PAGING_5_LEVEL};

const struct variant variant = {.revision = 3, .tag = tag};
