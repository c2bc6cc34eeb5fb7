/* SPDX-License-Identifier: BSD-2-Clause */
#include <fs/pages.h>
#include <libmnos/heap.h>
#include <str.h>

#include "node.h"

#define FANOUT_BITS 6u
#define FANOUT      (1u << FANOUT_BITS)
#define TABLE_BYTES (FANOUT * sizeof(void *))
#define BLOCKS      (PAGE_BYTES / 512u)

static _Alignas(4096) const unsigned char zeros[PAGE_BYTES];

/* Pages below a tree of that height. */
static inline bool covers(unsigned height, uint64_t page)
{
    return height * FANOUT_BITS >= 64 || page >> (height * FANOUT_BITS) == 0;
}

static void *page_at(const struct content *c, uint64_t page)
{
    void *at = c->top;

    if (!covers(c->height, page))
        return NULL;
    for (unsigned h = c->height; h > 0 && at; h--)
        at = ((void **)at)[page >> ((h - 1) * FANOUT_BITS) & (FANOUT - 1)];
    return at;
}

static bool grow(struct tmpfs *fs, struct content *c, uint64_t page)
{
    while (!covers(c->height, page)) {
        if (c->top) {
            void **table = tmp_alloc(fs, TABLE_BYTES);
            if (!table)
                return false;
            memset(table, 0, TABLE_BYTES);
            table[0] = c->top;
            c->top = table;
        }
        c->height++;
    }
    return true;
}

/* The place of a page, made if it is not there.  What was made on the way stays and counts, until the file is cut. */
static void **place_make(struct tmp_node *node, uint64_t page)
{
    struct tmpfs *fs = tmpfs_of(&node->v);
    struct content *c = &node->content;

    if (!grow(fs, c, page))
        return NULL;
    void **at = &c->top;
    for (unsigned h = c->height; h > 0; h--) {
        if (!*at) {
            *at = tmp_alloc(fs, TABLE_BYTES);
            if (!*at)
                return NULL;
            memset(*at, 0, TABLE_BYTES);
        }
        at = &((void **)*at)[page >> ((h - 1) * FANOUT_BITS) & (FANOUT - 1)];
    }
    return at;
}

/* The page at that place, made if it is not there. */
static void *page_make_at(struct tmp_node *node, uint64_t page, void **at)
{
    struct tmpfs *fs = tmpfs_of(&node->v);

    if (!at || *at)
        return at ? *at : NULL;
    const void *near = page > 0 ? page_at(&node->content, page - 1) : NULL;
    if (fs->budget - fs->used < PAGE_BYTES)
        return NULL;
    *at = page_take(in_file_memory(node->memory, near) ? NULL : near);
    if (!*at)
        return NULL;
    fs->used += PAGE_BYTES;
    node->v.blocks += BLOCKS;
    return *at;
}

static void *page_make(struct tmp_node *node, uint64_t page)
{
    return page_make_at(node, page, place_make(node, page));
}

size_t content_read(struct vnode *v, uint64_t offset, size_t want, const void **at)
{
    const struct content *c = &tmp_node(v)->content;
    uint64_t page = offset / PAGE_BYTES;
    size_t in_page = (size_t)(offset % PAGE_BYTES), run = PAGE_BYTES - in_page;
    const unsigned char *first = page_at(c, page);

    if (tmp_node(v)->fixed) {
        *at = tmp_node(v)->fixed + offset;
        return want;
    }
    *at = (first ? first : zeros) + in_page;
    if (first)
        while (run < want && page_at(c, ++page) == first + in_page + run)
            run += PAGE_BYTES;
    return run < want ? run : want;
}

size_t content_write(struct vnode *v, uint64_t offset, size_t want, void **at)
{
    struct tmp_node *node = tmp_node(v);
    uint64_t page = offset / PAGE_BYTES;
    size_t in_page = (size_t)(offset % PAGE_BYTES), run = PAGE_BYTES - in_page;
    unsigned char *first = page_make(node, page);

    if (!first)
        return 0;
    *at = first + in_page;
    while (run < want && page_make(node, ++page) == first + in_page + run)
        run += PAGE_BYTES;
    return run < want ? run : want;
}

/* Frees what lies at or above `first` in the tree `at`, which begins at page `base`.  True: nothing is left of it. */
static bool cut(struct tmp_node *node, void *at, unsigned height, uint64_t base, uint64_t first)
{
    bool empty = true;

    if (!at)
        return true;
    if (height == 0) {
        if (base < first)
            return false;
        if (!in_file_memory(node->memory, at))
            page_give(at);
        tmpfs_of(&node->v)->used -= PAGE_BYTES;
        node->v.blocks -= BLOCKS;
        return true;
    }
    void **table = at;
    unsigned shift = (height - 1) * FANOUT_BITS;
    for (unsigned i = 0; i < FANOUT; i++) {
        uint64_t start = base + ((uint64_t)i << shift), last = start + ((UINT64_C(1) << shift) - 1);
        if (last >= first && cut(node, table[i], height - 1, start, first))
            table[i] = NULL;
        empty &= table[i] == NULL;
    }
    if (empty)
        tmp_free(tmpfs_of(&node->v), at, TABLE_BYTES);
    return empty;
}

