/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame bitmap and the cores' caches in front of it.
 *
 *   frame_alloc --> core->frames (own core only, interrupts are off) --refill/drain, half a cache--> bitmap (frame_lock)
 *
 * What lies in caches is free but out of the other cores' reach.  All caches together hold at most RESERVE_CACHES
 * frames, which belong to no pool: whoever has charged a pool always finds a frame.
 */
#include <arch/core.h>
#include <core/assert.h>
#include <core/bitmap.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <mnos/limine.h>

#define FIRST_HINT 4096u           /* single frames are taken from above 16 MiB first: the rest is for DMA */

u64 hhdm_offset;

static struct spinlock frame_lock = SPINLOCK(RANK_FRAME); /* guards bitmap, hint, bitmap_free */
static u64 *bitmap;                /* bits from frame_end on, up to the last word's, are set */
static u64 frame_end;              /* one behind the highest usable frame */
static u64 words;
static u64 hint;                   /* word where the next search begins */
static u64 bitmap_free;
static u64 frames_total;           /* constant after boot */
static const struct limine_memmap_entry *ram; /* the map; constant after boot */
static u32 ram_count;
static bool loader_gone;           /* its memory was given back */

/* The whole frames of an entry, if it is RAM and has any. */
static bool ram_frames(const struct limine_memmap_entry *e, u64 *first, u64 *end)
{
    *first = max_u64(1, align_up(e->base, PAGE_SIZE) >> PAGE_SHIFT);   /* frame 0 stands for "none" */
    *end = (e->base + e->length) >> PAGE_SHIFT;
    return *first < *end && (e->type == LIMINE_MEMMAP_USABLE || e->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE ||
                             e->type == LIMINE_MEMMAP_EXECUTABLE_AND_MODULES);
}

/* Frees all frames of one type; returns how many. */
static u64 release(u64 type)
{
    u64 first, end, count = 0;

    for (u32 i = 0; i < ram_count; i++)
        if (ram[i].type == type && ram_frames(&ram[i], &first, &end)) {
            bitmap_fill(bitmap, first, end - first, false);
            count += end - first;
        }
    bitmap_free += count;
    frames_total += count;
    return count;
}

/* Where so many frames end a usable range: they are taken for good. */
static u64 boot_take(u64 frames)
{
    u64 first, end;

    for (u32 i = ram_count; i-- > 0;)
        if (ram[i].type == LIMINE_MEMMAP_USABLE && ram_frames(&ram[i], &first, &end) && end - first >= frames)
            return end - frames;
    panic("no usable memory for the frame bitmap (%lu KiB)", frames * 4);
}

void frame_init(const struct limine_memmap_entry *map, u32 count)
{
    u64 first, end;

    ram = map;
    ram_count = count;
    frame_end = 0;
    for (u32 i = 0; i < count; i++)
        if (ram_frames(&ram[i], &first, &end) && ram[i].type != LIMINE_MEMMAP_EXECUTABLE_AND_MODULES)
            frame_end = max_u64(frame_end, end);
    words = BITMAP_WORDS(frame_end);
    u64 bitmap_bytes = words * 8, own = div_round_up(bitmap_bytes + share_bytes(frame_end), PAGE_SIZE);
    u64 at = boot_take(own);

    bitmap = phys_to_virt(frame_address((u32)at));
    for (u64 i = 0; i < words; i++)
        bitmap[i] = UINT64_MAX;
    bitmap_free = 0;
    frames_total = 0;
    loader_gone = false;
    (void)release(LIMINE_MEMMAP_USABLE);
    bitmap_fill(bitmap, at, own, true);
    bitmap_free -= own;
    hint = frame_end > FIRST_HINT ? FIRST_HINT / 64 : 0;
    share_init((u8 *)bitmap + bitmap_bytes, frame_end);
}

