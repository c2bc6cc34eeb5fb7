/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file tree needs of its surroundings, on the host: chunks of pages and a clock that goes on at each look. */
#ifndef FAKE_FS_H
#define FAKE_FS_H

#include <fs/pages.h>
#include <fs/tree.h>

#include "host_test.h"

extern unsigned fake_chunks, fake_chunks_max;
static inline void *fake_take(void)
{
    return fake_chunks < fake_chunks_max && ++fake_chunks ? aligned_alloc(PAGE_CHUNK_BYTES, PAGE_CHUNK_BYTES) : NULL;
}
static inline void fake_give(void *chunk)
{
    fake_chunks--;
    free(chunk);
}
static inline int64_t fake_now(void)
{
    static int64_t now = 1000;
    return ++now;
}
static inline void fake_start(void)
{
    fs_now = fake_now;
    page_source = (struct page_source){fake_take, fake_give};
}

#endif
