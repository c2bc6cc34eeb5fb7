/* SPDX-License-Identifier: BSD-2-Clause */
#include "devfs.h"

#include <str.h>

#include "../tmpfs/tmpfs.h"

#define DEVFS_BYTES (256u << 10)

struct fs *devfs_new(uint16_t number)
{
    return tmpfs_new(number, DEVFS_BYTES, 0755);
}

/* The directory of `name`, made if it is not there, and what is left of the name. */
static struct vnode *directory_of(struct fs *fs, const char *name, struct name *rest)
{
    const char *slash = strchr(name, '/');
    struct vnode *dir = fs->root;

    *rest = (struct name){name, strlen(name)};
    if (!slash)
        return dir;
    struct name first = {name, (size_t)(slash - name)};
    *rest = (struct name){slash + 1, strlen(slash + 1)};
    dir = fs->ops->lookup(fs->root, first);
    if (!dir && fs->ops->make(fs->root, first, VFS_S_DIRECTORY | 0755, (struct owner){0, 0}, &dir) != VFS_OK)
        return NULL;
    return vnode_is(dir, VFS_S_DIRECTORY) ? dir : NULL;
}

enum vfs_status devfs_add(struct fs *fs, const char *name, uint32_t mode, uint16_t device)
{
    struct name rest;
    struct vnode *dir = directory_of(fs, name, &rest), *node;

    if (!dir)
        return VFS_E_NO_SPACE;
    if (fs->ops->lookup(dir, rest))
        return VFS_E_EXISTS;
    enum vfs_status status = fs->ops->make(dir, rest, VFS_S_CHAR | mode, (struct owner){0, 0}, &node);
    if (status == VFS_OK)
        node->device = device;
    return status;
}

enum vfs_status devfs_remove(struct fs *fs, const char *name)
{
    struct name rest;
    struct vnode *dir = directory_of(fs, name, &rest), *node = dir ? fs->ops->lookup(dir, rest) : NULL;

    return node ? fs->ops->unlink(dir, rest, node) : VFS_E_NOT_FOUND;
}
