/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on a description; reading and writing of files. */
#include <fs/pages.h>
#include <mnos/object.h>
#include <str.h>

#include "ttys.h"

static bool may_read(const struct desc *desc)
{
    return (desc->flags & VFS_O_PATH) == 0 && (desc->flags & VFS_O_ACCESS) != VFS_O_WRONLY;
}

static bool may_write(const struct desc *desc)
{
    return (desc->flags & VFS_O_PATH) == 0 && (desc->flags & VFS_O_ACCESS) != VFS_O_RDONLY;
}

/* Kept up so that it tells whether a file was read since it was written, and on which day. */
static void touch_read(struct vnode *node)
{
    if (node->atime > node->mtime && node->atime > node->ctime)
        return;
    if (!node->fs->read_only)
        node->atime = fs_now();
}

static enum outcome node_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct vnode *node = desc->node;
    bool here = call->word[1] == VFS_HERE;
    uint64_t offset = here ? desc->offset : call->word[1], done = 0;
    int64_t got = 0;

    (void)queue;
    if (offset > INT64_MAX) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (offset < node->size && count > node->size - offset)
        count = node->size - offset;
    if (offset >= node->size)
        count = 0;
    while (done < count) {
        const void *at;
        size_t part = node->fs->ops->read(node, offset + done, (size_t)(count - done), &at);
        got = call_give(call, done, at, part);
        if (got <= 0)
            break;
        done += (uint64_t)got;
        if ((size_t)got < part)
            break;
    }
    if (here)
        desc->offset = offset + done;
    if (done > 0)
        touch_read(node);
    call->out[0] = done;
    return call_bytes(call, done, got);
}

static enum outcome node_write(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    struct vnode *node = desc->node;
    bool here = call->word[1] == VFS_HERE;
    uint64_t offset = here ? desc->offset : call->word[1], done = 0, max = node->fs->file_max;
    enum vfs_status status = VFS_OK;

    (void)queue;
    if ((desc->flags & VFS_O_APPEND) != 0)
        offset = node->size;
    if (offset > INT64_MAX)
        status = VFS_E_INVALID;
    else if (offset >= max && count > 0)
        status = VFS_E_FILE_TOO_BIG;
    else if (count > max - offset)
        count = max - offset;
    while (status == VFS_OK && done < count) {
        void *at;
        size_t part = node->fs->ops->write(node, offset + done, (size_t)(count - done), &at);
        int64_t got = part > 0 ? call_take(call, done, at, part) : 0;
        if (part == 0)
            status = VFS_E_NO_SPACE;
        else if (got < 0)
            status = status_of(got);
        else
            done += (uint64_t)got;
        if ((size_t)got < part)
            break;
    }
    if (done > 0 && offset + done > node->size) {
        enum vfs_status grown = node->fs->ops->resize(node, offset + done);
        if (grown != VFS_OK) { /* only where it is mapped */
            (void)node->fs->ops->resize(node, node->size);
            done = 0;
            status = grown;
        }
    }
    if (done > 0) {
        node->mtime = node->ctime = fs_now();
        if (here)
            desc->offset = offset + done;
    }
    call->out[0] = done;
    call->out[1] = status == VFS_OK && call->stopped;
    if (done == 0 && status != VFS_OK)
        call_fail(call, status);
    return ANSWER;
}

static enum outcome place_read(struct call *call, struct desc *desc, uint64_t count, struct queue **queue)
{
    (void)count, (void)queue;
    call_fail(call, (desc->flags & VFS_O_PATH) == 0 ? VFS_E_IS_DIRECTORY : VFS_E_BAD_MODE);
    return ANSWER;
}

static uint64_t node_bytes(struct desc *desc)
{
    return desc->offset < desc->node->size ? desc->node->size - desc->offset : 0;
}

const struct file_ops node_ops = {.read = node_read, .write = node_write, .bytes = node_bytes, .seeks = true};
const struct file_ops place_ops = {.read = place_read, .write = place_read, .seeks = true};

static enum outcome do_read(struct call *call, struct desc *desc, struct queue **queue)
{
    bool few = call->label == VFS_READ_FEW;

    if (!may_read(desc)) {
        call_fail(call, VFS_E_BAD_MODE);
        return ANSWER;
    }
    if (few && call->word[0] > VFS_READ_FEW_MAX) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (call->word[1] != VFS_HERE && !desc->ops->seeks) {
        call_fail(call, VFS_E_NOT_SEEKABLE);
        return ANSWER;
    }
    return desc->ops->read(call, desc, call->word[0], queue);
}

static enum outcome do_write(struct call *call, struct desc *desc, struct queue **queue)
{
    if (!may_write(desc)) {
        call_fail(call, VFS_E_BAD_MODE);
        return ANSWER;
    }
    if (call->label == VFS_WRITE_FEW && call->word[0] > VFS_WRITE_FEW_MAX) {
        call_fail(call, VFS_E_INVALID);
        return ANSWER;
    }
    if (call->word[1] != VFS_HERE && !desc->ops->seeks) {
        call_fail(call, VFS_E_NOT_SEEKABLE);
        return ANSWER;
    }
    return desc->ops->write(call, desc, call->word[0], queue);
}