void content_cut(struct tmp_node *node, uint64_t first_page)
{
    struct content *c = &node->content;

    if (cut(node, c->top, c->height, 0, first_page)) {
        c->top = NULL;
        c->height = 0;
    }
}

enum vfs_status content_resize(struct vnode *v, uint64_t size)
{
    struct tmp_node *node = tmp_node(v);

    uint64_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES;

    if (node->memory && size > FILE_MEMORY_SPAN)
        return VFS_E_FILE_TOO_BIG;
    if (node->memory && size > v->size && !memory_source.resize(node->memory, pages))
        return VFS_E_NO_SPACE;
    if (size <= v->size) {
        unsigned char *last = page_at(&node->content, size / PAGE_BYTES);
        /* What a later, larger size uncovers reads as zero. */
        if (size % PAGE_BYTES != 0 && last)
            memset(last + size % PAGE_BYTES, 0, PAGE_BYTES - size % PAGE_BYTES);
        content_cut(node, pages);
        if (node->memory && pages > 0)
            (void)memory_source.resize(node->memory, pages);
        else if (node->memory)
            memory_source.empty(node->memory);
    }
    v->size = size;
    return VFS_OK;
}

/* The first page at or above `page` that is there; UINT64_MAX: none. */
static uint64_t next_page(const void *at, unsigned height, uint64_t base, uint64_t page)
{
    if (!at)
        return UINT64_MAX;
    if (height == 0)
        return base >= page ? base : UINT64_MAX;
    unsigned shift = (height - 1) * FANOUT_BITS;
    uint64_t i = page > base ? (page - base) >> shift : 0;
    for (; i < FANOUT; i++) {
        uint64_t found = next_page(((void *const *)at)[i], height - 1, base + (i << shift), page);
        if (found != UINT64_MAX)
            return found;
    }
    return UINT64_MAX;
}

uint64_t content_seek(struct vnode *v, uint64_t offset, bool hole)
{
    const struct content *c = &tmp_node(v)->content;
    uint64_t page = offset / PAGE_BYTES, found;

    if (hole) {
        for (found = page; found * PAGE_BYTES < v->size && page_at(c, found); found++)
            ;
        found *= PAGE_BYTES;
        found = found < v->size ? found : v->size;
        return found > offset ? found : offset;
    }
    found = covers(c->height, page) ? next_page(c->top, c->height, 0, page) : UINT64_MAX;
    if (found == UINT64_MAX || found * PAGE_BYTES >= v->size)
        return UINT64_MAX;
    return found * PAGE_BYTES > offset ? found * PAGE_BYTES : offset;
}

/* ---- The file's Memory ---- */

#define TABLES_BYTES (2u * PAGE_BYTES) /* what finds the pages of one region: in the Memory, and here */
#define MEMORY_BYTES (8u * PAGE_BYTES) /* what a Memory costs beside that */

enum vfs_status content_map(struct vnode *v, struct file_memory **out)
{
    struct tmp_node *node = tmp_node(v);
    struct tmpfs *fs = tmpfs_of(v);
    uint64_t pages = (v->size + PAGE_BYTES - 1) / PAGE_BYTES;

    *out = node->memory;
    if (node->memory)
        return VFS_OK;
    if (node->fixed)
        return VFS_E_NOT_SUPPORTED;
    if (v->size > FILE_MEMORY_SPAN)
        return VFS_E_FILE_TOO_BIG;
    struct file_memory *memory = fs->budget - fs->used < MEMORY_BYTES ? NULL : calloc(1, sizeof *memory);
    if (!memory || !memory_source.make(memory, v->number, pages > 0 ? pages : 1)) {
        free(memory);
        return VFS_E_NO_MEMORY;
    }
    fs->used += MEMORY_BYTES;
    *out = node->memory = memory;
    return VFS_OK;
}

/* Room for the tables of that page's region. */
static bool region_pay(struct tmpfs *fs, struct file_memory *memory, uint64_t page)
{
    uint64_t region = page * PAGE_BYTES / FILE_MEMORY_REGION, bit = UINT64_C(1) << region % 64;

    if ((memory->region[region / 64] & bit) != 0)
        return true;
    if (fs->budget - fs->used < TABLES_BYTES)
        return false;
    memory->region[region / 64] |= bit;
    memory->regions++;
    fs->used += TABLES_BYTES;
    return true;
}

bool content_page(struct vnode *v, uint64_t page)
{
    struct tmp_node *node = tmp_node(v);
    struct file_memory *memory = node->memory;

    if (!memory || page >= (v->size + PAGE_BYTES - 1) / PAGE_BYTES)
        return false;
    void **at = place_make(node, page);
    void *bytes = page_make_at(node, page, at);
    if (!bytes || in_file_memory(memory, bytes))
        return bytes != NULL;
    if (!region_pay(tmpfs_of(v), memory, page) || !memory_source.supply(memory, page, bytes))
        return false;
    *at = memory->base + page * PAGE_BYTES;
    page_give(bytes);
    return true;
}

void content_free(struct tmp_node *node)
{
    content_cut(node, 0);
    if (!node->memory)
        return;
    memory_source.end(node->memory);
    tmpfs_of(&node->v)->used -= MEMORY_BYTES + node->memory->regions * TABLES_BYTES;
    free(node->memory);
}
