/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a file for somebody else: a program that is being started, with its own working directory. */
#ifndef PX_PATH_H
#define PX_PATH_H

#include "px.h"

/* Where a path begins: a number for calls on the root, and the directory's own capability. */
struct px_place {
    uint64_t start;
    mnos_handle_t own;
};

/* As open(2), but no descriptor is made: whoever called has the capability.  *size (may be NULL) as it was then. */
long px_open_from(const struct px_place *cwd, const char *path, long flags, long mode, struct px_open *out,
                  uint64_t *size);

#endif
