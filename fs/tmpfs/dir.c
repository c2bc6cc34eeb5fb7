/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories: a hash table for names, and a list in the order of cookies, which are never used twice. */
#include <str.h>

#include "node.h"

#define FIRST_BUCKETS 8u

/* FNV-1a, 32 bits (Fowler, Noll, Vo). */
static uint32_t name_hash(struct name name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.length; i++)
        h = (h ^ (unsigned char)name.text[i]) * 16777619u;
    return h;
}

struct tmp_entry *dir_find(const struct tmp_node *dir, struct name name)
{
    if (dir->dir.buckets == 0)
        return NULL;
    uint32_t hash = name_hash(name);
    struct tmp_entry *e = dir->dir.bucket[hash & (dir->dir.buckets - 1)];
    while (e && (e->hash != hash || e->length != name.length || memcmp(e->text, name.text, name.length) != 0))
        e = e->hash_next;
    return e;
}

bool dir_next(struct vnode *v, uint64_t cookie, struct entry *out)
{
    struct tmp_dir *d = &tmp_node(v)->dir;
    struct tmp_entry *e = d->hint && d->hint->cookie <= cookie ? d->hint : d->first;

    while (e && e->cookie < cookie)
        e = e->next;
    if (!e)
        return false;
    d->hint = e;
    *out = (struct entry){.name = {e->text, e->length}, .node = &e->node->v, .cookie = e->cookie};
    return true;
}

/* Twice as many buckets.  Without memory for them the chains get longer. */
static void dir_grow(struct tmp_node *dir)
{
    struct tmp_dir *d = &dir->dir;
    struct tmpfs *fs = tmpfs_of(&dir->v);
    uint32_t buckets = d->buckets ? d->buckets * 2 : FIRST_BUCKETS;
    struct tmp_entry **grown = tmp_alloc(fs, buckets * sizeof(struct tmp_entry *));

    if (!grown)
        return;
    memset(grown, 0, buckets * sizeof(struct tmp_entry *));
    for (struct tmp_entry *e = d->first; e; e = e->next) {
        e->hash_next = grown[e->hash & (buckets - 1)];
        grown[e->hash & (buckets - 1)] = e;
    }
    if (d->bucket)
        tmp_free(fs, d->bucket, d->buckets * sizeof(struct tmp_entry *));
    d->bucket = grown;
    d->buckets = buckets;
}

struct tmp_entry *dir_reserve(struct tmp_node *dir, struct name name)
{
    if (dir->dir.count >= dir->dir.buckets)
        dir_grow(dir);
    if (dir->dir.buckets == 0)
        return NULL;
    struct tmp_entry *e = tmp_alloc(tmpfs_of(&dir->v), sizeof *e + name.length);
    if (!e)
        return NULL;
    e->hash = name_hash(name);
    e->length = (uint16_t)name.length;
    memcpy(e->text, name.text, name.length);
    return e;
}

void dir_insert(struct tmp_node *dir, struct tmp_entry *entry, struct tmp_node *node)
{
    struct tmp_dir *d = &dir->dir;
    struct tmp_entry **bucket = &d->bucket[entry->hash & (d->buckets - 1)];

    entry->node = node;
    entry->cookie = d->next_cookie++;
    entry->hash_next = *bucket;
    *bucket = entry;
    entry->next = NULL;
    entry->prev = d->last;
    if (d->last)
        d->last->next = entry;
    else
        d->first = entry;
    d->last = entry;
    d->count++;
}

void dir_remove(struct tmp_node *dir, struct tmp_entry *entry)
{
    struct tmp_dir *d = &dir->dir;
    struct tmp_entry **at = &d->bucket[entry->hash & (d->buckets - 1)];

    while (*at != entry)
        at = &(*at)->hash_next;
    *at = entry->hash_next;
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        d->first = entry->next;
    if (entry->next)
        entry->next->prev = entry->prev;
    else
        d->last = entry->prev;
    if (d->hint == entry)
        d->hint = entry->prev;
    d->count--;
    tmp_free(tmpfs_of(&dir->v), entry, sizeof *entry + entry->length);
}

void dir_free(struct tmp_node *dir)
{
    if (dir->dir.bucket)
        tmp_free(tmpfs_of(&dir->v), dir->dir.bucket, dir->dir.buckets * sizeof(struct tmp_entry *));
    dir->dir.bucket = NULL;
    dir->dir.buckets = 0;
}
