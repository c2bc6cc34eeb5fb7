/* SPDX-License-Identifier: BSD-2-Clause */
/* New descriptors, for the files that open something. */
#ifndef PX_FD_H
#define PX_FD_H

#include "px.h"

/* The lowest free number for this open file, or -EMFILE: then its capability is given up. */
long px_fd_new(const struct px_open *what, bool cloexec);

#endif
