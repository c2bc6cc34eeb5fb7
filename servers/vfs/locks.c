/* SPDX-License-Identifier: BSD-2-Clause */
/* Advisory locks.  Whoever waits for one stands on one queue for all files, and tries again when any lock goes. */
#include <fs/lock.h>

#include "vfs.h"

static struct queue waiting;

void locks_end(struct desc *desc)
{
    if (desc->node && desc->node->locks && lock_drop(desc->node, desc))
        queue_changed(&waiting);
}

/* `against` as the words of an answer. */
static void tell(struct call *call, const struct lock *against)
{
    call->out[0] = against ? against->kind : VFS_LOCK_NONE;
    if (!against)
        return;
    call->out[1] = against->start;
    call->out[2] = against->last == UINT64_MAX ? 0 : against->last - against->start + 1;
    call->out[3] = against->owner.id;
}

enum vfs_status lock_call(struct call *call, struct desc *desc, struct queue **queue)
{
    uint64_t kind = call->word[0] & VFS_LOCK_KIND, flags = call->word[0] & ~VFS_LOCK_KIND;
    bool whole = (flags & VFS_LOCK_FLOCK) != 0;
    uint64_t start = whole ? 0 : call->word[1], length = whole ? 0 : call->word[2];
    const struct lock_owner owner = {.id = whole ? 0 : call->word[3], .desc = desc, .whole = whole};

    if (kind == VFS_LOCK_KIND || (flags & ~(VFS_LOCK_FLOCK | VFS_LOCK_WAIT | VFS_LOCK_TEST)) != 0 ||
        start > INT64_MAX || length > INT64_MAX)
        return VFS_E_INVALID;
    if (!desc->node || desc->service || (desc->flags & VFS_O_PATH) != 0)
        return VFS_E_BAD_MODE;
    uint64_t access = desc->flags & VFS_O_ACCESS, last = length == 0 ? UINT64_MAX : start + length - 1;
    /* As fcntl: what is locked for reading can be read, for writing written. */
    if (!whole && (flags & VFS_LOCK_TEST) == 0 &&
        ((kind == VFS_LOCK_SHARED && access == VFS_O_WRONLY) || (kind == VFS_LOCK_EXCLUSIVE && access == VFS_O_RDONLY)))
        return VFS_E_BAD_MODE;
    const struct lock *against = kind == VFS_LOCK_NONE ? NULL : lock_against(desc->node, kind, start, last, &owner);
    if ((flags & VFS_LOCK_TEST) != 0) {
        tell(call, against);
        return VFS_OK;
    }
    if (against && (flags & VFS_LOCK_WAIT) == 0)
        return VFS_E_AGAIN;
    if (against) {
        *queue = &waiting;
        return VFS_OK;
    }
    enum vfs_status status = lock_set(desc->node, kind, start, last, &owner);
    /* What was given up, or is shared now, may be what somebody waits for. */
    if (status == VFS_OK && kind != VFS_LOCK_EXCLUSIVE)
        queue_changed(&waiting);
    return status;
}