u64 frame_reclaim_boot(void)
{
    spin_lock(&frame_lock);
    u64 count = loader_gone ? 0 : release(LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    loader_gone = true;
    spin_unlock(&frame_lock);
    return count;
}

static u64 reserve_caches(void)
{
    return min_u64(4 * ARRAY_SIZE(((struct frame_cache *)0)->frame), frames_total / 64);
}

u64 frame_reserve(void)
{
    return reserve_caches() + 8;
}

/* How many frames this core's cache may hold; at least 2. */
static u32 cache_limit(void)
{
    u64 share = reserve_caches() / (core_count > 0 ? core_count : 1);

    return (u32)max_u64(2, min_u64(share, ARRAY_SIZE(((struct frame_cache *)0)->frame)));
}

static bool cache_refill(struct frame_cache *c)
{
    u32 want = (cache_limit() + 1) / 2;

    spin_lock(&frame_lock);
    want = (u32)min_u64(want, bitmap_free);
    u64 at = hint;
    for (u32 left = want; left > 0;) {
        u64 zeros = ~bitmap[at];
        while (zeros != 0 && left > 0) {
            u32 bit = (u32)__builtin_ctzll(zeros);
            zeros &= zeros - 1;
            bitmap[at] |= 1ull << bit;
            /* Lowest on top: who takes frames in a row gets neighbours. */
            c->frame[c->count + --left] = (u32)(at * 64 + bit);
        }
        if (left > 0 && ++at == words)
            at = 0;
    }
    hint = at;
    c->count += want;
    bitmap_free -= want;
    spin_unlock(&frame_lock);
    return want > 0;
}

static void bit_free(u64 n)
{
    if (unlikely(n >= frame_end || !bitmap_get(bitmap, n)))
        panic("frame %#lx was freed twice, or was never allocated", n << PAGE_SHIFT);
    bitmap_clear(bitmap, n);
}

static void cache_drain(struct frame_cache *c, u32 keep)
{
    spin_lock(&frame_lock);
    bitmap_free += c->count - keep;
    while (c->count > keep)
        bit_free(c->frame[--c->count]);
    spin_unlock(&frame_lock);
}

paddr_t frame_alloc(void)
{
    struct frame_cache *c = &this_core()->frames;

    if (unlikely(c->count == 0) && !cache_refill(c))
        return FRAME_NONE;
    return frame_address(c->frame[--c->count]);
}

void frame_free(paddr_t frame)
{
    struct frame_cache *c = &this_core()->frames;
    u32 limit = cache_limit();

    if (CONFIG_DEBUG) {
        /* The bitmap finds others when the cache is drained. */
        for (u32 i = 0; i < 4 && i < c->count; i++)
            if (c->frame[c->count - 1 - i] == frame_number(frame))
                panic("frame %#lx was freed twice", frame.value);
    }
    if (unlikely(c->count >= limit))
        cache_drain(c, limit / 2);
    c->frame[c->count++] = frame_number(frame);
}

void frame_drain_cache(void)
{
    cache_drain(&this_core()->frames, 0);
}

static paddr_t contiguous_take(u64 count, u64 end, u64 align)
{
    spin_lock(&frame_lock);
    size_t first = bitmap_find_zeros(bitmap, 1, end, count, align);
    if (first != BITMAP_NONE) {
        bitmap_fill(bitmap, first, count, true);
        bitmap_free -= count;
    }
    spin_unlock(&frame_lock);
    return first == BITMAP_NONE ? FRAME_NONE : frame_address((u32)first);
}

paddr_t frame_alloc_contiguous(u64 count, paddr_t highest, u64 align)
{
    /* 0 and the highest number there is mean anywhere. */
    u64 end = highest.value + 1 > 1 ? min_u64(frame_end, (highest.value + 1) >> PAGE_SHIFT) : frame_end;

    paddr_t got = contiguous_take(count, end, align >> PAGE_SHIFT);
    if (got.value == 0) {
        frame_drain_cache();
        got = contiguous_take(count, end, align >> PAGE_SHIFT);
    }
    return got;
}

void frame_free_contiguous(paddr_t frame, u64 count)
{
    spin_lock(&frame_lock);
    for (u64 i = 0; i < count; i++)
        bit_free(frame_number(frame) + i);
    bitmap_free += count;
    spin_unlock(&frame_lock);
}

u64 frame_count_total(void)
{
    return frames_total;
}

u64 frame_count_free(void)
{
    spin_lock(&frame_lock);
    u64 count = bitmap_free;
    for (u32 i = 0; i < core_count; i++)
        if (cores[i] != NULL)
            count += __atomic_load_n(&cores[i]->frames.count, __ATOMIC_RELAXED);
    spin_unlock(&frame_lock);
    return count;
}

u64 frame_bitmap_bytes(void)
{
    return words * 8;
}

bool frame_range_is_ram(paddr_t start, u64 length)
{
    u64 first, end;

    if (start.value + length + PAGE_SIZE < start.value)
        return true;
    for (u32 i = 0; i < ram_count; i++)
        if (ram_frames(&ram[i], &first, &end) && start.value < end << PAGE_SHIFT &&
            start.value + length > first << PAGE_SHIFT)
            return true;
    return false;
}
