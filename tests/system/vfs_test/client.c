/* SPDX-License-Identifier: BSD-2-Clause */
#include "client.h"

#include <libmnos/ipc.h>
#include <mnos/calls.h>
#include <str.h>

int64_t ask(struct ask *a)
{
    struct mnos_msg msg = {.label = a->label};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    memcpy(msg.word, a->word, sizeof msg.word);
    ext.send_buf = (uint64_t)a->send;
    ext.send_len = a->send_len;
    ext.recv_buf = (uint64_t)a->recv;
    ext.recv_len = a->recv_len;
    ext.recv_caps = (uint8_t)a->recv_caps;
    ext.deadline = a->deadline ? a->deadline : MNOS_FOREVER;
    if (a->send_cap != MNOS_NONE) {
        ext.send_caps = 1;
        ext.send_cap[0] = a->send_cap;
    }
    int64_t status = mnos_ipc_call(a->on, &msg, &ext);
    a->cap[0] = a->cap[1] = MNOS_NONE;
    if (status < 0)
        return -1000 + status;
    for (unsigned i = 0; i < MNOS_INFO_CAPS(msg.info) && i < 2; i++)
        a->cap[i] = ext.recv_cap[i];
    memcpy(a->out, msg.word, sizeof a->out);
    return -(int64_t)msg.label;
}

int64_t f_open_at(mnos_handle_t on, uint64_t start, const char *path, uint64_t flags, uint64_t mode, struct file *out)
{
    struct ask a = {.on = on,
                    .label = VFS_OPEN,
                    .word = {start, flags, mode, 0, 0, 0, 0, strlen(path)},
                    .send = path,
                    .send_len = strlen(path),
                    .send_cap = MNOS_NONE,
                    .recv_caps = 1};
    int64_t status = ask(&a);

    *out = (struct file){a.cap[0], a.out[VFS_OPEN_NUMBER], a.out[VFS_OPEN_MODE], a.out[VFS_OPEN_SIZE],
                         a.out[VFS_OPEN_TOKEN]};
    return status;
}

int64_t f_open(mnos_handle_t on, const char *path, uint64_t flags, uint64_t mode, struct file *out)
{
    return f_open_at(on, 0, path, flags, mode, out);
}

void f_close(struct file *file)
{
    if (file->cap != MNOS_NONE)
        mnos_cap_delete(file->cap);
    file->cap = MNOS_NONE;
}

