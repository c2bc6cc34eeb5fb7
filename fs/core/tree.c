/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done to names and attributes: everything is checked here, then one operation of the file system does it. */
#include <fs/tree.h>
#include <str.h>

#define PERMISSIONS 07777u
#define LINKS_MAX   65000u

/* May something be made at this place? */
static enum vfs_status may_make(const struct place *p, bool directory)
{
    if (p->node)
        return VFS_E_EXISTS;
    if (p->slash && !directory)
        return VFS_E_NOT_FOUND;
    if (p->dir->fs->read_only)
        return VFS_E_READ_ONLY;
    /* A directory that was removed takes nothing new. */
    return p->dir->parent ? VFS_OK : VFS_E_NOT_FOUND;
}

static enum vfs_status make_at(const struct place *p, uint32_t mode, struct owner owner, struct vnode **out)
{
    struct vnode *dir = p->dir;

    if (!dir->fs->ops->make)
        return VFS_E_READ_ONLY;
    if ((mode & VFS_S_TYPE) == VFS_S_DIRECTORY && dir->links >= LINKS_MAX)
        return VFS_E_TOO_MANY_LINKS;
    return dir->fs->ops->make(dir, p->name, mode, owner, out);
}

static enum vfs_status open_found(struct vnode *node, uint64_t flags, const struct place *p)
{
    uint64_t access = flags & VFS_O_ACCESS;
    bool place_only = (flags & VFS_O_PATH) != 0, writes = !place_only && access != VFS_O_RDONLY;

