/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical memory map while the loader owns the machine: sorted ranges that never overlap, each of one type.
 * Memory is taken by changing a range's type, so that the map that the kernel gets is right at every moment.
 * Pure code.
 */
#ifndef BOOT_RAM_H
#define BOOT_RAM_H

#include <stdbool.h>
#include <stdint.h>

enum { RAM_RANGES = 512 };

/* Beside the types of enum limine_memmap_type: in use now, usable at hand-over. */
enum { RAM_SCRATCH = 0x100 };

#define PAGE_SIZE    4096u
#define RAM_BELOW_1M 0x100000u
#define RAM_BELOW_4G 0x100000000u

struct ram_range {
    uint64_t base; /* bytes, physical */
    uint64_t length;
    uint64_t type;
};

struct ram_map {
    unsigned count;
    struct ram_range ranges[RAM_RANGES];
};

/* Gives [base, base+length) one type, whatever it was.  False if the map is full (nothing changed) or it wraps. */
bool ram_set(struct ram_map *map, uint64_t base, uint64_t length, uint64_t type) __attribute__((warn_unused_result));

/* As ram_set on whole pages: USABLE shrinks to them, everything else grows to them. */
bool ram_add(struct ram_map *map, uint64_t base, uint64_t length, uint64_t type) __attribute__((warn_unused_result));

/*
 * Takes `pages` usable pages, the highest fitting ones that end at or below `limit`, at a multiple of `align`
 * (a power of two, at least PAGE_SIZE), and gives them `type`.  Page 0 is never taken.  Returns 0 if there are none.
 */
uint64_t ram_take(struct ram_map *map, uint64_t pages, uint64_t align, uint64_t limit, uint64_t type)
    __attribute__((warn_unused_result));

/* Usable bytes below `limit`. */
uint64_t ram_free_bytes(const struct ram_map *map, uint64_t limit);

/* Page 0 is never usable memory for the kernel. */
bool ram_reserve_page_0(struct ram_map *map) __attribute__((warn_unused_result));

/* Turns RAM_SCRATCH into usable memory. */
void ram_finish(struct ram_map *map);

#endif
