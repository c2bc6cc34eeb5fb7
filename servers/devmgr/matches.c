/* SPDX-License-Identifier: BSD-2-Clause */
/* The table: the drivers themselves say what they drive, in a comment (tools/mkmatches). */
#include "match.h"

const struct match matches[] = {
#include <driver_matches.h>
    {.kind = DEVICE_KIND_PLATFORM, .platform = "serial"}, /* init starts its driver, for the first lines */
};

const unsigned match_count = sizeof matches / sizeof matches[0];
