/* SPDX-License-Identifier: BSD-2-Clause */
/* packagefs: the boot package (a USTAR archive in memory) as a file system that cannot be changed.  No content is copied. */
#ifndef PACKAGEFS_H
#define PACKAGEFS_H

#include <fs/vnode.h>
#include <ustar.h>

/* The archive stays where it is.  NULL: *error says what is wrong with it, or USTAR_OK: there is no memory. */
struct fs *packagefs_new(uint16_t number, const void *archive, size_t size, enum ustar_error *error);

#endif
