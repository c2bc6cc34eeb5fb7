/* SPDX-License-Identifier: BSD-2-Clause */
/* Internal modules: one that must be there, one that need not. */
#include "requests.h"

static uint64_t IN_REQUESTS tag[] = LIMINE_BASE_REVISION(3);
static struct limine_internal_module first = {(uint64_t) "inner.txt", (uint64_t) "inner string",
                                              LIMINE_INTERNAL_MODULE_REQUIRED};
static struct limine_internal_module second = {(uint64_t) "missing.txt", 0, 0};
static uint64_t list[] = {(uint64_t)&first, (uint64_t)&second};
struct limine_module_request IN_REQUESTS module_request = {
    .head = {.id = LIMINE_REQUEST_ID(LIMINE_ID_MODULE), .revision = 1},
    .internal_module_count = 2,
    .internal_modules = (uint64_t)list};

const struct variant variant = {.revision = 3, .tag = tag, .stack_size = 65536, .answers = true, .internal_modules = 1};
