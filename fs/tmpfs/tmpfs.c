/* SPDX-License-Identifier: BSD-2-Clause */
#include <fs/pages.h>
#include <libmnos/heap.h>
#include <str.h>

#include "node.h"

#define TMPFS_MAGIC 0x01021994u /* what statfs tells on Linux */

void *tmp_alloc(struct tmpfs *fs, size_t bytes)
{
    void *pointer = fs->budget - fs->used >= bytes ? malloc(bytes) : NULL;

    if (pointer)
        fs->used += bytes;
    return pointer;
}

void tmp_free(struct tmpfs *fs, void *pointer, size_t bytes)
{
    fs->used -= bytes;
    free(pointer);
}

static struct tmp_node *node_new(struct tmpfs *fs, uint32_t mode, struct owner owner)
{
    struct tmp_node *node = tmp_alloc(fs, sizeof *node);

    if (!node)
        return NULL;
    memset(node, 0, sizeof *node);
    int64_t now = fs_now();
    node->v = (struct vnode){.fs = &fs->fs,
                             .mode = mode,
                             .uid = owner.uid,
                             .gid = owner.gid,
                             .ino = fs->next_ino++,
                             .atime = now,
                             .mtime = now,
                             .ctime = now};
    if (!vnode_enter(&node->v)) {
        tmp_free(fs, node, sizeof *node);
        return NULL;
    }
    if (vnode_is(&node->v, VFS_S_DIRECTORY))
        node->dir.next_cookie = FS_FIRST_COOKIE;
    return node;
}

static void node_free(struct tmp_node *node)
{
    struct tmpfs *fs = tmpfs_of(&node->v);

    if (vnode_is(&node->v, VFS_S_FILE))
        content_free(node);
    else if (vnode_is(&node->v, VFS_S_DIRECTORY))
        dir_free(node);
    else if (vnode_is(&node->v, VFS_S_LINK))
        tmp_free(fs, (void *)(uintptr_t)node->target.text, node->target.length);
    vnode_leave(&node->v);
    tmp_free(fs, node, sizeof *node);
}

static void tmpfs_drop(struct vnode *v)
{
    if (v->links == 0)
        node_free(tmp_node(v));
}

/* One name less; `links` names less for a directory. */
static void node_unnamed(struct tmp_node *node, int64_t now)
{
    node->v.ctime = now;
    if (vnode_is(&node->v, VFS_S_DIRECTORY)) {
        node->v.parent = NULL;
        node->v.links = 0;
    } else {
        node->v.links--;
    }
    if (node->v.links == 0 && node->v.users == 0)
        node_free(node);
}

static void dir_touched(struct vnode *dir, int64_t now)
{
    dir->mtime = dir->ctime = now;
}

static struct vnode *tmpfs_lookup(struct vnode *dir, struct name name)
{
    struct tmp_entry *e = dir_find(tmp_node(dir), name);

    return e ? &e->node->v : NULL;
}

static void enter(struct vnode *dir, struct tmp_entry *entry, struct tmp_node *node)
{
    dir_insert(tmp_node(dir), entry, node);
    dir_touched(dir, fs_now());
    if (vnode_is(&node->v, VFS_S_DIRECTORY)) {
        node->v.parent = dir;
        dir->links++;
    }
}

static enum vfs_status tmpfs_make(struct vnode *dir, struct name name, uint32_t mode, struct owner owner,
                                  struct vnode **out)
{
    struct tmpfs *fs = tmpfs_of(dir);
    struct tmp_entry *entry = dir_reserve(tmp_node(dir), name);
    struct tmp_node *node = entry ? node_new(fs, mode, owner) : NULL;

    if (!node) {
        if (entry)
            tmp_free(fs, entry, sizeof *entry + entry->length);
        return VFS_E_NO_SPACE;
    }
    node->v.links = vnode_is(&node->v, VFS_S_DIRECTORY) ? 2 : 1;
    enter(dir, entry, node);
    *out = &node->v;
    return VFS_OK;
}

static enum vfs_status tmpfs_symlink(struct vnode *dir, struct name name, struct name target, struct owner owner)
{
    struct tmpfs *fs = tmpfs_of(dir);
    char *text = tmp_alloc(fs, target.length);
    struct vnode *node;

    if (!text)
        return VFS_E_NO_SPACE;
    memcpy(text, target.text, target.length);
    enum vfs_status status = tmpfs_make(dir, name, VFS_S_LINK | 0777, owner, &node);
    if (status != VFS_OK) {
        tmp_free(fs, text, target.length);
        return status;
    }
    tmp_node(node)->target = (struct name){text, target.length};
    node->size = target.length;
    return VFS_OK;
}

static enum vfs_status tmpfs_link(struct vnode *dir, struct name name, struct vnode *node)
{
    struct tmp_entry *entry = dir_reserve(tmp_node(dir), name);

    if (!entry)
        return VFS_E_NO_SPACE;
    enter(dir, entry, tmp_node(node));
    node->links++;
    node->ctime = dir->mtime;
    return VFS_OK;
}

static enum vfs_status tmpfs_unlink(struct vnode *dir, struct name name, struct vnode *node)
{
    int64_t now = fs_now();

