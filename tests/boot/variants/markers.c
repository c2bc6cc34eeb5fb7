/* SPDX-License-Identifier: BSD-2-Clause */
/* A request before the start marker does not count. */
#include "requests.h"

static uint64_t __attribute__((used, section(".start_marker"))) start[] = LIMINE_REQUESTS_START_MARKER;
static uint64_t __attribute__((used, section(".end_marker"))) end[] = LIMINE_REQUESTS_END_MARKER;
static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(2);
static struct limine_request __attribute__((used, section(".outside")))
outside = {.id = LIMINE_REQUEST_ID(LIMINE_ID_BOOTLOADER_INFO)};

const struct variant variant = {.revision = 2, .tag = tag, .stack_size = 65536, .unanswered = &outside.response};
