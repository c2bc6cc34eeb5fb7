/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths and what is done to names.  Every function is atomic: it is done, or nothing has changed.
 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include <fs/vnode.h>

/* Where a path begins.  `root` is the world: nothing above it can be reached. */
struct origin {
    struct vnode *root, *start;
};

enum { WALK_FOLLOW = 1, WALK_MAY_MISS = 2 };

/*
 * Where a path leads.  `dir` and `name`: the directory that holds (or would hold) the last part; dir is NULL when the last part
 * is "." or ".." or the root, which have no name to change.  `node` is NULL when it does not exist (only with WALK_MAY_MISS).
 * All are good until the next change; name points into the path or into a symbolic link.
 */
struct place {
    struct vnode *dir, *node;
    struct name name;
    bool slash; /* it ended with one: a directory is meant */
};

/* WALK_FOLLOW: a symbolic link at the end is followed.  WALK_MAY_MISS: the last part need not exist. */
enum vfs_status tree_walk(const struct origin *from, const char *path, size_t length, unsigned flags,
                          struct place *out);
/* The directory with that number at or below `root`, or NULL. */
struct vnode *tree_start(struct vnode *root, uint64_t number);
/* Its absolute path as seen from `root`, written to the end of buf[size].  NULL: not below it, or too long. */
char *tree_path(const struct vnode *root, const struct vnode *dir, char *buf, size_t size);

struct creation {
    uint32_t mode; /* permission bits; for MKNOD with the type */
    struct owner owner;
};

/* Opens: finds, makes (VFS_O_CREATE), truncates.  The caller holds the node or nobody does. */
enum vfs_status tree_open(const struct origin *from, const char *path, size_t length, uint64_t flags,
                          const struct creation *c, struct vnode **out);
enum vfs_status tree_make(const struct origin *from, const char *path, size_t length, const struct creation *c,
                          struct vnode **out);
enum vfs_status tree_symlink(const struct origin *from, const char *path, size_t length, struct name target,
                             struct owner owner);
enum vfs_status tree_link(const struct origin *from, const char *path, size_t length, const struct origin *to,
                          const char *name, size_t name_length, bool follow);
enum vfs_status tree_unlink(const struct origin *from, const char *path, size_t length, bool directory);
enum vfs_status tree_rename(const struct origin *from, const char *path, size_t length, const struct origin *to,
                            const char *name, size_t name_length, uint64_t flags);

struct setattr {
    uint64_t what; /* VFS_SET_* */
    uint64_t mode, owner, size;
    int64_t atime, mtime;
};
enum vfs_status node_setattr(struct vnode *node, const struct setattr *set);
enum vfs_status node_resize(struct vnode *node, uint64_t size);

/* Mounts `fs` on a directory, which must be neither a root nor mounted on. */
enum vfs_status tree_mount(struct fs *fs, struct vnode *on);
/* BUSY while somebody holds something of it. */
enum vfs_status tree_unmount(struct vnode *root);

/* Entries from *position on, as struct vfs_dirent, until `room` is used up; bytes.  0 with *status INVALID: not one fits. */
size_t tree_list(struct vnode *dir, const struct vnode *root, uint64_t *position, char *out, size_t room,
                 enum vfs_status *status);

#endif
