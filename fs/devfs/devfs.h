/* SPDX-License-Identifier: BSD-2-Clause */
/* devfs: the names of devices, in a tmpfs of its own; entries come and go with what is behind them. */
#ifndef DEVFS_H
#define DEVFS_H

#include <fs/vnode.h>

/* NULL: no memory. */
struct fs *devfs_new(uint16_t number);
/* A character device below the root of `fs`; `name` may have one directory in front, which is made. */
enum vfs_status devfs_add(struct fs *fs, const char *name, uint32_t mode, uint16_t device);
enum vfs_status devfs_remove(struct fs *fs, const char *name);

#endif
