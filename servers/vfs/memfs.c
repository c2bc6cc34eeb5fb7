/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems that need nothing but memory, from words. */
#include <str.h>

#include "../../fs/tmpfs/tmpfs.h"
#include "vfs.h"

static uint64_t parse_bytes(const char *text, const char *end)
{
    uint64_t bytes = 0;

    for (; text < end && *text >= '0' && *text <= '9' && bytes < UINT64_C(1) << 40; text++)
        bytes = bytes * 10 + (uint64_t)(*text - '0');
    if (text < end && *text == 'K')
        return text + 1 == end ? bytes << 10 : 0;
    if (text < end && *text == 'M')
        return text + 1 == end ? bytes << 20 : 0;
    return text == end ? bytes : 0;
}

uint16_t fs_next_number(void)
{
    static uint16_t number;

    return ++number;
}

struct fs *fs_from_words(const char *text, size_t length)
{
    if (length < 7 || memcmp(text, "tmpfs:", 6) != 0)
        return NULL;
    uint64_t bytes = parse_bytes(text + 6, text + length);
    return bytes > 0 ? tmpfs_new(fs_next_number(), bytes, 0755) : NULL;
}
