/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memories of files that were mapped.
 *
 *   file's pages:   | page | hole | page | page |          page: in a chunk, or in the Memory once somebody touched it there
 *   Memory:         | frame|  -   |  -   | frame|  end     behind the end of the file is the end of the Memory
 *
 * Clients hold READ and perhaps WRITE on the Memory, and only the server may change which pages it has.  What is missing is asked from
 * the main loop like a call.  The Memory ends with the file: a client that has let go of the description may lose what it mapped.
 */
#include <fs/pages.h>

#include "vfs.h"

static bool memory_make(struct file_memory *memory, uint64_t number, uint64_t pages)
{
    uint64_t badge = desc_file_badge(number);
    void *base;
    int64_t made = badge == 0 ? -1 : port_memory_make(badge, pages * PAGE_BYTES, FILE_MEMORY_SPAN, &base);

    if (made < 0)
        return false;
    memory->handle = (uint64_t)made;
    memory->base = base;
    return true;
}

static bool memory_resize(struct file_memory *memory, uint64_t pages)
{
    return port_memory_resize(memory->handle, pages * PAGE_BYTES) >= 0;
}

static bool memory_supply(struct file_memory *memory, uint64_t page, const void *bytes)
{
    return port_memory_supply(memory->handle, page * PAGE_BYTES, bytes) == PAGE_BYTES;
}

static void memory_empty(struct file_memory *memory)
{
    if (memory_resize(memory, 1))
        (void)port_memory_decommit(memory->handle, PAGE_BYTES);
}

/* Its pages go first: private copies that clients made hold the Memory, empty. */
static void memory_end(struct file_memory *memory)
{
    memory_empty(memory);
    port_memory_end(memory->handle, memory->base, FILE_MEMORY_SPAN);
}

void maps_start(void)
{
    memory_source = (struct memory_source){memory_make, memory_resize, memory_supply, memory_empty, memory_end};
}

bool map_page(uint64_t badge, uint64_t offset)
{
    struct vnode *node = vnode_find(desc_file_of_badge(badge));

    return node && node->fs->ops->page && node->fs->ops->page(node, offset / PAGE_BYTES);
}
