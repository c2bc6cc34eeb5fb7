/* SPDX-License-Identifier: BSD-2-Clause */
/* Base revision 0 with a section .limine_reqs: only the requests listed there count. */
#include "requests.h"

REQUEST(unlisted, LIMINE_ID_RSDP);
static void *__attribute__((used, section(".limine_reqs"))) list[] = {&hhdm_request, &memmap_request, 0};

const struct variant variant = {.revision = 0, .stack_size = 65536, .unanswered = &unlisted.response};