static enum vfs_status seek_data(const struct desc *desc, uint64_t from, bool hole, uint64_t *out)
{
    struct vnode *node = desc->node;

    if (from >= node->size)
        return VFS_E_NO_DEVICE;
    *out = node->fs->ops->seek ? node->fs->ops->seek(node, from, hole) : hole ? node->size : from;
    return *out == UINT64_MAX ? VFS_E_NO_DEVICE : VFS_OK;
}

static enum vfs_status do_seek(struct call *call, struct desc *desc)
{
    uint64_t by = call->word[0], base = 0, to;
    enum vfs_status status = VFS_OK;

    if (!desc->ops->seeks || !desc->node)
        return VFS_E_NOT_SEEKABLE;
    if ((desc->flags & VFS_O_PATH) != 0)
        return VFS_E_BAD_MODE;
    switch (call->word[1]) {
    case VFS_SEEK_SET:
        break;
    case VFS_SEEK_CUR:
        base = desc->offset;
        break;
    case VFS_SEEK_END:
        base = vnode_is(desc->node, VFS_S_FILE) ? desc->node->size : 0;
        break;
    case VFS_SEEK_DATA:
    case VFS_SEEK_HOLE:
        if (!vnode_is(desc->node, VFS_S_FILE) || by > INT64_MAX)
            return vnode_is(desc->node, VFS_S_FILE) ? VFS_E_NO_DEVICE : VFS_E_INVALID;
        status = seek_data(desc, by, call->word[1] == VFS_SEEK_HOLE, &to);
        if (status != VFS_OK)
            return status;
        by = to;
        break;
    default:
        return VFS_E_INVALID;
    }
    to = base + by;
    if (to > INT64_MAX)
        return VFS_E_INVALID;
    desc->offset = call->out[0] = to;
    return VFS_OK;
}

static enum vfs_status do_setattr(struct call *call, struct desc *desc)
{
    const uint64_t *word = call->word;
    const struct setattr set = {.what = word[1],
                                .mode = word[2],
                                .owner = word[3],
                                .size = word[4],
                                .atime = (int64_t)word[5],
                                .mtime = (int64_t)word[6]};

    if ((desc->flags & VFS_O_SEALED) != 0)
        return VFS_E_DENIED;
    if (!desc->node)
        return VFS_E_INVALID;
    if ((desc->flags & VFS_O_PATH) != 0)
        return VFS_E_BAD_MODE;
    if ((set.what & VFS_SET_SIZE) != 0 && !may_write(desc))
        return VFS_E_INVALID;
    return node_setattr(desc->node, &set);
}

#define LIST_BYTES 8192u

static enum vfs_status do_list(struct call *call, struct desc *desc)
{
    static _Alignas(8) char list[LIST_BYTES];
    uint64_t position = desc->offset, room = call->word[0];
    enum vfs_status status;

    if (!desc->node || !vnode_is(desc->node, VFS_S_DIRECTORY))
        return VFS_E_NOT_DIRECTORY;
    if ((desc->flags & VFS_O_PATH) != 0)
        return VFS_E_BAD_MODE;
    size_t bytes =
        tree_list(desc->node, desc->node, &position, list, room < LIST_BYTES ? (size_t)room : LIST_BYTES, &status);
    if (status != VFS_OK)
        return status;
    int64_t given = bytes > 0 ? port_copy_out(call->reply, 0, list, bytes) : 0;
    if (given < 0)
        return status_of(given);
    if ((size_t)given != bytes)
        return VFS_E_FAULT;
    desc->offset = position;
    call->out[0] = bytes;
    return VFS_OK;
}

static enum vfs_status do_flags(struct call *call, struct desc *desc)
{
    uint64_t mask = call->word[0], may = VFS_O_APPEND | VFS_O_NONBLOCK;

    if ((mask & ~may) != 0)
        return VFS_E_INVALID;
    if (!desc->service)
        desc->flags = (desc->flags & ~mask) | (call->word[1] & mask);
    call->out[0] = desc->flags;
    call->out[1] = desc->node ? desc->node->mode : VFS_S_FIFO | 0600;
    call->out[2] = desc->service ? 0 : desc->token;
    return VFS_OK;
}

static enum vfs_status do_allocate(struct call *call, struct desc *desc)
{
    uint64_t offset = call->word[0], bytes = call->word[1], end;
    struct vnode *node = desc->node;

