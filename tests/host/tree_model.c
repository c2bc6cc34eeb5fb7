/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree_model.h"

#include <stdio.h>
#include <string.h>

struct found {
    int dir, node; /* dir -1: no name; node -1: it is not there */
    char name[300];
    bool slash;
};

void model_start(struct model *m)
{
    memset(m, 0, sizeof *m);
    m->node[0].type = M_DIR;
    m->node[0].links = 2;
}

static int slot_of(const struct model *m, int dir, const char *name)
{
    for (unsigned i = 0; i < MODEL_ENTRIES; i++)
        if (m->node[dir].entry[i].name[0] != '\0' && strcmp(m->node[dir].entry[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int child_of(const struct model *m, int dir, const char *name)
{
    int slot = slot_of(m, dir, name);

    return slot < 0 ? -1 : m->node[dir].entry[slot].node;
}

/* Resolves `path` from `dir`; links are pasted in. */
static enum vfs_status resolve(struct model *m, int dir, const char *path, bool follow, bool may_miss, unsigned *links,
                               struct found *out)
{
    char rest[4096], name[300], pasted[8192];

    snprintf(rest, sizeof rest, "%s", path);
    if (path[0] == '\0')
        return VFS_E_NOT_FOUND;
    if (path[0] == '/')
        dir = 0;
    for (char *p = rest;;) {
        p += strspn(p, "/");
        if (*p == '\0') {
            if (m->node[dir].type != M_DIR)
                return VFS_E_NOT_DIRECTORY;
            *out = (struct found){.dir = -1, .node = dir, .slash = true};
            return VFS_OK;
        }
        size_t n = strcspn(p, "/");
        if (m->node[dir].type != M_DIR)
            return VFS_E_NOT_DIRECTORY;
        if (n > VFS_NAME_MAX)
            return VFS_E_NAME_TOO_LONG;
        memcpy(name, p, n);
        name[n] = '\0';
        p += n;
        bool last = p[strspn(p, "/")] == '\0', slash = last && *p == '/';
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            dir = dir == 0 || m->node[dir].parent < 0 ? dir : m->node[dir].parent;
            continue;
        }
        int node = child_of(m, dir, name);
        if (node < 0 && !(last && may_miss))
            return VFS_E_NOT_FOUND;
        if (node >= 0 && m->node[node].type == M_LINK && (!last || slash || follow)) {
            if (++*links > VFS_LINKS_MAX)
                return VFS_E_LOOP;
            snprintf(pasted, sizeof pasted, "%s%s", m->node[node].text, p);
            return resolve(m, dir, pasted, follow, may_miss, links, out);
        }
        if (node >= 0 && slash && m->node[node].type != M_DIR)
            return VFS_E_NOT_DIRECTORY;
        if (last) {
            *out = (struct found){.dir = dir, .node = node, .slash = slash};
            strcpy(out->name, name);
            return VFS_OK;
        }
        dir = node;
    }
}

static enum vfs_status find(struct model *m, const char *path, bool follow, bool may_miss, struct found *out)
{
    unsigned links = 0;

    return resolve(m, 0, path, follow, may_miss, &links, out);
}

static void enter(struct model *m, int dir, const char *name, int node)
{
    for (unsigned i = 0; i < MODEL_ENTRIES; i++) {
        if (m->node[dir].entry[i].name[0] != '\0')
            continue;
        snprintf(m->node[dir].entry[i].name, sizeof m->node[dir].entry[i].name, "%s", name);
        m->node[dir].entry[i].node = node;
        return;
    }
}

static int make(struct model *m, const struct found *f, enum model_type type)
{
    int i = 1;

    while (m->node[i].type != M_FREE)
        i++;
    memset(&m->node[i], 0, sizeof m->node[i]);
    m->node[i].type = type;
    m->node[i].links = type == M_DIR ? 2 : 1;
    m->node[i].parent = f->dir;
    m->node[f->dir].links += type == M_DIR;
    enter(m, f->dir, f->name, i);
    return i;
}

static void drop(struct model *m, int node)
{
    if (m->node[node].type == M_DIR || --m->node[node].links == 0)
        m->node[node].type = M_FREE;
}

static bool empty(const struct model *m, int dir)
{
    for (unsigned i = 0; i < MODEL_ENTRIES; i++)
        if (m->node[dir].entry[i].name[0] != '\0')
            return false;
    return true;
}

enum vfs_status model_find(struct model *m, const char *path, bool follow, int *node)
{
    struct found f;
    enum vfs_status status = find(m, path, follow, false, &f);

    *node = status == VFS_OK ? f.node : -1;
    return status;
}

enum vfs_status model_open(struct model *m, const char *path, uint64_t flags, int *node)
{
    bool create = (flags & VFS_O_CREATE) != 0, exclusive = create && (flags & VFS_O_EXCLUSIVE) != 0;
    struct found f;
    enum vfs_status status = find(m, path, !exclusive && (flags & VFS_O_NOFOLLOW) == 0, create, &f);

    if (status != VFS_OK)
        return status;
    *node = f.node;
    if (f.node < 0) {
        if (f.slash)
            return VFS_E_IS_DIRECTORY;
        *node = make(m, &f, M_FILE);
        return VFS_OK;
    }
    if (exclusive)
        return VFS_E_EXISTS;
    if (m->node[f.node].type == M_LINK)
        return VFS_E_LOOP;
    if (m->node[f.node].type == M_DIR)
        return create || (flags & VFS_O_ACCESS) != VFS_O_RDONLY || (flags & VFS_O_TRUNCATE) != 0 ? VFS_E_IS_DIRECTORY
                                                                                                 : VFS_OK;
    if ((flags & VFS_O_DIRECTORY) != 0)
        return VFS_E_NOT_DIRECTORY;
    if ((flags & VFS_O_TRUNCATE) != 0 && (flags & VFS_O_ACCESS) != VFS_O_RDONLY) {
        m->node[f.node].size = 0;
        memset(m->node[f.node].bytes, 0, MODEL_BYTES);
    }
    return VFS_OK;
}

enum vfs_status model_mkdir(struct model *m, const char *path)
{
    struct found f;
    enum vfs_status status = find(m, path, false, true, &f);

    if (status != VFS_OK)
        return status;
    if (f.node >= 0)
        return VFS_E_EXISTS;
    make(m, &f, M_DIR);
    return VFS_OK;
}

enum vfs_status model_symlink(struct model *m, const char *path, const char *text)
{
    struct found f;
    if (text[0] == '\0')
        return VFS_E_NOT_FOUND;
    enum vfs_status status = find(m, path, false, true, &f);
    if (status != VFS_OK)
        return status;
    if (f.node >= 0)
        return VFS_E_EXISTS;
    if (f.slash)
        return VFS_E_NOT_FOUND;
    strcpy(m->node[make(m, &f, M_LINK)].text, text);
    return VFS_OK;
}

enum vfs_status model_link(struct model *m, const char *old, const char *path, bool follow)
{
    struct found o, f;
    enum vfs_status status = find(m, old, follow, false, &o);

    if (status == VFS_OK)
        status = find(m, path, false, true, &f);
    if (status != VFS_OK)
        return status;
    if (f.node >= 0)
        return VFS_E_EXISTS;
    if (f.slash)
        return VFS_E_NOT_FOUND;
    if (m->node[o.node].type == M_DIR)
        return VFS_E_NOT_PERMITTED;
    m->node[o.node].links++;
    enter(m, f.dir, f.name, o.node);
    return VFS_OK;
}

enum vfs_status model_unlink(struct model *m, const char *path, bool directory)
{
    struct found f;
    enum vfs_status status = find(m, path, false, false, &f);

    if (status != VFS_OK)
        return status;
    if (f.dir < 0)
        return directory ? VFS_E_BUSY : VFS_E_IS_DIRECTORY; /* one of BUSY, INVALID, NOT_EMPTY */
    if ((m->node[f.node].type == M_DIR) != directory)
        return directory ? VFS_E_NOT_DIRECTORY : VFS_E_IS_DIRECTORY;
    if (directory && !empty(m, f.node))
        return VFS_E_NOT_EMPTY;
    m->node[f.dir].entry[slot_of(m, f.dir, f.name)].name[0] = '\0';
    m->node[f.dir].links -= directory;
    drop(m, f.node);
    return VFS_OK;
}

static bool inside(const struct model *m, int dir, int above)
{
    while (dir != above && dir != 0)
        dir = m->node[dir].parent;
    return dir == above;
}

static enum vfs_status may_rename(const struct model *m, const struct found *o, const struct found *f, uint64_t flags)
{
    bool directory = m->node[o->node].type == M_DIR, exchange = (flags & VFS_EXCHANGE) != 0;

    if (o->dir < 0 || f->dir < 0)
        return VFS_E_BUSY;
    if ((flags & VFS_NO_REPLACE) != 0 && f->node >= 0)
        return VFS_E_EXISTS;
    if (exchange && f->node < 0)
        return VFS_E_NOT_FOUND;
    if ((o->slash || f->slash) && !directory)
        return VFS_E_NOT_DIRECTORY;
    if (directory && inside(m, f->dir, o->node))
        return VFS_E_INVALID;
    if (exchange)
        return m->node[f->node].type == M_DIR && inside(m, o->dir, f->node) ? VFS_E_INVALID : VFS_OK;
    if (f->node < 0 || f->node == o->node)
        return VFS_OK;
    if (directory != (m->node[f->node].type == M_DIR))
        return directory ? VFS_E_NOT_DIRECTORY : VFS_E_IS_DIRECTORY;
    return directory && !empty(m, f->node) ? VFS_E_NOT_EMPTY : VFS_OK;
}

enum vfs_status model_rename(struct model *m, const char *old, const char *path, uint64_t flags)
{
    struct found o, f;
    enum vfs_status status = find(m, old, false, false, &o);

    if (status == VFS_OK)
        status = find(m, path, false, true, &f);
    if (status == VFS_OK)
        status = may_rename(m, &o, &f, flags);
    if (status != VFS_OK || o.node == f.node)
        return status;
    int here = slot_of(m, o.dir, o.name), there = slot_of(m, f.dir, f.name);
    bool directory = m->node[o.node].type == M_DIR;
    m->node[o.dir].links -= directory;
    m->node[f.dir].links += directory;
    if (directory)
        m->node[o.node].parent = f.dir;
    if ((flags & VFS_EXCHANGE) != 0) {
        if (m->node[f.node].type == M_DIR) {
            m->node[f.dir].links--;
            m->node[o.dir].links++;
            m->node[f.node].parent = o.dir;
        }
        m->node[o.dir].entry[here].node = f.node;
        m->node[f.dir].entry[there].node = o.node;
        return VFS_OK;
    }
    m->node[o.dir].entry[here].name[0] = '\0';
    if (there >= 0) {
        m->node[f.dir].links -= directory;
        m->node[f.dir].entry[there].node = o.node;
        drop(m, f.node);
    } else {
        enter(m, f.dir, f.name, o.node);
    }
    return VFS_OK;
}
