/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors that are no files: POSIX_FD_NULL, _LOG and _CONSOLE.  Bytes, or a negated errno. */
#ifndef PX_CONSOLE_H
#define PX_CONSOLE_H

#include "px.h"

long px_console_write(const struct px_open *open, const void *bytes, size_t length);
long px_console_read(const struct px_open *open, void *bytes, size_t length);

#endif
