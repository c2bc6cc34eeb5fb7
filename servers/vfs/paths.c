/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls with a path. */
#include <str.h>

#include "ttys.h"

#define PATHS_MAX (2u * VFS_PATH_MAX) /* two paths, or a path and a link's content */

struct vnode *tree_root;

/* What a call brings: bytes copied in, and where its paths begin. */
struct request {
    struct call *call;
    struct desc *desc;
    char *bytes;
    size_t length;
    struct origin from, to;
    const char *second; /* behind `first` bytes */
    size_t second_length;
};

static char buffer[PATHS_MAX + 1];

static enum vfs_status origin(struct desc *desc, uint64_t start, struct origin *out)
{
    out->root = desc->node;
    out->start = tree_start(desc->node, start);
    return out->start ? VFS_OK : VFS_E_STALE;
}

static enum vfs_status bring(struct request *r)
{
    uint64_t length = r->call->word[7];

    if (r->call->label == VFS_STAT_FEW || r->call->label == VFS_OPEN_FEW) {
        if (length > VFS_PATH_FEW)
            return VFS_E_INVALID;
        r->bytes = (char *)&r->call->word[2];
        r->length = length;
        return origin(r->desc, r->call->word[0], &r->from);
    }

    if (length > sizeof buffer - 1)
        return VFS_E_NAME_TOO_LONG;
    int64_t got = length > 0 ? port_copy_in(r->call->reply, 0, buffer, length) : 0;
    if (got < 0)
        return status_of(got);
    if ((uint64_t)got != length)
        return VFS_E_FAULT;
    r->bytes = buffer;
    r->length = length;
    return origin(r->desc, r->call->word[0], &r->from);
}

/* Splits the bytes in two; the second path begins at word 2 where that says so. */
static enum vfs_status split(struct request *r, bool two_starts)
{
    uint64_t first = r->call->word[1];

    if (first > r->length)
        return VFS_E_INVALID;
    r->second = r->bytes + first;
    r->second_length = r->length - first;
    r->length = first;
    r->to = r->from;
    return two_starts ? origin(r->desc, r->call->word[2], &r->to) : VFS_OK;
}

static struct owner owner_of(const struct call *call)
{
    return (struct owner){(uint32_t)call->word[3], (uint32_t)(call->word[3] >> 32)};
}

enum outcome open_answer(struct call *call, struct desc *desc)
{
    struct vnode *node = desc->node;

    call->out[VFS_OPEN_NUMBER] = node->number;
    call->out[VFS_OPEN_MODE] = node->mode;
    call->out[VFS_OPEN_SIZE] = node->size;
    call->out[VFS_OPEN_TOKEN] = desc->token;
    (void)desc_hand_out(call, desc);
    return ANSWER;
}

static enum vfs_status describe(struct request *r, struct vnode *node, uint64_t flags, struct desc **out,
                                struct queue **queue)
{
    const struct file_ops *ops = &node_ops;

    if ((flags & VFS_O_PATH) != 0 || vnode_is(node, VFS_S_DIRECTORY))
        ops = &place_ops;
    else if (vnode_is(node, VFS_S_CHAR))
        ops = device_ops(node->device);
    else if (vnode_is(node, VFS_S_FIFO)) {
        bool wait = false;
        enum vfs_status status = fifo_open(node, flags, out, &wait, queue);
        r->call->held = wait ? *out : NULL;
        return status;
    }
    if (!ops)
        return VFS_E_NO_DEVICE;
    *out = desc_new(ops, flags, node);
    if (!*out)
        return VFS_E_TOO_MANY;
    enum vfs_status status = ops->open ? ops->open(*out) : VFS_OK;
    if (status != VFS_OK) {
        (*out)->ops = &node_ops;
        desc_free(*out);
    }
    return status;
}

#define KEPT_FLAGS                                                                                                     \
    (VFS_O_ACCESS | VFS_O_APPEND | VFS_O_NONBLOCK | VFS_O_DIRECTORY | VFS_O_PATH | VFS_O_SEALED | VFS_O_NOFOLLOW)

static enum vfs_status call_open(struct request *r, enum outcome *outcome, struct queue **queue)
{
    const struct call *call = r->call;
    uint64_t flags = call->word[1] | (r->desc->flags & VFS_O_SEALED);
    const struct creation c = {.mode = (uint32_t)call->word[2], .owner = owner_of(call)};
    struct vnode *node;
    struct desc *desc = NULL;