    if (!may_write(desc))
        return VFS_E_BAD_MODE;
    if (!node || !vnode_is(node, VFS_S_FILE))
        return VFS_E_NO_DEVICE;
    if (bytes == 0 || offset > INT64_MAX || bytes > INT64_MAX)
        return VFS_E_INVALID;
    end = offset + bytes;
    if (end > node->fs->file_max)
        return VFS_E_FILE_TOO_BIG;
    while (offset < end) {
        void *at;
        size_t part = node->fs->ops->write(node, offset, end - offset < 65536 ? (size_t)(end - offset) : 65536, &at);
        if (part == 0) {
            (void)node->fs->ops->resize(node, node->size); /* what lies behind the end goes */
            return VFS_E_NO_SPACE;
        }
        offset += part;
    }
    return end > node->size ? node_resize(node, end) : VFS_OK;
}

/* Reading is asked for with any mapping, as POSIX says; writing to what others see, of a description that may write. */
static enum vfs_status do_map(struct call *call, struct desc *desc)
{
    uint64_t rights = MNOS_RIGHT_READ | MNOS_RIGHT_EXEC | MNOS_RIGHT_GRANT, flags = call->word[2];
    struct vnode *node = desc->node;
    struct file_memory *memory = NULL;

    if ((flags & ~(VFS_MAP_WRITE | VFS_MAP_PRIVATE)) != 0 || call->word[0] % PAGE_BYTES != 0 || call->word[1] == 0)
        return VFS_E_INVALID;
    if ((desc->flags & VFS_O_PATH) != 0)
        return VFS_E_BAD_MODE;
    if (!may_read(desc))
        return VFS_E_DENIED;
    if (!node || !vnode_is(node, VFS_S_FILE))
        return VFS_E_NOT_SUPPORTED;
    if ((flags & VFS_MAP_PRIVATE) == 0 && may_write(desc))
        rights |= MNOS_RIGHT_WRITE;
    else if (flags == VFS_MAP_WRITE)
        return VFS_E_DENIED;
    enum vfs_status status = node->fs->ops->map ? node->fs->ops->map(node, &memory) : VFS_E_NOT_SUPPORTED;
    if (status != VFS_OK)
        return status;
    int64_t cap = port_memory_share(memory->handle, (uint32_t)rights);
    if (cap < 0)
        return VFS_E_NO_MEMORY;
    touch_read(node);
    if ((rights & MNOS_RIGHT_WRITE) != 0)
        node->mtime = node->ctime = fs_now(); /* when it is written through the mapping nobody is told */
    call->out[0] = call->word[0];
    call->out_cap[call->out_caps++] = (mnos_handle_t)cap;
    return VFS_OK;
}

static enum vfs_status do_stat(struct call *call, struct desc *desc)
{
    struct vfs_attr *attr = (struct vfs_attr *)call->out;

    if (desc->node)
        vnode_attr(desc->node, attr);
    else
        *attr = (struct vfs_attr){.ino = desc->index, .mode_dev_links = VFS_S_FIFO | 0600 | UINT64_C(1) << 32};
    return VFS_OK;
}

enum outcome file_call(struct call *call, struct desc *desc, struct queue **queue)
{
    enum vfs_status status;

    switch (call->label) {
    case VFS_READ:
    case VFS_READ_FEW:
        return do_read(call, desc, queue);
    case VFS_WRITE:
    case VFS_WRITE_FEW:
        return do_write(call, desc, queue);
    case VFS_SEEK:
        status = do_seek(call, desc);
        break;
    case VFS_FSTAT:
        status = do_stat(call, desc);
        break;
    case VFS_FSETATTR:
        status = do_setattr(call, desc);
        break;
    case VFS_GETDENTS:
        status = do_list(call, desc);
        break;
    case VFS_FLAGS:
        status = do_flags(call, desc);
        break;
    case VFS_SYNC:
        status = VFS_OK; /* what is written is where it stays */
        break;
    case VFS_ALLOCATE:
        status = do_allocate(call, desc);
        break;
    case VFS_READABLE:
        call->out[0] = desc->ops->bytes ? desc->ops->bytes(desc) : 0;
        status = desc->ops->bytes ? VFS_OK : VFS_E_NOT_TERMINAL;
        break;
    case VFS_FSTATFS:
        if (desc->node)
            desc->node->fs->ops->statfs(desc->node->fs, call->out);
        status = desc->node ? VFS_OK : VFS_E_NOT_SUPPORTED;
        break;
    case VFS_MAP:
        status = do_map(call, desc);
        break;
    case VFS_LISTEN:
    case VFS_ACCEPT:
    case VFS_SHUTDOWN:
        return socket_call(call, desc, queue);
    case VFS_LOCK:
        *queue = NULL;
        status = lock_call(call, desc, queue);
        if (status == VFS_OK && *queue)
            return WAIT;
        break;
    default:
        status = VFS_E_NOT_SUPPORTED;
        if (call->label >= VFS_TTY_GET) {
            *queue = NULL;
            status = tty_call(call, desc, queue);
        }
        if (status == VFS_OK && *queue)
            return WAIT;
    }
    if (status != VFS_OK)
        call_fail(call, status);
    return ANSWER;
}
