/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

static uint64_t identity[512] __attribute__((aligned(4096)));

static uint64_t *table(uint64_t entry)
{
    return (uint64_t *)((entry & 0x000ffffffffff000u) + hhdm());
}

static uint64_t *root(void)
{
    uint64_t cr3;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    return table(cr3);
}

struct mapping mapping_of(uint64_t address)
{
    struct mapping mapping = {false, true, true, false, 0};
    uint64_t entry = 0, *level_table = root();
    for (int level = 3; level >= 0; level--) {
        entry = level_table[address >> (12 + 9 * level) & 511];
        if (!(entry & 1))
            return mapping;
        mapping.write = mapping.write && (entry & 2);
        mapping.exec = mapping.exec && !(entry >> 63);
        uint64_t size = 1ull << (12 + 9 * level);
        bool large = level > 0 && (entry & 0x80);
        if (level > 0 && !large) {
            level_table = table(entry);
            continue;
        }
        bool pat = large ? entry >> 12 & 1 : entry >> 7 & 1;
        mapping.present = true;
        mapping.combine = pat && (entry & 0x8) && !(entry & 0x10);
        mapping.physical = (entry & 0x000ffffffffff000u & ~(size - 1)) | (address & (size - 1));
        return mapping;
    }
    return mapping;
}

bool low_half_empty(void)
{
    uint64_t *entries = root();
    for (unsigned i = 0; i < 256; i++)
        if (entries[i] & 1)
            return false;
    return true;
}

void map_identity(void)
{
    for (unsigned i = 0; i < 4; i++)
        identity[i] = (uint64_t)i << 30 | 0x83; /* 1 GiB pages */
    root()[0] = mapping_of((uint64_t)identity).physical | 3;
}
