/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file server's logic on a port of the host's: clients are made up from bytes.  Calls, capabilities that are let go, cancelled
 * and dead callers come in any order; in the end everything is given back.
 */
#ifndef VFS_DRIVE_H
#define VFS_DRIVE_H

#include <stddef.h>
#include <stdint.h>

struct drive_count {
    uint64_t calls, succeeded, kept, answered_late, handed_out, paged;
};

/* Ends the process (abort) when something is not given back, or an answer is not sound. */
void vfs_drive(const uint8_t *bytes, size_t size, struct drive_count *count);

#endif
