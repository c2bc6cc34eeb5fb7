/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vnodes and file systems: what the file server's tree is made of.  Pure: no system call, no clock, no allocation but malloc
 * and pages_take; the same code runs in the server and in tests on the host.  One thread.
 *
 * A vnode is made by its file system and stands for one file as long as that exists.  A pointer to it is good until the
 * next call that changes something, unless it is held (vnode_hold): then until it is let go.
 */
#ifndef FS_VNODE_H
#define FS_VNODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vfs/protocol.h>

struct fs;
struct pipe;
struct lock;
struct socket;
struct file_memory;

struct vnode {
    struct fs *fs;
    uint64_t number; /* in the table of all vnodes; never used again for another */
    uint64_t ino;    /* in its file system */
    uint32_t mode;   /* type and permission bits */
    uint32_t links;  /* names; 0: it goes when nobody holds it */
    uint32_t uid, gid;
    uint32_t users;        /* who holds it */
    uint16_t device;       /* major << 8 | minor */
    uint64_t size, blocks; /* blocks of 512 bytes */
    int64_t atime, mtime, ctime;
    struct vnode *parent;  /* of a directory; of a root itself; NULL once it is removed */
    struct vnode *mounted; /* root of what is mounted on this directory, which is then held */
    struct pipe *pipe;     /* of a FIFO that is open */
    struct socket *socket; /* bound to this name */
    struct lock *locks;    /* advisory */
};

/* A name to be looked up, made or removed: 1 to VFS_NAME_MAX bytes without '/', neither "." nor "..". */
struct name {
    const char *text;
    size_t length;
};

struct owner {
    uint32_t uid, gid;
};

/* An entry of a directory as fs_ops.next finds it. */
struct entry {
    struct name name;
    const struct vnode *node;
    uint64_t cookie;
};

#define FS_FIRST_COOKIE 2u /* 0 and 1 are "." and ".." */

/*
 * What a file system does.  Operations that it cannot have are NULL: the generic layer then answers READ_ONLY.  Types, names and
 * mount points are checked before they are called, and times of directories are set by them.
 */
struct fs_ops {
    /* NULL: there is none. */
    struct vnode *(*lookup)(struct vnode *dir, struct name name);
    /* The first entry whose cookie is at least *cookie. */
    bool (*next)(struct vnode *dir, uint64_t cookie, struct entry *out);
    enum vfs_status (*make)(struct vnode *dir, struct name name, uint32_t mode, struct owner owner, struct vnode **out);
    enum vfs_status (*symlink)(struct vnode *dir, struct name name, struct name target, struct owner owner);
    enum vfs_status (*link)(struct vnode *dir, struct name name, struct vnode *node);
    /* The node of that name, which is there; an empty directory loses its last name. */
    enum vfs_status (*unlink)(struct vnode *dir, struct name name, struct vnode *node);
    /* `over`, which is NULL or fits, loses its name in the same step; exchange: gets the other's. */
    enum vfs_status (*rename)(struct vnode *from, struct name old, struct vnode *to, struct name name,
                              struct vnode *node, struct vnode *over, bool exchange);
    bool (*empty)(struct vnode *dir);
    struct name (*readlink)(struct vnode *node);
    /* Bytes at `offset`, which is below the size: how many (at least 1) follow at *at in one piece, at most `want`. */
    size_t (*read)(struct vnode *node, uint64_t offset, size_t want, const void **at);
    /* Place for bytes at `offset`, as above; they count once fs_ops.resize or the file's size covers them.  0: no space. */
    size_t (*write)(struct vnode *node, uint64_t offset, size_t want, void **at);
    enum vfs_status (*resize)(struct vnode *node, uint64_t size);
    /* The first offset from `offset` on, below the size, where there is data (or a hole); UINT64_MAX: none. */
    uint64_t (*seek)(struct vnode *node, uint64_t offset, bool hole);
    /*
     * The file's pages as a Memory, made at the first time; NULL as operation: it has none.  page: supplies one to whoever waits
     * for it; false: it is behind the end, or there is no space.
     */
    enum vfs_status (*map)(struct vnode *node, struct file_memory **out);
    bool (*page)(struct vnode *node, uint64_t page);
    /* Nobody holds it any more. */
    void (*drop)(struct vnode *node);
    void (*statfs)(struct fs *fs, uint64_t words[7]);
    /* It is unmounted: all goes. */
    void (*destroy)(struct fs *fs);
};

struct fs {
    const struct fs_ops *ops;
    struct vnode *root;
    struct vnode *covered; /* directory that it is mounted on; NULL: the first */
    uint16_t number;       /* st_dev */
    bool read_only;
    uint64_t file_max; /* largest size of a file */
    uint64_t held;     /* vnodes of it that somebody holds */
};

/* The clock of the tree, ns since 1970: set by whoever runs it. */
extern int64_t (*fs_now)(void);

/* The table of numbers.  False: no memory. */
bool vnode_enter(struct vnode *node);
void vnode_leave(struct vnode *node);
/* NULL: no such vnode (any more). */
struct vnode *vnode_find(uint64_t number);

static inline void vnode_hold(struct vnode *node)
{
    node->users++;
    node->fs->held++;
}
void vnode_release(struct vnode *node);

static inline bool vnode_is(const struct vnode *node, uint32_t type)
{
    return (node->mode & VFS_S_TYPE) == type;
}

void vnode_attr(const struct vnode *node, struct vfs_attr *attr);

#endif
