/* SPDX-License-Identifier: BSD-2-Clause */
/* Its own entry point and a large stack. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(3);
static struct limine_entry_point_request IN_REQUESTS entry = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_ENTRY_POINT),
                                                              .entry = (uint64_t)probe_start_requested};
static struct limine_stack_size_request IN_REQUESTS stack = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_STACK_SIZE),
                                                             .stack_size = 200000};

const struct variant variant = {
    .revision = 3, .tag = tag, .stack_size = 200000, .answers = true, .requested_entry = true};