    dir_remove(tmp_node(dir), dir_find(tmp_node(dir), name));
    dir_touched(dir, now);
    if (vnode_is(node, VFS_S_DIRECTORY))
        dir->links--;
    node_unnamed(tmp_node(node), now);
    return VFS_OK;
}

/* A directory that moves takes its ".." with it. */
static void moved(struct vnode *node, struct vnode *from, struct vnode *to)
{
    if (!vnode_is(node, VFS_S_DIRECTORY))
        return;
    node->parent = to;
    from->links--;
    to->links++;
}

static enum vfs_status tmpfs_rename(struct vnode *from, struct name old, struct vnode *to, struct name name,
                                    struct vnode *node, struct vnode *over, bool exchange)
{
    struct tmp_entry *there = over ? dir_find(tmp_node(to), name) : NULL,
                     *entry = there ? NULL : dir_reserve(tmp_node(to), name);
    struct tmp_entry *here = dir_find(tmp_node(from), old);
    int64_t now = fs_now();

    if (!there && !entry)
        return VFS_E_NO_SPACE;
    moved(node, from, to);
    node->ctime = now;
    if (there) {
        there->node = tmp_node(node);
        if (exchange) {
            here->node = tmp_node(over);
            moved(over, to, from);
            over->ctime = now;
        } else if (vnode_is(over, VFS_S_DIRECTORY)) {
            to->links--;
        }
    } else {
        dir_insert(tmp_node(to), entry, tmp_node(node));
    }
    if (!exchange) {
        dir_remove(tmp_node(from), here);
        if (over)
            node_unnamed(tmp_node(over), now);
    }
    dir_touched(from, now);
    dir_touched(to, now);
    return VFS_OK;
}

static bool tmpfs_empty(struct vnode *dir)
{
    return tmp_node(dir)->dir.count == 0;
}

static struct name tmpfs_readlink(struct vnode *node)
{
    return tmp_node(node)->target;
}

static void tmpfs_statfs(struct fs *base, uint64_t words[7])
{
    struct tmpfs *fs = (struct tmpfs *)base;
    uint64_t free_bytes = fs->budget - fs->used;

    words[VFS_FS_TYPE] = TMPFS_MAGIC;
    words[VFS_FS_BLOCK] = PAGE_BYTES;
    words[VFS_FS_BLOCKS] = fs->budget / PAGE_BYTES;
    words[VFS_FS_FREE] = free_bytes / PAGE_BYTES;
    words[VFS_FS_FILES] = fs->budget / sizeof(struct tmp_node);
    words[VFS_FS_FILES_FREE] = free_bytes / sizeof(struct tmp_node);
    words[VFS_FS_FLAGS] = fs->fs.read_only ? VFS_FS_READ_ONLY : 0;
}

/* Removes everything below, without recursion: the deepest first entry goes each time. */
static void tmpfs_destroy(struct fs *base)
{
    struct tmp_node *dir = tmp_node(base->root);

    for (;;) {
        struct tmp_entry *e = dir->dir.first;
        if (e && vnode_is(&e->node->v, VFS_S_DIRECTORY) && e->node->dir.first) {
            dir = e->node;
        } else if (e) {
            struct name name = {e->text, e->length};
            tmpfs_unlink(&dir->v, name, &e->node->v);
        } else if (&dir->v != base->root) {
            dir = tmp_node(dir->v.parent);
        } else {
            break;
        }
    }
    node_free(dir);
    free(base);
}

static const struct fs_ops ops = {
    .lookup = tmpfs_lookup,
    .next = dir_next,
    .make = tmpfs_make,
    .symlink = tmpfs_symlink,
    .link = tmpfs_link,
    .unlink = tmpfs_unlink,
    .rename = tmpfs_rename,
    .empty = tmpfs_empty,
    .readlink = tmpfs_readlink,
    .read = content_read,
    .write = content_write,
    .resize = content_resize,
    .seek = content_seek,
    .map = content_map,
    .page = content_page,
    .drop = tmpfs_drop,
    .statfs = tmpfs_statfs,
    .destroy = tmpfs_destroy,
};

struct fs *tmpfs_new(uint16_t number, uint64_t budget, uint32_t root_mode)
{
    struct tmpfs *fs = calloc(1, sizeof *fs);

    if (!fs)
        return NULL;
    fs->fs = (struct fs){.ops = &ops, .number = number, .file_max = UINT64_C(1) << 46};
    fs->budget = budget;
    fs->next_ino = 1;
    struct tmp_node *root = node_new(fs, VFS_S_DIRECTORY | root_mode, (struct owner){0, 0});
    if (!root) {
        free(fs);
        return NULL;
    }
    root->v.links = 2;
    root->v.parent = &root->v;
    fs->fs.root = &root->v;
    return &fs->fs;
}

uint64_t tmpfs_used(const struct fs *fs)
{
    return ((const struct tmpfs *)fs)->used;
}

void tmpfs_fix(struct vnode *file, const void *bytes, uint64_t size)
{
    tmp_node(file)->fixed = bytes;
    file->size = size;
    file->blocks = (size + 511) / 512;
}
