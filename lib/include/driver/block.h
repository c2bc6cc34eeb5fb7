/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices: what the requests of a session (session.h) are, and the client.
 *
 * READ, WRITE: `place` is the first sector, `offset` and `bytes` multiples of 512.  DISCARD: `bytes` of the device from
 * `place` on.  FLUSH covers what was completed before it was submitted.
 */
#ifndef DRIVER_BLOCK_H
#define DRIVER_BLOCK_H

#include <driver/session.h>

#define BLOCK_SECTOR 512u

enum block_op { BLOCK_READ = 0, BLOCK_WRITE = 1, BLOCK_FLUSH = 2, BLOCK_DISCARD = 3 };

/* What a session is told when it is opened. */
enum block_word { BLOCK_SECTORS = 0, BLOCK_FEATURES = 1, BLOCK_MOST_BYTES = 2 };
#define BLOCK_HAS_FLUSH   0x1u
#define BLOCK_HAS_DISCARD 0x2u
#define BLOCK_READ_ONLY   0x4u

/* One request from start to end, with nothing else out. */
static inline int64_t block_do(struct session_client *client, enum block_op op, uint64_t sector, uint64_t offset,
                               uint64_t bytes)
{
    struct session_result result;
    int64_t status = client_submit(client, op, sector, offset, bytes, 0);

    if (status < 0)
        return status;
    client_kick(client);
    status = client_wait(client, UINT64_MAX, &result);
    return status < 0 ? status : -(int64_t)result.status;
}

#endif
