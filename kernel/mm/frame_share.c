/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many holders a frame has: a u16 for each frame up to the highest usable one, the holders beyond the first.  They are made at
 * boot and belong to no pool.  Whoever shares or releases a frame is one of its holders, so that a count of 0 cannot
 * change under the last one.
 */
#include <config.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <str.h>

static u16 *counts;
static u64 counted;

u64 share_bytes(u64 frames)
{
    return frames * sizeof(u16);
}

void share_init(void *memory, u64 frames)
{
    counts = memory;
    counted = frames;
    memset(counts, 0, share_bytes(frames));
}

static u16 *count_of(paddr_t frame)
{
    DEBUG_ASSERT(frame_number(frame) < counted);
    return &counts[frame_number(frame)];
}

bool frame_share(paddr_t frame)
{
    u16 *count = count_of(frame), old = __atomic_load_n(count, __ATOMIC_RELAXED);

    do {
        if (unlikely(old == UINT16_MAX))
            return false;
    } while (!__atomic_compare_exchange_n(count, &old, (u16)(old + 1), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

u32 frame_holders(paddr_t frame)
{
    /* Acquire: what other holders did to the frame is done when the count says that they are gone. */
    return 1u + __atomic_load_n(count_of(frame), __ATOMIC_ACQUIRE);
}

bool frame_release(paddr_t frame)
{
    u16 *count = count_of(frame), old = __atomic_load_n(count, __ATOMIC_ACQUIRE);

    while (old != 0)
        if (__atomic_compare_exchange_n(count, &old, (u16)(old - 1), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return false;
    frame_free(frame);
    return true;
}