    if (!place_only && (flags & VFS_O_CREATE) != 0 && (flags & VFS_O_EXCLUSIVE) != 0)
        return VFS_E_EXISTS;
    if (vnode_is(node, VFS_S_LINK) && !place_only)
        return VFS_E_LOOP;
    if ((flags & VFS_O_DIRECTORY) != 0 && !vnode_is(node, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    if (vnode_is(node, VFS_S_DIRECTORY)) {
        if (writes || (!place_only && (flags & (VFS_O_CREATE | VFS_O_TRUNCATE)) != 0))
            return VFS_E_IS_DIRECTORY;
        return VFS_OK;
    }
    (void)p;
    if (vnode_is(node, VFS_S_SOCKET) && !place_only)
        return VFS_E_NO_DEVICE;
    if (!vnode_is(node, VFS_S_FILE) || place_only)
        return VFS_OK;
    if ((writes || (flags & VFS_O_TRUNCATE) != 0) && node->fs->read_only)
        return VFS_E_READ_ONLY;
    return (flags & VFS_O_TRUNCATE) != 0 && writes ? node_resize(node, 0) : VFS_OK;
}

enum vfs_status tree_open(const struct origin *from, const char *path, size_t length, uint64_t flags,
                          const struct creation *c, struct vnode **out)
{
    struct place p;
    bool create = (flags & VFS_O_CREATE) != 0 && (flags & VFS_O_PATH) == 0,
         stays = (flags & VFS_O_NOFOLLOW) != 0 || (create && (flags & VFS_O_EXCLUSIVE) != 0);

    if ((flags & VFS_O_ACCESS) == VFS_O_ACCESS || (create && (flags & VFS_O_DIRECTORY) != 0))
        return VFS_E_INVALID;
    enum vfs_status status =
        tree_walk(from, path, length, (stays ? 0 : WALK_FOLLOW) | (create ? WALK_MAY_MISS : 0), &p);
    if (status != VFS_OK)
        return status;
    if (p.node) {
        *out = p.node;
        return open_found(p.node, flags, &p);
    }
    if (p.slash)
        return VFS_E_IS_DIRECTORY;
    status = may_make(&p, false);
    return status != VFS_OK ? status : make_at(&p, VFS_S_FILE | (c->mode & PERMISSIONS), c->owner, out);
}

enum vfs_status tree_make(const struct origin *from, const char *path, size_t length, const struct creation *c,
                          struct vnode **out)
{
    uint32_t type = c->mode & VFS_S_TYPE;
    struct place p;

    if (type != VFS_S_DIRECTORY && type != VFS_S_FILE && type != VFS_S_FIFO && type != VFS_S_SOCKET)
        return type == VFS_S_CHAR || type == VFS_S_BLOCK ? VFS_E_NOT_PERMITTED : VFS_E_INVALID;
    enum vfs_status status = tree_walk(from, path, length, WALK_MAY_MISS, &p);
    if (status == VFS_OK)
        status = may_make(&p, type == VFS_S_DIRECTORY);
    return status != VFS_OK ? status : make_at(&p, c->mode & (VFS_S_TYPE | PERMISSIONS), c->owner, out);
}

enum vfs_status tree_symlink(const struct origin *from, const char *path, size_t length, struct name target,
                             struct owner owner)
{
    struct place p;

    if (target.length == 0)
        return VFS_E_NOT_FOUND;
    if (target.length > VFS_PATH_MAX)
        return VFS_E_NAME_TOO_LONG;
    if (memchr(target.text, '\0', target.length))
        return VFS_E_INVALID;
    enum vfs_status status = tree_walk(from, path, length, WALK_MAY_MISS, &p);
    if (status == VFS_OK)
        status = may_make(&p, false);
    if (status == VFS_OK && !p.dir->fs->ops->symlink)
        status = VFS_E_READ_ONLY;
    return status != VFS_OK ? status : p.dir->fs->ops->symlink(p.dir, p.name, target, owner);
}

enum vfs_status tree_link(const struct origin *from, const char *path, size_t length, const struct origin *to,
                          const char *name, size_t name_length, bool follow)
{
    struct place old, p;
    enum vfs_status status = tree_walk(from, path, length, follow ? WALK_FOLLOW : 0, &old);

    if (status != VFS_OK)
        return status;
    status = tree_walk(to, name, name_length, WALK_MAY_MISS, &p);
    if (status == VFS_OK)
        status = may_make(&p, false);
    if (status != VFS_OK)
        return status;
    if (vnode_is(old.node, VFS_S_DIRECTORY))
        return VFS_E_NOT_PERMITTED;
    if (old.node->fs != p.dir->fs)
        return VFS_E_OTHER_DEVICE;
    if (old.node->links >= LINKS_MAX)
        return VFS_E_TOO_MANY_LINKS;
    return p.dir->fs->ops->link ? p.dir->fs->ops->link(p.dir, p.name, old.node) : VFS_E_READ_ONLY;
}

enum vfs_status tree_unlink(const struct origin *from, const char *path, size_t length, bool directory)
{
    struct place p;
    enum vfs_status status = tree_walk(from, path, length, 0, &p);

    if (status != VFS_OK)
        return status;
    if (!p.dir) {
        /* "." and "..", or a root. */
        size_t last = length;
        while (last > 0 && path[last - 1] == '/')
            last--;
        if (!directory)
            return VFS_E_IS_DIRECTORY;
        if (last >= 2 && path[last - 1] == '.' && path[last - 2] == '.')
            return VFS_E_NOT_EMPTY;
        return last > 0 && path[last - 1] == '.' ? VFS_E_INVALID : VFS_E_BUSY;
    }
    bool is_directory = vnode_is(p.node, VFS_S_DIRECTORY);
    if (directory != is_directory)
        return is_directory ? VFS_E_IS_DIRECTORY : VFS_E_NOT_DIRECTORY;
    if (p.dir->fs->read_only || !p.dir->fs->ops->unlink)
        return VFS_E_READ_ONLY;
    if (is_directory && (p.node == p.node->fs->root || p.node == from->root))
        return VFS_E_BUSY;
    if (is_directory && !p.node->fs->ops->empty(p.node))
        return VFS_E_NOT_EMPTY;
    return p.dir->fs->ops->unlink(p.dir, p.name, p.node);
}

/* Is `dir` at or below `above`, in one file system? */
static bool lies_below(const struct vnode *dir, const struct vnode *above)
{
    while (dir != above && dir->parent && dir->parent != dir)
        dir = dir->parent;
    return dir == above;
}

static enum vfs_status may_replace(const struct vnode *node, const struct vnode *over)
{
    bool directory = vnode_is(node, VFS_S_DIRECTORY);

    if (directory != vnode_is(over, VFS_S_DIRECTORY))
        return directory ? VFS_E_NOT_DIRECTORY : VFS_E_IS_DIRECTORY;
    if (over == over->fs->root)
        return VFS_E_BUSY;
    return directory && !over->fs->ops->empty((struct vnode *)(uintptr_t)over) ? VFS_E_NOT_EMPTY : VFS_OK;
}

static enum vfs_status may_rename(const struct place *old, const struct place *p, uint64_t flags)
{
    bool exchange = (flags & VFS_EXCHANGE) != 0;

    if (!old->dir || !p->dir)
        return VFS_E_BUSY;
    if ((flags & VFS_NO_REPLACE) != 0 && p->node)
        return VFS_E_EXISTS;
    if (exchange && !p->node)
        return VFS_E_NOT_FOUND;
    if ((old->slash || p->slash) && !vnode_is(old->node, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    if (old->dir->fs != p->dir->fs)
        return VFS_E_OTHER_DEVICE;
    if (old->dir->fs->read_only || !old->dir->fs->ops->rename)
        return VFS_E_READ_ONLY;
    if (old->node == old->node->fs->root)
        return VFS_E_BUSY;
    if (!p->dir->parent)
        return VFS_E_NOT_FOUND;
    if (vnode_is(old->node, VFS_S_DIRECTORY) && lies_below(p->dir, old->node))
        return VFS_E_INVALID;
    if (exchange)
        return p->node == p->node->fs->root                                          ? VFS_E_BUSY
               : vnode_is(p->node, VFS_S_DIRECTORY) && lies_below(old->dir, p->node) ? VFS_E_INVALID
                                                                                     : VFS_OK;
    if (!p->node || p->node == old->node)
        return VFS_OK;
    /* Over a directory above the old place: it is not empty. */
    return may_replace(old->node, p->node);
}

enum vfs_status tree_rename(const struct origin *from, const char *path, size_t length, const struct origin *to,
                            const char *name, size_t name_length, uint64_t flags)
{
    struct place old, p;

    if ((flags & ~(VFS_NO_REPLACE | VFS_EXCHANGE)) != 0 || flags == (VFS_NO_REPLACE | VFS_EXCHANGE))
        return VFS_E_INVALID;
    enum vfs_status status = tree_walk(from, path, length, 0, &old);
    if (status == VFS_OK)
        status = tree_walk(to, name, name_length, WALK_MAY_MISS, &p);
    if (status == VFS_OK)
        status = may_rename(&old, &p, flags);
    if (status != VFS_OK || old.node == p.node)
        return status;
    return old.dir->fs->ops->rename(old.dir, old.name, p.dir, p.name, old.node, p.node, (flags & VFS_EXCHANGE) != 0);
}

enum vfs_status node_resize(struct vnode *node, uint64_t size)
{
    if (vnode_is(node, VFS_S_DIRECTORY))
        return VFS_E_IS_DIRECTORY;
    if (!vnode_is(node, VFS_S_FILE))
        return VFS_E_INVALID;
    if (node->fs->read_only || !node->fs->ops->resize)
        return VFS_E_READ_ONLY;
    if (size > node->fs->file_max)
        return VFS_E_FILE_TOO_BIG;
    enum vfs_status status = node->fs->ops->resize(node, size);
    if (status == VFS_OK)
        node->mtime = node->ctime = fs_now();
    return status;
}

enum vfs_status node_setattr(struct vnode *node, const struct setattr *set)
{
    const uint64_t known = VFS_SET_MODE | VFS_SET_OWNER | VFS_SET_SIZE | VFS_SET_ATIME | VFS_SET_MTIME |
                           VFS_SET_ATIME_NOW | VFS_SET_MTIME_NOW;

    if ((set->what & ~known) != 0)
        return VFS_E_INVALID;
    if (node->fs->read_only)
        return VFS_E_READ_ONLY;
    if ((set->what & VFS_SET_SIZE) != 0) {
        enum vfs_status status = node_resize(node, set->size);
        if (status != VFS_OK)
            return status;
    }
    if ((set->what & VFS_SET_MODE) != 0)
        node->mode = (node->mode & VFS_S_TYPE) | ((uint32_t)set->mode & PERMISSIONS);
    if ((set->what & VFS_SET_OWNER) != 0) {
        uint32_t uid = (uint32_t)set->owner, gid = (uint32_t)(set->owner >> 32);
        node->uid = uid == UINT32_MAX ? node->uid : uid;
        node->gid = gid == UINT32_MAX ? node->gid : gid;
    }
    if (set->what == 0)
        return VFS_OK;
    node->ctime = fs_now();
    if ((set->what & (VFS_SET_ATIME | VFS_SET_ATIME_NOW)) != 0)
        node->atime = (set->what & VFS_SET_ATIME) != 0 ? set->atime : node->ctime;
    if ((set->what & (VFS_SET_MTIME | VFS_SET_MTIME_NOW)) != 0)
        node->mtime = (set->what & VFS_SET_MTIME) != 0 ? set->mtime : node->ctime;
    return VFS_OK;
}

enum vfs_status tree_mount(struct fs *fs, struct vnode *on)
{
    if (!vnode_is(on, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    if (on == on->fs->root || on->mounted || fs->covered || !on->parent)
        return VFS_E_BUSY;
    vnode_hold(on);
    on->mounted = fs->root;
    fs->covered = on;
    return VFS_OK;
}

enum vfs_status tree_unmount(struct vnode *root)
{
    struct fs *fs = root->fs;

    if (root != fs->root || !fs->covered)
        return VFS_E_INVALID;
    if (fs->held != 0)
        return VFS_E_BUSY;
    struct vnode *on = fs->covered;
    on->mounted = NULL;
    fs->ops->destroy(fs);
    vnode_release(on);
    return VFS_OK;
}

static bool list_one(char *out, size_t room, size_t *used, const struct vnode *node, struct name name, uint64_t next)
{
    size_t length = (offsetof(struct vfs_dirent, name) + name.length + 1 + 7) & ~(size_t)7;
    struct vfs_dirent head = {.ino = node->ino, .next = next, .length = (uint16_t)length};

    if (room - *used < length)
        return false;
    head.type = (uint8_t)((node->mode & VFS_S_TYPE) >> 12);
    memset(out + *used + length - 8, 0, 8);
    memcpy(out + *used, &head, offsetof(struct vfs_dirent, name));
    memcpy(out + *used + offsetof(struct vfs_dirent, name), name.text, name.length);
    *used += length;
    return true;
}

size_t tree_list(struct vnode *dir, const struct vnode *root, uint64_t *position, char *out, size_t room,
                 enum vfs_status *status)
{
    size_t used = 0;
    struct entry e = {.cookie = 0};
    bool full = false;

    *status = VFS_OK;
    while (*position < FS_FIRST_COOKIE && !full) {
        bool up = *position == 1 && dir != root && dir->parent;
        full = !list_one(out, room, &used, up ? dir->parent : dir, (struct name){"..", (size_t)*position + 1},
                         *position + 1);
        *position += !full;
    }
    while (!full && dir->fs->ops->next(dir, *position, &e)) {
        full = !list_one(out, room, &used, e.node->mounted ? e.node->mounted : e.node, e.name, e.cookie + 1);
        if (!full)
            *position = e.cookie + 1;
    }
    if (full && used == 0)
        *status = VFS_E_INVALID;
    return used;
}