    if (call->label == VFS_OPEN_FEW && (flags & VFS_O_CREATE) != 0)
        return VFS_E_INVALID;
    if ((flags & VFS_O_SEALED) != 0 && (flags & VFS_O_PATH) == 0 &&
        ((flags & VFS_O_ACCESS) != VFS_O_RDONLY || (flags & (VFS_O_CREATE | VFS_O_TRUNCATE)) != 0))
        return VFS_E_DENIED;
    enum vfs_status status = tree_open(&r->from, r->bytes, r->length, flags, &c, &node);
    if (status == VFS_OK)
        status = describe(r, node, flags & KEPT_FLAGS, &desc, queue);
    if (status != VFS_OK)
        return status;
    *outcome = r->call->held ? WAIT : open_answer(r->call, desc);
    return (enum vfs_status)r->call->status;
}

/* The node of a path; with VFS_EMPTY_PATH perhaps where the path begins. */
static enum vfs_status find(const struct request *r, uint64_t flags, struct vnode **out)
{
    struct place p;

    if (r->length == 0 && (flags & VFS_EMPTY_PATH) != 0) {
        *out = r->from.start;
        return VFS_OK;
    }
    enum vfs_status status =
        tree_walk(&r->from, r->bytes, r->length, (flags & VFS_NOFOLLOW) != 0 ? 0 : WALK_FOLLOW, &p);
    *out = p.node;
    return status;
}

static enum vfs_status call_stat(struct request *r)
{
    struct vnode *node;
    enum vfs_status status = find(r, r->call->word[1], &node);

    if (status == VFS_OK)
        vnode_attr(node, (struct vfs_attr *)r->call->out);
    return status;
}

static enum vfs_status call_setattr(struct request *r)
{
    const uint64_t *word = r->call->word;
    const struct setattr set = {.what = word[1] & ~(VFS_NOFOLLOW | VFS_EMPTY_PATH),
                                .mode = word[2],
                                .owner = word[3],
                                .size = word[4],
                                .atime = (int64_t)word[5],
                                .mtime = (int64_t)word[6]};
    struct vnode *node;
    enum vfs_status status = find(r, word[1], &node);

    return status == VFS_OK ? node_setattr(node, &set) : status;
}

static enum vfs_status answer_text(struct request *r, const char *text, size_t length)
{
    uint64_t room = r->call->word[6];
    size_t part = length < room ? length : (size_t)room;
    int64_t given = part > 0 ? port_copy_out(r->call->reply, 0, text, part) : 0;

    r->call->out[0] = length;
    return given < 0 ? status_of(given) : VFS_OK;
}

static enum vfs_status call_readlink(struct request *r)
{
    struct vnode *node;
    enum vfs_status status = find(r, (r->call->word[1] & VFS_EMPTY_PATH) | VFS_NOFOLLOW, &node);

    if (status != VFS_OK)
        return status;
    if (!vnode_is(node, VFS_S_LINK))
        return VFS_E_INVALID;
    struct name text = node->fs->ops->readlink(node);
    return answer_text(r, text.text, text.length);
}

static enum vfs_status call_getpath(struct request *r)
{
    char *path = tree_path(r->from.root, r->from.start, buffer, sizeof buffer);

    return path ? answer_text(r, path, (size_t)(buffer + sizeof buffer - path)) : VFS_E_NOT_FOUND;
}

static enum vfs_status call_make(struct request *r)
{
    bool directory = r->call->label == VFS_MKDIR;
    struct creation c = {.mode = (uint32_t)r->call->word[2], .owner = owner_of(r->call)};
    struct vnode *node;

    if (directory)
        c.mode = (c.mode & ~VFS_S_TYPE) | VFS_S_DIRECTORY;
    else if ((c.mode & VFS_S_TYPE) == VFS_S_DIRECTORY)
        return VFS_E_INVALID;
    return tree_make(&r->from, r->bytes, r->length, &c, &node);
}

static enum vfs_status call_statfs(struct request *r)
{
    struct vnode *node;
    enum vfs_status status = find(r, r->call->word[1], &node);

    if (status == VFS_OK)
        node->fs->ops->statfs(node->fs, r->call->out);
    return status;
}

static enum vfs_status call_two(struct request *r)
{
    enum vfs_status status = split(r, r->call->label != VFS_SYMLINK);
    uint64_t flags = r->call->word[3];

