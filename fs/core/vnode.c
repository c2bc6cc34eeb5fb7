/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of all vnodes: number = index | generation << 32.  A free slot holds the index of the next one. */
#include <fs/vnode.h>
#include <libmnos/heap.h>
#include <str.h>

struct slot {
    struct vnode *node;
    uint32_t generation, next_free;
};

static struct slot *slots;
static uint32_t slot_count, first_free; /* first_free 0: none; slot 0 is never used, so that no number is 0 */

int64_t (*fs_now)(void);

static bool table_grow(void)
{
    uint32_t count = slot_count ? slot_count * 2 : 64;
    struct slot *grown = count <= 1u << 24 ? realloc(slots, count * sizeof *slots) : NULL;

    if (!grown)
        return false;
    slots = grown;
    memset(slots + slot_count, 0, (count - slot_count) * sizeof *slots);
    for (uint32_t i = count - 1; i >= (slot_count ? slot_count : 1); i--) {
        slots[i].next_free = first_free;
        first_free = i;
    }
    slot_count = count;
    return true;
}

bool vnode_enter(struct vnode *node)
{
    if (first_free == 0 && !table_grow())
        return false;
    uint32_t i = first_free;
    first_free = slots[i].next_free;
    slots[i].node = node;
    node->number = i | (uint64_t)slots[i].generation << 32;
    return true;
}

void vnode_leave(struct vnode *node)
{
    uint32_t i = (uint32_t)node->number;

    slots[i].node = NULL;
    slots[i].generation++;
    slots[i].next_free = first_free;
    first_free = i;
}

struct vnode *vnode_find(uint64_t number)
{
    uint32_t i = (uint32_t)number;

    return i < slot_count && slots[i].node && slots[i].generation == number >> 32 ? slots[i].node : NULL;
}

void vnode_release(struct vnode *node)
{
    node->fs->held--;
    if (--node->users == 0)
        node->fs->ops->drop(node);
}

void vnode_attr(const struct vnode *node, struct vfs_attr *attr)
{
    attr->ino = node->ino;
    attr->mode_dev_links = node->mode | (uint64_t)node->fs->number << 16 | (uint64_t)node->links << 32;
    attr->owner = node->uid | (uint64_t)node->gid << 32;
    attr->size = node->size;
    attr->atime = node->atime;
    attr->mtime = node->mtime;
    attr->ctime = node->ctime;
    attr->blocks_rdev = (node->blocks & 0xffffffffffffull) | (uint64_t)node->device << 48;
}
