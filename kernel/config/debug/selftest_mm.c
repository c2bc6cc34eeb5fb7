/* SPDX-License-Identifier: BSD-2-Clause */
/* What phase 3 promises: frames, the kernel's objects, and address spaces are taken, used and given back to the last one. */
#include <arch/paging.h>
#include <cap.h>
#include <debug/log.h>
#include <mm/aspace.h>
#include <mm/frame.h>
#include <mm/phys.h>
#include <mm/pool.h>
#include <str.h>

#include "selftest.h"

#define FRAMES  200u
#define OBJECTS 300u
#define PLACE   0x123456789000ull
#define PAGES   3u

static void frames(void)
{
    static paddr_t frame[FRAMES];
    u64 before = frame_count_free();
    bool good = true;

    for (u32 i = 0; i < FRAMES; i++) {
        frame[i] = frame_alloc();
        good = good && frame[i].value != FRAME_NONE.value && frame_range_is_ram(frame[i], PAGE_SIZE);
        if (good)
            *(u64 *)phys_to_virt(frame[i]) = i;
    }
    good = good && frame_count_free() == before - FRAMES;
    /* One frame given out twice would hold the later number. */
    for (u32 i = 0; good && i < FRAMES; i++)
        good = *(u64 *)phys_to_virt(frame[i]) == i;
    for (u32 i = 0; good && i < FRAMES; i++)
        frame_free(frame[i]);
    selftest_ok(good && frame_count_free() == before, "frames are allocated, each once, and freed [M044]");

    paddr_t row = frame_alloc_contiguous(32, PADDR(UINT64_MAX), 16 * PAGE_SIZE);
    good = row.value != FRAME_NONE.value && row.value % (16 * PAGE_SIZE) == 0 && frame_count_free() == before - 32;
    if (good)
        frame_free_contiguous(row, 32);
    selftest_ok(good && frame_count_free() == before, "so are frames in a row [M044]");
}

static void objects(void)
{
    static u8 *object[OBJECTS];
    u64 used = root_pool->used, slabs = slab_frames_total();
    bool good = true;

    for (u32 i = 0; good && i < OBJECTS; i++) {
        object[i] = slab_alloc(root_pool, SLAB_SMALL);
        good = object[i] != NULL && object[i][0] == 0 && object[i][63] == 0;
        if (good)
            memset(object[i], (int)(i & 255) | 1, 64);
    }
    good = good && root_pool->used > used && slab_frames_total() > slabs;
    for (u32 i = 0; good && i < OBJECTS; i++)
        good = object[i][0] == ((i & 255) | 1) && object[i][63] == ((i & 255) | 1);
    for (u32 i = 0; good && i < OBJECTS; i++)
        slab_free(object[i * 7 % OBJECTS]);
    selftest_ok(good && root_pool->used == used && slab_frames_total() == slabs,
                "the kernel's heap gives zeroed objects, each once, and gives its frames back [M044]");
}

/* Mapped, touched, translated, unmapped; what was taken for it is counted at the end. */
static bool map_and_unmap(struct aspace *as, struct memory *m)
{
    struct fault_info info;
    u64 flags;

    spin_lock(&cap_lock);
    status_t s = aspace_map(as, m, PLACE, PAGES * PAGE_SIZE, 0, MNOS_MAP_READ | MNOS_MAP_WRITE,
                            MNOS_MAP_READ | MNOS_MAP_WRITE, NULL);
    spin_unlock(&cap_lock);
    if (s < 0 || aspace_fault(as, PLACE - PAGE_SIZE, ACCESS_READ, &info) != FAULT_INVALID)
        return false;
    for (u64 i = 0; i < PAGES; i++)
        if (aspace_fault(as, PLACE + i * PAGE_SIZE, ACCESS_WRITE, &info) != FAULT_RESOLVED)
            return false;
    for (u64 i = 0; i < PAGES; i++) {
        paddr_t frame = aspace_translate(as, PLACE + i * PAGE_SIZE + 8, &flags);
        if (frame.value == FRAME_NONE.value ||
            (flags & (PTE_WRITE | PTE_USER | PTE_NX)) != (PTE_WRITE | PTE_USER | PTE_NX))
            return false;
        const u64 *word = phys_to_virt(PADDR(frame.value & ~(PAGE_SIZE - 1)));
        if (word[0] != 0 || word[511] != 0)
            return false;
    }
    if (as->resident != PAGES || aspace_unmap(as, PLACE, PAGES * PAGE_SIZE) < 0)
        return false;
    for (u64 i = 0; i < PAGES; i++)
        if (aspace_translate(as, PLACE + i * PAGE_SIZE, &flags).value != FRAME_NONE.value)
            return false;
    return as->resident == 0 && aspace_fault(as, PLACE, ACCESS_READ, &info) == FAULT_INVALID;
}

static void mappings(void)
{
    static struct aspace as;
    struct memory *m;
    u64 used = root_pool->used, free = frame_count_free();

    if (aspace_init(&as, root_pool) < 0 || memory_create(root_pool, MEMORY_ANON, PAGES, false, &m) < 0) {
        selftest_ok(false, "an address space, and memory to map");
        return;
    }
    bool good = map_and_unmap(&as, m);
    selftest_ok(good, "pages are mapped, found by the processor's tables, and unmapped [M044]");
    while (!aspace_reap(&as))
        ;
    while (good && !memory_reap(&m->object))
        ;
    log_line("# %llu bytes of the pool before, %llu after; %llu frames before, %llu after", (unsigned long long)used,
             (unsigned long long)root_pool->used, (unsigned long long)free, (unsigned long long)frame_count_free());
    selftest_ok(root_pool->used == used && frame_count_free() == free, "and every page and table of it is back [M044]");
}

void selftest_mm(void)
{
    frames();
    objects();
    mappings();
}
