/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A back end of WASI on a POSIX host (Linux): handles are file descriptors.
 *
 * The confinement is wasi_backend.h's: names of one component, relative to a descriptor, no link followed.  Objects of
 * the host come in only through the descriptors that the embedder opens.
 */
#ifndef POSIX_BACKEND_H
#define POSIX_BACKEND_H

#include <wasi_backend.h>

/* Needs no context and no end; every process may share it. */
const struct wasi_backend *posix_backend(void);
/* The file type of a descriptor; WASI_TYPE_UNKNOWN when it is not open. */
uint8_t posix_type(int fd);
/* Closing a handle closes its descriptor; 0, 1 and 2 stay open, they are the embedder's. */

#endif
