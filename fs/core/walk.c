/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path resolution (POSIX.1-2017, 4.13).  Symbolic links are not pasted into the path: their content is a frame on top of
 * what is left of the path, so that nothing is copied and no length can overflow.
 */
#include <fs/tree.h>
#include <str.h>

struct frame {
    const char *at, *end;
};

struct walk {
    const struct origin *from;
    struct vnode *at;
    struct frame frame[VFS_LINKS_MAX + 1];
    unsigned depth;    /* frames below the current one */
    unsigned followed; /* links on the whole way */
};

/* What is seen of a directory: the root of what is mounted on it. */
static struct vnode *above_mounts(struct vnode *node)
{
    while (node->mounted)
        node = node->mounted;
    return node;
}

static struct vnode *parent_of(const struct vnode *root, struct vnode *dir)
{
    if (dir == root)
        return dir;
    while (dir == dir->fs->root && dir->fs->covered && dir != root)
        dir = dir->fs->covered;
    if (dir == root)
        return dir;
    return dir->parent ? above_mounts(dir->parent) : dir;
}

static inline void skip_slashes(struct frame *f)
{
    while (f->at < f->end && *f->at == '/')
        f->at++;
}

/* Is this the last part of the whole path?  Frames below have slashes at most. */
static bool nothing_left(struct walk *w)
{
    for (unsigned i = 0; i <= w->depth; i++) {
        struct frame *f = &w->frame[i];
        if (i == w->depth || f->at < f->end) {
            const char *p = f->at;
            while (p < f->end && *p == '/')
                p++;
            if (p < f->end)
                return false;
        }
    }
    return true;
}

static bool slash_left(const struct walk *w)
{
    for (unsigned i = 0; i <= w->depth; i++)
        if (w->frame[i].at < w->frame[i].end)
            return true;
    return false;
}

static enum vfs_status follow(struct walk *w, struct vnode *link)
{
    struct name text = link->fs->ops->readlink(link);

    if (++w->followed > VFS_LINKS_MAX)
        return VFS_E_LOOP;
    if (text.length == 0)
        return VFS_E_NOT_FOUND;
    /* A frame that is used up is replaced: a chain of links needs one. */
    if (w->frame[w->depth].at < w->frame[w->depth].end)
        w->depth++;
    w->frame[w->depth] = (struct frame){text.text, text.text + text.length};
    if (text.text[0] == '/')
        w->at = w->from->root;
    return VFS_OK;
}

static bool name_is_dots(const struct name *name)
{
    return name->text[0] == '.' && (name->length == 1 || (name->length == 2 && name->text[1] == '.'));
}

/* The next part; false: there is none. */
static bool next_part(struct walk *w, struct name *name)
{
    struct frame *f = &w->frame[w->depth];

    for (;;) {
        skip_slashes(f);
        if (f->at < f->end)
            break;
        if (w->depth == 0)
            return false;
        f = &w->frame[--w->depth];
    }
    name->text = f->at;
    const char *slash = memchr(f->at, '/', (size_t)(f->end - f->at));
    f->at = slash ? slash : f->end;
    name->length = (size_t)(f->at - name->text);
    return true;
}

/* One part.  *done: it was the last one, and *out is filled. */
static enum vfs_status step(struct walk *w, const struct name *name, unsigned flags, struct place *out, bool *done)
{
    if (!vnode_is(w->at, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    if (name->length > VFS_NAME_MAX)
        return VFS_E_NAME_TOO_LONG;
    if (name_is_dots(name)) {
        if (name->length == 2)
            w->at = parent_of(w->from->root, w->at);
        return VFS_OK;
    }
    struct vnode *dir = w->at, *node = dir->fs->ops->lookup(dir, *name);
    bool last = nothing_left(w), slash = last && slash_left(w);
    if (!node) {
        if (!last || (flags & WALK_MAY_MISS) == 0)
            return VFS_E_NOT_FOUND;
    } else if (vnode_is(node, VFS_S_LINK) && (!last || slash || (flags & WALK_FOLLOW) != 0)) {
        return follow(w, node);
    } else {
        node = above_mounts(node);
        if (slash && !vnode_is(node, VFS_S_DIRECTORY))
            return VFS_E_NOT_DIRECTORY;
    }
    if (!last) {
        w->at = node;
        return VFS_OK;
    }
    *out = (struct place){.dir = dir, .node = node, .name = *name, .slash = slash};
    *done = true;
    return VFS_OK;
}

enum vfs_status tree_walk(const struct origin *from, const char *path, size_t length, unsigned flags, struct place *out)
{
    struct walk w;
    struct name name;
    bool done = false;

    if (length == 0)
        return VFS_E_NOT_FOUND;
    if (length > VFS_PATH_MAX)
        return VFS_E_NAME_TOO_LONG;
    if (memchr(path, '\0', length))
        return VFS_E_INVALID;
    w.from = from;
    w.at = path[0] == '/' ? from->root : from->start;
    w.depth = w.followed = 0;
    w.frame[0] = (struct frame){path, path + length};
    while (next_part(&w, &name)) {
        enum vfs_status status = step(&w, &name, flags, out, &done);
        if (status != VFS_OK || done)
            return status;
    }
    if (!vnode_is(w.at, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    *out = (struct place){.node = w.at, .slash = true};
    return VFS_OK;
}

struct vnode *tree_start(struct vnode *root, uint64_t number)
{
    if (number == 0 || number == root->number)
        return root;
    struct vnode *dir = vnode_find(number);
    if (!dir || !vnode_is(dir, VFS_S_DIRECTORY))
        return NULL;
    for (struct vnode *up = dir, *next; up != root; up = next) {
        next = parent_of(root, up);
        if (next == up)
            return NULL;
    }
    return dir;
}

/* The name of `dir` in its parent. */
static bool find_name(struct vnode *parent, const struct vnode *dir, struct entry *e)
{
    for (uint64_t cookie = FS_FIRST_COOKIE; parent->fs->ops->next(parent, cookie, e); cookie = e->cookie + 1)
        if (e->node == dir)
            return true;
    return false;
}

char *tree_path(const struct vnode *root, const struct vnode *dir, char *buf, size_t size)
{
    char *at = buf + size;
    struct entry e;

    while (dir != root) {
        while (dir == dir->fs->root && dir->fs->covered && dir != root)
            dir = dir->fs->covered;
        if (dir == root)
            break;
        if (!dir->parent || dir->parent == dir || !find_name(dir->parent, dir, &e) ||
            (size_t)(at - buf) < e.name.length + 1)
            return NULL;
        at -= e.name.length;
        memcpy(at, e.name.text, e.name.length);
        *--at = '/';
        dir = above_mounts(dir->parent);
    }
    if (at == buf + size && size > 0)
        *--at = '/';
    return at;
}
