/* SPDX-License-Identifier: BSD-2-Clause */
/* Advisory locks on ranges of a file, as fcntl and flock have them (POSIX.1-2017, fcntl). */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include <fs/vnode.h>

/* Who holds it: a number that the client chose, or with `whole` the description itself. */
struct lock_owner {
    uint64_t id;
    const void *desc; /* through which it was set: it ends with that */
    bool whole;       /* of flock: these and the others do not see each other */
};

struct lock {
    struct lock *next;
    uint64_t start, last; /* inclusive */
    uint64_t kind;        /* VFS_LOCK_SHARED, _EXCLUSIVE */
    struct lock_owner owner;
};

#define LOCKS_MAX 1024u /* of one file */

/* The first lock of somebody else that stands against this one, or NULL. */
const struct lock *lock_against(const struct vnode *node, uint64_t kind, uint64_t start, uint64_t last,
                                const struct lock_owner *owner);
/* The range gets this kind, whatever parts of it the owner had before; NONE: none.  NO_MEMORY: nothing has changed. */
enum vfs_status lock_set(struct vnode *node, uint64_t kind, uint64_t start, uint64_t last,
                         const struct lock_owner *owner);
/* Everything that was set through this description.  True: there was something. */
bool lock_drop(struct vnode *node, const void *desc);

#endif