int64_t f_read(mnos_handle_t file, void *to, size_t bytes, uint64_t offset)
{
    struct ask a = {
        .on = file, .label = VFS_READ, .word = {bytes, offset}, .recv = to, .recv_len = bytes, .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    return status < 0 ? status : (int64_t)a.out[0];
}

int64_t f_write(mnos_handle_t file, const void *from, size_t bytes, uint64_t offset)
{
    struct ask a = {.on = file,
                    .label = VFS_WRITE,
                    .word = {bytes, offset},
                    .send = from,
                    .send_len = bytes,
                    .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    return status < 0 ? status : (int64_t)a.out[0];
}

int64_t f_read_few(mnos_handle_t file, void *to, size_t bytes, uint64_t flags)
{
    struct mnos_msg msg = {.label = VFS_READ_FEW, .word = {bytes, VFS_HERE, flags}};
    int64_t status = mnos_ipc_call(file, &msg, NULL);

    if (status < 0)
        return -1000 + status;
    if (msg.label == 0)
        memcpy(to, &msg.word[1], msg.word[0]);
    return msg.label != 0 ? -(int64_t)msg.label : (int64_t)msg.word[0];
}

int64_t f_write_few(mnos_handle_t file, const void *from, size_t bytes, uint64_t flags)
{
    struct mnos_msg msg = {.label = VFS_WRITE_FEW, .word = {bytes, VFS_HERE, flags}};

    memcpy(&msg.word[3], from, bytes);
    int64_t status = mnos_ipc_call(file, &msg, NULL);
    if (status < 0)
        return -1000 + status;
    return msg.label != 0 ? -(int64_t)msg.label : (int64_t)msg.word[0];
}

int64_t f_call(mnos_handle_t on, uint64_t label, uint64_t word0, uint64_t word1)
{
    struct mnos_msg msg = {.label = label, .word = {word0, word1}};
    int64_t status = mnos_ipc_call(on, &msg, NULL);

    if (status < 0)
        return -1000 + status;
    return msg.label != 0 ? -(int64_t)msg.label : (int64_t)msg.word[0];
}

int64_t f_seek(mnos_handle_t file, int64_t by, uint64_t whence)
{
    return f_call(file, VFS_SEEK, (uint64_t)by, whence);
}

int64_t f_stat_few(mnos_handle_t on, const char *path, struct vfs_attr *attr)
{
    struct mnos_msg msg = {.label = VFS_STAT_FEW};

    msg.word[7] = strlen(path);
    memcpy(&msg.word[2], path, msg.word[7] <= VFS_PATH_FEW ? msg.word[7] : VFS_PATH_FEW);
    int64_t status = mnos_ipc_call(on, &msg, NULL);
    if (status < 0)
        return -1000 + status;
    memcpy(attr, msg.word, sizeof *attr);
    return -(int64_t)msg.label;
}

int64_t f_open_few(mnos_handle_t on, const char *path, uint64_t flags, struct file *out)
{
    struct mnos_msg msg = {.label = VFS_OPEN_FEW, .word = {0, flags}};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    msg.word[7] = strlen(path);
    memcpy(&msg.word[2], path, msg.word[7] <= VFS_PATH_FEW ? msg.word[7] : VFS_PATH_FEW);
    ext.recv_caps = 1;
    int64_t status = mnos_ipc_call(on, &msg, &ext);
    if (status < 0)
        return -1000 + status;
    *out = (struct file){ext.recv_cap[0], msg.word[0], msg.word[1], msg.word[2], msg.word[3]};
    return -(int64_t)msg.label;
}

int64_t f_stat(mnos_handle_t on, const char *path, uint64_t flags, struct vfs_attr *attr)
{
    struct ask a = {.on = on,
                    .label = VFS_STAT,
                    .word = {0, flags, 0, 0, 0, 0, 0, strlen(path)},
                    .send = path,
                    .send_len = strlen(path),
                    .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    memcpy(attr, a.out, sizeof *attr);
    return status;
}

int64_t f_fstat(mnos_handle_t file, struct vfs_attr *attr)
{
    struct ask a = {.on = file, .label = VFS_FSTAT, .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    memcpy(attr, a.out, sizeof *attr);
    return status;
}

int64_t f_path(mnos_handle_t on, uint64_t label, const char *path, uint64_t word1, uint64_t word2)
{
    struct ask a = {.on = on,
                    .label = label,
                    .word = {0, word1, word2, 0, 0, 0, 0, strlen(path)},
                    .send = path,
                    .send_len = strlen(path),
                    .send_cap = MNOS_NONE};

    return ask(&a);
}

int64_t f_two(mnos_handle_t on, uint64_t label, const char *first, const char *second, uint64_t flags)
{
    char both[1024];
    size_t n = strlen(first), m = strlen(second);
    struct ask a = {.on = on,
                    .label = label,
                    .word = {0, n, 0, flags, 0, 0, 0, n + m},
                    .send = both,
                    .send_len = n + m,
                    .send_cap = MNOS_NONE};

    memcpy(both, first, n);
    memcpy(both + n, second, m);
    return ask(&a);
}

int64_t f_text(mnos_handle_t on, uint64_t label, uint64_t start, const char *path, char *out, size_t room)
{
    struct ask a = {.on = on,
                    .label = label,
                    .word = {start, 0, 0, 0, 0, 0, room, strlen(path)},
                    .send = path,
                    .send_len = strlen(path),
                    .recv = out,
                    .recv_len = room,
                    .send_cap = MNOS_NONE};
    int64_t status = ask(&a);

    return status < 0 ? status : (int64_t)a.out[0];
}

int64_t f_pipe(mnos_handle_t on, uint64_t flags, struct file end[2])
{
    struct ask a = {.on = on, .label = VFS_PIPE, .word = {0, flags}, .send_cap = MNOS_NONE, .recv_caps = 2};
    int64_t status = ask(&a);

    end[0] = (struct file){.cap = a.cap[0], .token = a.out[0]};
    end[1] = (struct file){.cap = a.cap[1], .token = a.out[1]};
    return status;
}
