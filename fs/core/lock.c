/* SPDX-License-Identifier: BSD-2-Clause */
#include <fs/lock.h>
#include <libmnos/heap.h>

static bool same_owner(const struct lock_owner *a, const struct lock_owner *b)
{
    return a->whole == b->whole && (a->whole ? a->desc == b->desc : a->id == b->id);
}

static bool overlaps(const struct lock *l, uint64_t start, uint64_t last)
{
    return l->start <= last && start <= l->last;
}

const struct lock *lock_against(const struct vnode *node, uint64_t kind, uint64_t start, uint64_t last,
                                const struct lock_owner *owner)
{
    const struct lock *l = node->locks;

    while (l && (l->owner.whole != owner->whole || same_owner(&l->owner, owner) || !overlaps(l, start, last) ||
                 (l->kind == VFS_LOCK_SHARED && kind == VFS_LOCK_SHARED)))
        l = l->next;
    return l;
}

static void add(struct vnode *node, struct lock *fresh, uint64_t kind, uint64_t start, uint64_t last,
                const struct lock_owner *owner)
{
    *fresh = (struct lock){.next = node->locks, .start = start, .last = last, .kind = kind, .owner = *owner};
    node->locks = fresh;
}

static unsigned count_of(const struct vnode *node)
{
    unsigned count = 0;

    for (const struct lock *l = node->locks; l; l = l->next)
        count++;
    return count;
}

/* Cuts [start, last] out of *at.  True: it is gone altogether, and *at is the next one. */
static bool cut_out(struct vnode *node, struct lock **at, uint64_t start, uint64_t last, struct lock **spare)
{
    struct lock *l = *at;

    if (start <= l->start && l->last <= last) {
        *at = l->next;
        free(l);
        return true;
    }
    if (l->start < start && last < l->last) {
        add(node, *spare, l->kind, last + 1, l->last, &l->owner);
        *spare = NULL;
        l->last = start - 1;
    } else if (l->start < start) {
        l->last = start - 1;
    } else {
        l->start = last + 1;
    }
    return false;
}

enum vfs_status lock_set(struct vnode *node, uint64_t kind, uint64_t start, uint64_t last,
                         const struct lock_owner *owner)
{
    /* One for the lock itself, one for the rest behind it of a larger one. */
    struct lock *fresh = count_of(node) < LOCKS_MAX ? malloc(sizeof *fresh) : NULL;
    struct lock *spare = fresh ? malloc(sizeof *spare) : NULL;

    if (!spare) {
        free(fresh);
        return VFS_E_NO_MEMORY;
    }
    for (struct lock **at = &node->locks; *at;) {
        struct lock *l = *at;
        bool touches =
            same_owner(&l->owner, owner) &&
            (overlaps(l, start, last) ||
             (l->kind == kind && ((start > 0 && l->last == start - 1) || (last < UINT64_MAX && l->start == last + 1))));
        if (!touches) {
            at = &l->next;
            continue;
        }
        if (l->kind == kind) {
            /* It becomes part of the new one. */
            start = l->start < start ? l->start : start;
            last = l->last > last ? l->last : last;
            *at = l->next;
            free(l);
        } else if (!cut_out(node, at, start, last, &spare)) {
            /* What was put in front of the list is the rest of this one. */
            at = &l->next;
        }
    }
    if (kind != VFS_LOCK_NONE)
        add(node, fresh, kind, start, last, owner);
    else
        free(fresh);
    free(spare);
    return VFS_OK;
}

bool lock_drop(struct vnode *node, const void *desc)
{
    bool any = false;

    for (struct lock **at = &node->locks; *at;) {
        struct lock *l = *at;
        if (l->owner.desc != desc) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        free(l);
        any = true;
    }
    return any;
}
