/* SPDX-License-Identifier: BSD-2-Clause */
#include "file.h"
#include "wait.h"

#include <str.h>

#define BLOCK 4096

static long answer_of(int64_t status, const struct mnos_msg *msg)
{
    if (status < 0)
        return px_result(status);
    return msg->label == 0 ? (long)(msg->word[0] & INT64_MAX) : -(long)(msg->label < 4096 ? msg->label : PX_EIO);
}

/* Opening a FIFO, a lock and a connection may wait. */
static bool may_wait(uint64_t label)
{
    return label == VFS_OPEN || label == VFS_OPEN_FEW || label == VFS_LOCK || label == VFS_ACCEPT ||
           label == VFS_CONNECT;
}

static int64_t call(mnos_handle_t file, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    return may_wait(msg->label) ? px_call_waiting(file, msg, ext) : px_call(file, msg, ext);
}

long px_file_call(mnos_handle_t file, uint64_t label, uint64_t words[MNOS_IPC_WORDS])
{
    struct mnos_msg msg = {.label = label};

    memcpy(msg.word, words, sizeof msg.word);
    long result = answer_of(call(file, &msg, NULL), &msg);
    memcpy(words, msg.word, sizeof msg.word);
    return result;
}

long px_file_call_with(mnos_handle_t file, uint64_t label, uint64_t words[MNOS_IPC_WORDS], struct mnos_call_data *data)
{
    if (data->send_len == 0 && data->recv_len == 0 && data->send_cap == MNOS_NONE && data->recv_caps == 0)
        return px_file_call(file, label, words); /* the kernel's fast path */
    struct mnos_msg msg = {.label = label};

    struct mnos_ipc_ext ext = {
        .deadline = MNOS_FOREVER,
        .send_buf = (uint64_t)data->send,
        .send_len = data->send_len,
        .recv_buf = (uint64_t)data->recv,
        .recv_len = data->recv_len,
        .send_caps = data->send_cap != MNOS_NONE,
        .send_cap = {data->send_cap},
        .recv_caps = (uint8_t)data->recv_caps,
    };

    memcpy(msg.word, words, sizeof msg.word);
    int64_t status = call(file, &msg, &ext);
    unsigned got = status == 0 ? MNOS_INFO_CAPS(msg.info) : 0;
    for (unsigned i = 0; i < MNOS_IPC_CAPS; i++)
        data->recv_cap[i] = i < got ? ext.recv_cap[i] : MNOS_NONE;
    long result = answer_of(status, &msg);
    memcpy(words, msg.word, sizeof msg.word);
    return result;
}

/* What fits into the words of an answer travels there, on the kernel's fast path. */
static long read_few(mnos_handle_t file, void *bytes, size_t length, uint64_t offset, uint64_t flags)
{
    struct mnos_msg msg = {.label = VFS_READ_FEW, .word = {length, offset, flags}};
    long got = answer_of(px_call_waiting(file, &msg, NULL), &msg);

    if (got > (long)length)
        return -PX_EIO;
    if (got > 0)
        memcpy(bytes, &msg.word[1], (size_t)got);
    return got;
}

/* The buffer may lie in a file that the server has to supply; then the rest is another call. */
static long read_some(mnos_handle_t file, void *bytes, size_t length, uint64_t offset, uint64_t flags, bool *more)
{
    struct mnos_msg msg = {.label = VFS_READ, .word = {length, offset, flags}};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.recv_buf = (uint64_t)bytes;
    ext.recv_len = length < MNOS_BUFFER_MAX ? length : MNOS_BUFFER_MAX;
    long got = answer_of(px_call_waiting(file, &msg, &ext), &msg);
    *more = got >= 0 && (size_t)got < length && msg.word[1] == 1;
    return got;
}

static long write_some(mnos_handle_t file, const void *bytes, size_t length, uint64_t offset, uint64_t flags,
                       bool *more)
{
    struct mnos_msg msg = {.label = VFS_WRITE, .word = {length, offset, flags}};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.send_buf = (uint64_t)bytes;
    ext.send_len = length < MNOS_BUFFER_MAX ? length : MNOS_BUFFER_MAX;
    msg.word[0] = ext.send_len;
    long put = answer_of(px_call_waiting(file, &msg, &ext), &msg);
    *more = put >= 0 && (size_t)put < ext.send_len && msg.word[1] == 1;
    return put;
}

/* What follows the part that has been done, whose next page is touched. */
static uint64_t rest_begin(const char *bytes, size_t done, uint64_t offset)
{
    (void)*(const volatile char *)(bytes + done);
    return offset == VFS_HERE ? VFS_HERE : offset + done;
}

long px_file_read(mnos_handle_t file, void *bytes, size_t length, uint64_t offset, uint64_t flags)
{
    bool more;

    if (length <= VFS_READ_FEW_MAX)
        return read_few(file, bytes, length, offset, flags);
    long got = read_some(file, bytes, length, offset, flags, &more);
    for (size_t done = (size_t)got; more; got = (long)done) {
        uint64_t from = rest_begin(bytes, done, offset);
        long part = read_some(file, (char *)bytes + done, length - done, from, done > 0 ? VFS_DONT_WAIT : flags, &more);
        if (part < 0)
            return done > 0 ? (long)done : part;
        done += (size_t)part;
    }
    return got;
}

long px_file_write(mnos_handle_t file, const void *bytes, size_t length, uint64_t offset, uint64_t flags)
{
    struct mnos_msg msg = {.label = VFS_WRITE_FEW, .word = {length, offset, flags}};
    bool more;

    if (length <= VFS_WRITE_FEW_MAX) {
        memcpy(&msg.word[3], bytes, length);
        return answer_of(px_call_waiting(file, &msg, NULL), &msg);
    }
    long put = write_some(file, bytes, length, offset, flags, &more);
    for (size_t done = (size_t)put; more; put = (long)done) {
        uint64_t from = rest_begin(bytes, done, offset);
        long part = write_some(file, (const char *)bytes + done, length - done, from, flags, &more);
        if (part < 0)
            return done > 0 ? (long)done : part;
        done += (size_t)part;
    }
    return put;
}

static struct px_timespec time_of(int64_t ns)
{
    int64_t sec = ns / (int64_t)PX_NS, rest = ns % (int64_t)PX_NS;

    return rest < 0 ? (struct px_timespec){sec - 1, rest + (int64_t)PX_NS} : (struct px_timespec){sec, rest};
}

void px_stat_of(const uint64_t words[MNOS_IPC_WORDS], struct px_stat *out)
{
    struct vfs_attr attr;

    memcpy(&attr, words, sizeof attr);
    *out = (struct px_stat){
        .dev = attr.mode_dev_links >> 16 & 0xffff,
        .ino = attr.ino,
        .nlink = attr.mode_dev_links >> 32,
        .mode = (uint32_t)(attr.mode_dev_links & 0xffff),
        .uid = (uint32_t)attr.owner,
        .gid = (uint32_t)(attr.owner >> 32),
        .rdev = attr.blocks_rdev >> 48,
        .size = (int64_t)attr.size,
        .blksize = BLOCK,
        .blocks = (int64_t)(attr.blocks_rdev & 0xffffffffffffull),
        .atime = time_of(attr.atime),
        .mtime = time_of(attr.mtime),
        .ctime = time_of(attr.ctime),
    };
}
