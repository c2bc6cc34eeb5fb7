/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions about [start, start + length) whose numbers come from someone who is not trusted.  No sum is formed that
 * could wrap.  Pure, any context.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Does [address, address + length) lie below `limit`, the first address that is not the user's?  An empty range may
 * start at the limit itself, not above it. */
static inline bool user_range_ok(uint64_t address, uint64_t length, uint64_t limit)
{
    return length <= limit && address <= limit - length;
}

/* Does [offset, offset + length) lie in a buffer of `size` bytes? */
static inline bool range_within(uint64_t offset, uint64_t length, uint64_t size)
{
    return user_range_ok(offset, length, size);
}
