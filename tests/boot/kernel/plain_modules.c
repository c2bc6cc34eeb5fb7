/* SPDX-License-Identifier: BSD-2-Clause */
#include "requests.h"

struct limine_module_request IN_REQUESTS module_request = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_MODULE)};
