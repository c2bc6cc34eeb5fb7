/* SPDX-License-Identifier: BSD-2-Clause */
#include "packagefs.h"

#include <str.h>

#include "../tmpfs/tmpfs.h"

#define NODES_BYTES (16u << 20) /* at most, for names and nodes */

/* The directory that holds the last part of `path`; those on the way are made.  NULL: no memory, or a file is in the way. */
static struct vnode *parent_of(struct fs *fs, const char *path, struct name *last)
{
    struct vnode *dir = fs->root;

    for (const char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        struct name name = {path, (size_t)(slash - path)};
        struct vnode *next = name.length > 0 ? fs->ops->lookup(dir, name) : dir;
        if (!next && fs->ops->make(dir, name, VFS_S_DIRECTORY | 0755, (struct owner){0, 0}, &next) != VFS_OK)
            return NULL;
        if (!vnode_is(next, VFS_S_DIRECTORY))
            return NULL;
        dir = next;
    }
    *last = (struct name){path, strlen(path)};
    return dir;
}

static bool add(struct fs *fs, const struct ustar_member *m)
{
    const struct owner owner = {m->uid, m->gid};
    struct name last;
    struct vnode *dir = parent_of(fs, m->name, &last), *node = dir ? fs->ops->lookup(dir, last) : NULL;
    bool directory = m->type == USTAR_DIRECTORY;

    if (!dir)
        return false;
    /* The first member of a name is the one that counts, as in ustar_find. */
    if (strcmp(m->name, ".") == 0 || (node && !(directory && vnode_is(node, VFS_S_DIRECTORY))))
        return true;
    if (m->type == USTAR_LINK)
        return fs->ops->symlink(dir, last, (struct name){m->link, strlen(m->link)}, owner) == VFS_OK;
    if (!node && fs->ops->make(dir, last, (directory ? VFS_S_DIRECTORY : VFS_S_FILE) | m->mode, owner, &node) != VFS_OK)
        return false;
    node->mode = (node->mode & VFS_S_TYPE) | m->mode;
    node->atime = node->mtime = node->ctime = (int64_t)m->mtime * 1000000000;
    if (!directory)
        tmpfs_fix(node, m->data, m->size);
    return true;
}

struct fs *packagefs_new(uint16_t number, const void *archive, size_t size, enum ustar_error *error)
{
    struct ustar_reader reader = ustar_open(archive, size);
    struct ustar_member member;
    struct fs *fs = tmpfs_new(number, NODES_BYTES, 0755);

    *error = USTAR_OK;
    if (!fs)
        return NULL;
    while ((*error = ustar_next(&reader, &member)) == USTAR_OK) {
        if (!add(fs, &member)) {
            fs->ops->destroy(fs);
            return NULL;
        }
    }
    if (*error != USTAR_END) {
        fs->ops->destroy(fs);
        return NULL;
    }
    *error = USTAR_OK;
    fs->read_only = true;
    return fs;
}
