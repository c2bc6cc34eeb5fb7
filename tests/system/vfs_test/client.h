/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the file protocol, for tests: one function a call.  Results are 0 or more, or a negated enum vfs_status; what the
 * kernel itself refuses is -1000 - its error. */
#ifndef VFS_TEST_CLIENT_H
#define VFS_TEST_CLIENT_H

#include <mnos/object.h>
#include <stddef.h>
#include <vfs/protocol.h>

struct file {
    mnos_handle_t cap;
    uint64_t number, mode, size, token;
};

struct ask {
    mnos_handle_t on;
    uint64_t label, word[8];
    const void *send;
    size_t send_len;
    void *recv;
    size_t recv_len;
    mnos_handle_t send_cap; /* MNOS_NONE: none */
    unsigned recv_caps;
    uint64_t deadline; /* 0: none */
    uint64_t out[8];
    mnos_handle_t cap[2];
};
int64_t ask(struct ask *ask);

/* Paths are relative to `start`, 0: the directory `on`. */
int64_t f_open_at(mnos_handle_t on, uint64_t start, const char *path, uint64_t flags, uint64_t mode, struct file *out);
int64_t f_open(mnos_handle_t on, const char *path, uint64_t flags, uint64_t mode, struct file *out);
void f_close(struct file *file);
int64_t f_read(mnos_handle_t file, void *to, size_t bytes, uint64_t offset);
int64_t f_write(mnos_handle_t file, const void *from, size_t bytes, uint64_t offset);
int64_t f_read_few(mnos_handle_t file, void *to, size_t bytes, uint64_t flags);
int64_t f_write_few(mnos_handle_t file, const void *from, size_t bytes, uint64_t flags);
int64_t f_seek(mnos_handle_t file, int64_t by, uint64_t whence);
int64_t f_stat(mnos_handle_t on, const char *path, uint64_t flags, struct vfs_attr *attr);
/* Paths in words, of at most VFS_PATH_FEW bytes. */
int64_t f_stat_few(mnos_handle_t on, const char *path, struct vfs_attr *attr);
int64_t f_open_few(mnos_handle_t on, const char *path, uint64_t flags, struct file *out);
int64_t f_fstat(mnos_handle_t file, struct vfs_attr *attr);
/* A call with one path and two words behind `start`. */
int64_t f_path(mnos_handle_t on, uint64_t label, const char *path, uint64_t word1, uint64_t word2);
/* A call with two paths; `flags` in word 3. */
int64_t f_two(mnos_handle_t on, uint64_t label, const char *first, const char *second, uint64_t flags);
int64_t f_text(mnos_handle_t on, uint64_t label, uint64_t start, const char *path, char *out, size_t room);
int64_t f_pipe(mnos_handle_t on, uint64_t flags, struct file end[2]);
int64_t f_call(mnos_handle_t on, uint64_t label, uint64_t word0, uint64_t word1);

#endif
