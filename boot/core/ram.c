/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/ram.h>
#include <mnos/limine_more.h>

static uint64_t range_end(const struct ram_range *range)
{
    return range->base + range->length;
}

/* Makes room for one range at `index`.  The caller knows that there is a place. */
static void insert(struct ram_map *map, unsigned index, struct ram_range range)
{
    for (unsigned i = map->count; i > index; i--)
        map->ranges[i] = map->ranges[i - 1];
    map->ranges[index] = range;
    map->count++;
}

static void erase(struct ram_map *map, unsigned index)
{
    map->count--;
    for (unsigned i = index; i < map->count; i++)
        map->ranges[i] = map->ranges[i + 1];
}

/* Cuts the range that has `at` strictly inside, if any. */
static void split(struct ram_map *map, uint64_t at)
{
    for (unsigned i = 0; i < map->count; i++) {
        struct ram_range *range = &map->ranges[i];
        if (range->base < at && at < range_end(range)) {
            struct ram_range upper = {at, range_end(range) - at, range->type};
            range->length = at - range->base;
            insert(map, i + 1, upper);
            return;
        }
    }
}

static void merge(struct ram_map *map)
{
    for (unsigned i = 0; i + 1 < map->count;) {
        struct ram_range *low = &map->ranges[i], *high = &map->ranges[i + 1];
        if (range_end(low) == high->base && low->type == high->type) {
            low->length += high->length;
            erase(map, i + 1);
        } else {
            i++;
        }
    }
}

bool ram_set(struct ram_map *map, uint64_t base, uint64_t length, uint64_t type)
{
    if (length == 0)
        return true;
    if (base + length < base || map->count + 3 > RAM_RANGES)
        return false;
    split(map, base);
    split(map, base + length);
    unsigned i = 0;
    while (i < map->count && map->ranges[i].base < base)
        i++;
    while (i < map->count && map->ranges[i].base < base + length)
        erase(map, i);
    insert(map, i, (struct ram_range){base, length, type});
    merge(map);
    return true;
}

bool ram_add(struct ram_map *map, uint64_t base, uint64_t length, uint64_t type)
{
    const uint64_t mask = PAGE_SIZE - 1;
    if (base + length < base || base + length > UINT64_MAX - mask)
        return false;
    uint64_t end = base + length;
    if (type == LIMINE_MEMMAP_USABLE) {
        base = (base + mask) & ~mask;
        end &= ~mask;
    } else {
        base &= ~mask;
        end = (end + mask) & ~mask;
    }
    return end <= base || ram_set(map, base, end - base, type);
}

uint64_t ram_take(struct ram_map *map, uint64_t pages, uint64_t align, uint64_t limit, uint64_t type)
{
    if (pages == 0 || pages > UINT64_MAX / PAGE_SIZE)
        return 0;
    uint64_t size = pages * PAGE_SIZE;
    for (unsigned i = map->count; i-- > 0;) {
        const struct ram_range *range = &map->ranges[i];
        if (range->type != LIMINE_MEMMAP_USABLE)
            continue;
        uint64_t end = range_end(range) < limit ? range_end(range) : limit;
        uint64_t low = range->base < PAGE_SIZE ? PAGE_SIZE : range->base;
        if (end < size)
            continue;
        uint64_t base = (end - size) & ~(align - 1);
        if (base < low)
            continue;
        return ram_set(map, base, size, type) ? base : 0;
    }
    return 0;
}

uint64_t ram_free_bytes(const struct ram_map *map, uint64_t limit)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < map->count; i++) {
        const struct ram_range *range = &map->ranges[i];
        if (range->type == LIMINE_MEMMAP_USABLE && range->base < limit)
            sum += (range_end(range) < limit ? range_end(range) : limit) - range->base;
    }
    return sum;
}

bool ram_reserve_page_0(struct ram_map *map)
{
    bool usable = map->count > 0 && map->ranges[0].base == 0 && map->ranges[0].type == LIMINE_MEMMAP_USABLE;
    return !usable || ram_set(map, 0, PAGE_SIZE, LIMINE_MEMMAP_RESERVED);
}

void ram_finish(struct ram_map *map)
{
    for (unsigned i = 0; i < map->count; i++)
        if (map->ranges[i].type == RAM_SCRATCH)
            map->ranges[i].type = LIMINE_MEMMAP_USABLE;
    merge(map);
}
