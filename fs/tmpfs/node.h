/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TMPFS_NODE_H
#define TMPFS_NODE_H

#include "tmpfs.h"

struct tmpfs {
    struct fs fs;
    uint64_t used, budget; /* bytes */
    uint64_t next_ino;
};

/*
 * Content: a tree of tables with 64 places each.  Height 0: `top` is the page of offset 0 itself; a NULL is a hole.
 *
 *   height 1:  top -> [ page | hole | page | ... 64 ]
 *   height 2:  top -> [ table | NULL | ... 64 ] -> pages
 */
struct content {
    void *top;
    unsigned height;
};

struct tmp_entry {
    struct tmp_entry *hash_next;
    struct tmp_entry *next, *prev; /* in the order of cookies */
    struct tmp_node *node;
    uint64_t cookie;
    uint32_t hash;
    uint16_t length;
    char text[];
};

struct tmp_dir {
    struct tmp_entry **bucket;
    uint32_t buckets, count;
    struct tmp_entry *first, *last;
    struct tmp_entry *hint; /* where a listing was last: next in it is found without a search */
    uint64_t next_cookie;
};

struct tmp_node {
    struct vnode v;
    struct file_memory *memory; /* of a file that was mapped; NULL: it was not */
    const unsigned char *fixed; /* content of a file that lies elsewhere and never changes; then `content` is empty */
    union {
        struct content content;
        struct tmp_dir dir;
        struct name target;
    };
};

static inline struct tmp_node *tmp_node(struct vnode *v)
{
    return (struct tmp_node *)v;
}

static inline struct tmpfs *tmpfs_of(const struct vnode *v)
{
    return (struct tmpfs *)v->fs;
}

/* malloc and free within the budget.  NULL: no space. */
void *tmp_alloc(struct tmpfs *fs, size_t bytes);
void tmp_free(struct tmpfs *fs, void *pointer, size_t bytes);

/* content.c */
size_t content_read(struct vnode *v, uint64_t offset, size_t want, const void **at);
size_t content_write(struct vnode *v, uint64_t offset, size_t want, void **at);
enum vfs_status content_resize(struct vnode *v, uint64_t size);
uint64_t content_seek(struct vnode *v, uint64_t offset, bool hole);
/* All pages from this one on go; those that lie in the file's Memory are its. */
void content_cut(struct tmp_node *node, uint64_t first_page);
enum vfs_status content_map(struct vnode *v, struct file_memory **out);
bool content_page(struct vnode *v, uint64_t page);
/* The file ends. */
void content_free(struct tmp_node *node);

/* dir.c */
struct tmp_entry *dir_find(const struct tmp_node *dir, struct name name);
bool dir_next(struct vnode *dir, uint64_t cookie, struct entry *out);
/* Not linked yet: nothing that follows can fail. */
struct tmp_entry *dir_reserve(struct tmp_node *dir, struct name name);
void dir_insert(struct tmp_node *dir, struct tmp_entry *entry, struct tmp_node *node);
void dir_remove(struct tmp_node *dir, struct tmp_entry *entry);
void dir_free(struct tmp_node *dir);

#endif
