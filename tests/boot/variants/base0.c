/* SPDX-License-Identifier: BSD-2-Clause */
/* No tag at all means base revision 0. */
#include "requests.h"

const struct variant variant = {.revision = 0, .stack_size = 65536, .answers = true};
