/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/paging.h>
#include <mnos/limine_more.h>
#include <str.h>

#define ENTRY_PRESENT 0x1u
#define ENTRY_WRITE   0x2u
#define ENTRY_PWT     0x8u
#define ENTRY_LARGE   0x80u
#define ENTRY_PAT_4K  0x80u
#define ENTRY_PAT_2M  0x1000u
#define ENTRY_NX      0x8000000000000000u
#define ENTRY_ADDRESS 0x000ffffffffff000u

#define LARGE_SIZE    0x200000u
#define TABLE_ENTRIES 512u

static uint64_t *table_of(uint64_t address)
{
    return (uint64_t *)(uintptr_t)(address & ENTRY_ADDRESS);
}

static uint64_t table_new(struct paging *paging)
{
    uint64_t page = ram_take(paging->ram, 1, PAGE_SIZE, RAM_BELOW_4G, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    if (page != 0)
        memset(table_of(page), 0, PAGE_SIZE);
    return page;
}

static uint64_t leaf(const struct paging *paging, uint64_t address, unsigned flags, bool large)
{
    uint64_t entry = address | ENTRY_PRESENT;
    if (flags & PAGING_WRITE)
        entry |= ENTRY_WRITE;
    if (!(flags & PAGING_EXEC) && paging->nx)
        entry |= ENTRY_NX;
    if ((flags & PAGING_COMBINE) && paging->pat)
        entry |= ENTRY_PWT | (large ? ENTRY_PAT_2M : ENTRY_PAT_4K);
    return large ? entry | ENTRY_LARGE : entry;
}

/* Replaces a 2 MiB leaf by a table of 4 KiB leaves with the same effect. */
static bool split(struct paging *paging, uint64_t *entry)
{
    uint64_t page = table_new(paging);
    if (page == 0)
        return false;
    uint64_t small = *entry & ~(uint64_t)(ENTRY_LARGE | ENTRY_PAT_2M);
    if (*entry & ENTRY_PAT_2M)
        small |= ENTRY_PAT_4K;
    for (unsigned i = 0; i < TABLE_ENTRIES; i++)
        table_of(page)[i] = small + (uint64_t)i * PAGE_SIZE;
    *entry = page | ENTRY_PRESENT | ENTRY_WRITE;
    return true;
}

/* The table below *entry, made if it is not there; NULL if memory ends. */
static uint64_t *descend(struct paging *paging, uint64_t *entry)
{
    if (!(*entry & ENTRY_PRESENT)) {
        uint64_t page = table_new(paging);
        if (page == 0)
            return NULL;
        *entry = page | ENTRY_PRESENT | ENTRY_WRITE;
    } else if ((*entry & ENTRY_LARGE) && !split(paging, entry)) {
        return NULL;
    }
    return table_of(*entry);
}

static unsigned index_of(uint64_t address, unsigned level)
{
    return (unsigned)(address >> (12 + 9 * level) & (TABLE_ENTRIES - 1));
}

/* Maps whole pages, over whatever is mapped there. */
static bool map(struct paging *paging, uint64_t to, uint64_t from, uint64_t size, unsigned flags)
{
    while (size > 0) {
        uint64_t *table = table_of(paging->root);
        for (unsigned level = 3; level > 1 && table != NULL; level--)
            table = descend(paging, &table[index_of(to, level)]);
        if (table == NULL)
            return false;
        uint64_t *entry = &table[index_of(to, 1)], step = LARGE_SIZE;
        if ((to | from) % LARGE_SIZE == 0 && size >= LARGE_SIZE) {
            *entry = leaf(paging, from, flags, true);
        } else {
            table = descend(paging, entry);
            if (table == NULL)
                return false;
            table[index_of(to, 0)] = leaf(paging, from, flags, false);
            step = PAGE_SIZE;
        }
        to += step;
        from += step;
        size -= step;
    }
    return true;
}

/* Whether a base revision has regions of this type in its direct map. */
static bool mapped(uint64_t type, uint64_t revision)
{
    switch (type) {
    case LIMINE_MEMMAP_USABLE:
    case RAM_SCRATCH:
    case LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE:
    case LIMINE_MEMMAP_EXECUTABLE_AND_MODULES:
    case LIMINE_MEMMAP_FRAMEBUFFER:
        return true;
    case LIMINE_MEMMAP_RESERVED:
    case LIMINE_MEMMAP_BAD_MEMORY:
        return revision == 0;
    default:
        return revision <= 2;
    }
}

/* What the map holds at or after `at`; false at the end. */
static bool next_range(const struct ram_map *ram, uint64_t at, struct ram_range *range)
{
    for (unsigned i = 0; i < ram->count; i++) {
        *range = ram->ranges[i];
        uint64_t end = range->base + range->length;
        if (end <= at)
            continue;
        if (range->base < at)
            range->base = at;
        range->length = end - range->base;
        return true;
    }
    return false;
}

/* The direct map at `offset`; what lies below physical address `floor` stays out. */
static bool map_memory(struct paging *paging, uint64_t offset, uint64_t floor, uint64_t revision)
{
    const unsigned plain = PAGING_WRITE | PAGING_EXEC;
    if (revision <= 2 && !map(paging, offset + floor, floor, RAM_BELOW_4G - floor, plain))
        return false;
    /* By address: ranges split and merge while tables are taken, but only between types that are mapped alike. */
    struct ram_range range;
    for (uint64_t at = floor; next_range(paging->ram, at, &range); at = range.base + range.length) {
        uint64_t end = range.base + range.length;
        bool combine = range.type == LIMINE_MEMMAP_FRAMEBUFFER;
        if (!mapped(range.type, revision) || (revision <= 2 && end <= RAM_BELOW_4G && !combine))
            continue;
        if (!map(paging, offset + range.base, range.base, range.length, combine ? plain | PAGING_COMBINE : plain))
            return false;
    }
    return true;
}

static bool map_kernel(struct paging *paging, const struct elf_plan *plan, uint64_t image)
{
    for (uint64_t at = 0; at < plan->size; at += PAGE_SIZE) {
        uint32_t flags = elf_page_flags(plan, at);
        unsigned how = (flags & ELF_WRITE ? PAGING_WRITE : 0u) | (flags & ELF_EXEC ? PAGING_EXEC : 0u);
        if (flags != 0 && !map(paging, plan->base + at, image + at, PAGE_SIZE, how))
            return false;
    }
    return true;
}

/* Gives the lower half of the bridge tables the same contents as the direct map. */
static bool build_bridge(struct paging *paging)
{
    paging->bridge = table_new(paging);
    if (paging->bridge == 0)
        return false;
    uint64_t *bridge = table_of(paging->bridge), *root = table_of(paging->root);
    for (unsigned i = 0; i < TABLE_ENTRIES / 2; i++) {
        bridge[i] = root[i + TABLE_ENTRIES / 2];
        bridge[i + TABLE_ENTRIES / 2] = root[i + TABLE_ENTRIES / 2];
    }
    bridge[TABLE_ENTRIES / 2 - 1] = 0; /* the kernel image is no memory */
    return true;
}

bool paging_build(struct paging *paging, uint64_t revision, const struct elf_plan *plan, uint64_t image)
{
    paging->root = table_new(paging);
    if (paging->root == 0 || !map_memory(paging, HHDM_BASE, 0, revision) || !map_kernel(paging, plan, image))
        return false;
    if (revision == 0 && !map_memory(paging, 0, PAGE_SIZE, revision))
        return false;
    return build_bridge(paging);
}
