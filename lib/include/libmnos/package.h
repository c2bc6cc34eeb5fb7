/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot package as init (or a test that takes its place) sees it. */
#ifndef LIBMNOS_PACKAGE_H
#define LIBMNOS_PACKAGE_H

#include <ustar.h>

/* The archive, mapped by the kernel at MNOS_INIT_PACKAGE.  NULL: this process has none. */
const void *package_bytes(size_t *size);
enum ustar_error package_find(const char *path, struct ustar_member *member);

#endif
