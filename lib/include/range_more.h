/* SPDX-License-Identifier: BSD-2-Clause */
/* Further questions as those of range.h, which the kernel does not ask. */
#ifndef MNOS_RANGE_MORE_H
#define MNOS_RANGE_MORE_H

#include <range.h>

/* How many of `length` bytes from `offset` on a buffer of `size` bytes has. */
static inline uint64_t range_clip(uint64_t offset, uint64_t length, uint64_t size)
{
    if (offset >= size)
        return 0;
    return length < size - offset ? length : size - offset;
}

/* How many bytes one copy may move: what is asked for, what the source has and what the destination has room for. */
static inline uint64_t range_copy_length(uint64_t from_offset, uint64_t from_size, uint64_t to_offset, uint64_t to_size,
                                         uint64_t length)
{
    return range_clip(to_offset, range_clip(from_offset, length, from_size), to_size);
}

/* Do the two ranges share a byte?  Neither may wrap: check each with user_range_ok first. */
static inline bool range_overlaps(uint64_t a, uint64_t a_length, uint64_t b, uint64_t b_length)
{
    return a_length != 0 && b_length != 0 && a < b + b_length && b < a + a_length;
}

#endif