    if (status != VFS_OK)
        return status;
    switch (r->call->label) {
    case VFS_SYMLINK:
        return tree_symlink(&r->from, r->bytes, r->length, (struct name){r->second, r->second_length},
                            owner_of(r->call));
    case VFS_LINK:
        return tree_link(&r->from, r->bytes, r->length, &r->to, r->second, r->second_length,
                         (flags & VFS_NOFOLLOW) == 0);
    default:
        return tree_rename(&r->from, r->bytes, r->length, &r->to, r->second, r->second_length, flags);
    }
}

static enum vfs_status call_bind(struct request *r)
{
    const struct creation c = {.mode = VFS_S_SOCKET | ((uint32_t)r->call->word[2] & 07777), .owner = owner_of(r->call)};
    struct vnode *name;

    if (!socket_may_bind(r->call->word[1]))
        return VFS_E_INVALID;
    enum vfs_status status = tree_make(&r->from, r->bytes, r->length, &c, &name);
    if (status != VFS_OK)
        return status == VFS_E_EXISTS ? VFS_E_ADDRESS_IN_USE : status;
    return socket_bind(r->call->word[1], name);
}

static enum vfs_status call_connect(struct request *r)
{
    struct vnode *name;
    enum vfs_status status = find(r, 0, &name);

    return status == VFS_OK ? socket_connect(r->call->word[1], name) : status;
}

/* MOUNT takes what needs nothing but memory; other file systems are mounted at the start. */
static enum vfs_status call_mount(struct request *r)
{
    struct vnode *on;
    enum vfs_status status = split(r, false);

    if (status == VFS_OK)
        status = find(r, 0, &on);
    if (status != VFS_OK)
        return status;
    struct fs *fs = fs_from_words(r->second, r->second_length);
    if (!fs)
        return VFS_E_INVALID;
    fs->read_only = (r->call->word[2] & VFS_MOUNT_READ_ONLY) != 0;
    status = tree_mount(fs, on);
    if (status != VFS_OK)
        fs->ops->destroy(fs);
    return status;
}

static enum vfs_status call_unmount(struct request *r)
{
    struct vnode *root;
    enum vfs_status status = find(r, 0, &root);

    if (status == VFS_OK && ttys_devices && root == ttys_devices->root)
        status = VFS_E_BUSY; /* the server's own */
    return status == VFS_OK ? tree_unmount(root) : status;
}

static bool changes(uint64_t label)
{
    return label == VFS_SETATTR || label == VFS_BIND || (label >= VFS_MKNOD && label <= VFS_RENAME);
}

enum outcome path_call(struct call *call, struct desc *desc, struct queue **queue)
{
    struct request r = {.call = call, .desc = desc};
    enum outcome outcome = ANSWER;
    enum vfs_status status;

    if (!desc->node || !vnode_is(desc->node, VFS_S_DIRECTORY)) {
        call_fail(call, VFS_E_NOT_DIRECTORY);
        return ANSWER;
    }
    status = changes(call->label) && (desc->flags & VFS_O_SEALED) != 0 ? VFS_E_DENIED : bring(&r);
    if (status == VFS_OK) {
        switch (call->label) {
        case VFS_OPEN:
        case VFS_OPEN_FEW:
            status = call_open(&r, &outcome, queue);
            break;
        case VFS_STAT:
        case VFS_STAT_FEW:
            status = call_stat(&r);
            break;
        case VFS_SETATTR:
            status = call_setattr(&r);
            break;
        case VFS_READLINK:
            status = call_readlink(&r);
            break;
        case VFS_MKNOD:
        case VFS_MKDIR:
            status = call_make(&r);
            break;
        case VFS_SYMLINK:
        case VFS_LINK:
        case VFS_RENAME:
            status = call_two(&r);
            break;
        case VFS_UNLINK:
            status = tree_unlink(&r.from, r.bytes, r.length, (call->word[1] & VFS_REMOVE_DIR) != 0);
            break;
        case VFS_GETPATH:
            status = call_getpath(&r);
            break;
        case VFS_BIND:
            status = call_bind(&r);
            break;
        case VFS_CONNECT:
            status = call_connect(&r);
            break;
        case VFS_MOUNT:
            status = desc->service ? call_mount(&r) : VFS_E_DENIED;
            break;
        case VFS_UNMOUNT:
            status = desc->service ? call_unmount(&r) : VFS_E_DENIED;
            break;
        case VFS_STATFS:
            status = call_statfs(&r);
            break;
        default:
            status = VFS_E_NOT_SUPPORTED;
        }
    }
    if (status != VFS_OK)
        call_fail(call, status);
    return outcome;
}
