/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs: a file system in memory. */
#ifndef TMPFS_H
#define TMPFS_H

#include <fs/vnode.h>

/* An empty one; everything in it (pages, names, directories) counts, and is at most `budget` bytes: then NO_SPACE.  NULL: no
 * memory. */
struct fs *tmpfs_new(uint16_t number, uint64_t budget, uint32_t root_mode);
/* Its content from now on: `size` bytes that stay as they are and where they are.  For a file system that is then made
 * read-only. */
void tmpfs_fix(struct vnode *file, const void *bytes, uint64_t size);
/* Bytes in use. */
uint64_t tmpfs_used(const struct fs *fs);

#endif
