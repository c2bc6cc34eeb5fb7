/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files over the file protocol (vfs/protocol.h): each function is one round trip.  Results, or negated errnos; the
 * protocol's errors are errno numbers already.
 */
#ifndef PX_FILE_H
#define PX_FILE_H

#include <libmnos/ipc.h>
#include <vfs/protocol.h>

#include "px.h"

/* A call without buffers: word 0 of the answer without its top bit (a token may have it), or a negated errno.  `words` holds
 * the answer's words then. */
long px_file_call(mnos_handle_t file, uint64_t label, uint64_t words[MNOS_IPC_WORDS]);
/* The same with buffers and capabilities. */
long px_file_call_with(mnos_handle_t file, uint64_t label, uint64_t words[MNOS_IPC_WORDS], struct mnos_call_data *data);

/* offset: VFS_HERE for the file's own position; flags: VFS_DONT_WAIT. */
long px_file_read(mnos_handle_t file, void *bytes, size_t length, uint64_t offset, uint64_t flags);
long px_file_write(mnos_handle_t file, const void *bytes, size_t length, uint64_t offset, uint64_t flags);

/* struct stat as the kernel of Linux writes it on x86-64. */
struct px_stat {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, blksize, blocks;
    struct px_timespec atime, mtime, ctime;
    int64_t unused[3];
};
_Static_assert(sizeof(struct px_stat) == 144, "x86-64");
void px_stat_of(const uint64_t words[MNOS_IPC_WORDS], struct px_stat *out);

#endif
