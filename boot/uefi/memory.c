/* SPDX-License-Identifier: BSD-2-Clause */
#include "efi.h"

#include <boot/console.h>
#include <boot/load.h>

enum {
    TAKEN_MAX = 2 * LOAD_MODULES,
    MAP_PAGES = 16, /* room for the firmware's map when it is first asked for */
    TRIES = 8,
};

/* What was allocated under a type that the firmware does not know. */
static struct ram_range taken[TAKEN_MAX];
static unsigned taken_count;

static struct {
    uint64_t address; /* of the firmware's map */
    uint64_t size;
    uint64_t capacity;
    uint64_t key;
    uint64_t descriptor_size;
    uint32_t version;
} map_now;

static const struct efi_memory *descriptor(uint64_t offset)
{
    return (const struct efi_memory *)(uintptr_t)(map_now.address + offset);
}

/* Allocates with slack for the alignment, and gives the slack back. */
static uint64_t allocate(uint64_t pages, uint64_t align, uint64_t limit)
{
    uint64_t slack = align / PAGE_SIZE - 1, address = limit - 1;
    if (pages > limit / PAGE_SIZE || efi_system->boot->allocate_pages(EFI_ALLOCATE_MAX_ADDRESS, EFI_LOADER_DATA,
                                                                      pages + slack, &address) != EFI_SUCCESS)
        return 0;
    uint64_t base = (address + align - 1) & ~(align - 1), head = (base - address) / PAGE_SIZE;
    if (head > 0)
        (void)efi_system->boot->free_pages(address, head);
    if (slack > head)
        (void)efi_system->boot->free_pages(base + pages * PAGE_SIZE, slack - head);
    return base;
}

uint64_t platform_pages(uint64_t pages, uint64_t align, uint64_t limit, uint64_t type)
{
    bool special = type == LIMINE_MEMMAP_EXECUTABLE_AND_MODULES;
    if (special && taken_count == TAKEN_MAX)
        return 0;
    uint64_t base = allocate(pages, align, limit);
    if (base != 0 && special)
        taken[taken_count++] = (struct ram_range){base, pages * PAGE_SIZE, type};
    return base;
}

static efi_status get_map(void)
{
    map_now.size = map_now.capacity;
    return efi_system->boot->get_memory_map(&map_now.size, (void *)(uintptr_t)map_now.address, &map_now.key,
                                            &map_now.descriptor_size, &map_now.version);
}

/* The firmware's map, in a buffer that is large enough for it. */
static void read_map(void)
{
    for (uint64_t pages = MAP_PAGES; pages <= MAP_PAGES << TRIES; pages *= 2) {
        if (map_now.capacity < pages * PAGE_SIZE) {
            map_now.address = allocate(pages, PAGE_SIZE, RAM_BELOW_4G);
            map_now.capacity = pages * PAGE_SIZE;
        }
        efi_status status = map_now.address == 0 ? EFI_OUT_OF_RESOURCES : get_map();
        if (status == EFI_SUCCESS)
            return;
        if (status != EFI_BUFFER_TOO_SMALL)
            break;
    }
    BOOT_FAIL("the firmware gives no memory map");
}

uint64_t platform_free(void)
{
    uint64_t sum = 0;
    read_map();
    for (uint64_t at = 0; at < map_now.size; at += map_now.descriptor_size) {
        const struct efi_memory *memory = descriptor(at);
        if (memory->type == EFI_CONVENTIONAL && memory->physical + memory->pages * PAGE_SIZE <= RAM_BELOW_4G)
            sum += memory->pages * PAGE_SIZE;
    }
    return sum;
}

static uint64_t type_of(uint32_t type)
{
    switch (type) {
    case EFI_LOADER_CODE:
    case EFI_LOADER_DATA:
    case EFI_BOOT_CODE:
    case EFI_BOOT_DATA:
        return LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE;
    case EFI_CONVENTIONAL:
        return LIMINE_MEMMAP_USABLE;
    case EFI_ACPI_RECLAIM:
        return LIMINE_MEMMAP_ACPI_RECLAIMABLE;
    case EFI_ACPI_NVS:
        return LIMINE_MEMMAP_ACPI_NVS;
    default:
        return LIMINE_MEMMAP_RESERVED;
    }
}

/* Adds the firmware's ranges of one kind: usable or not. */
static bool convert(struct ram_map *map, bool usable)
{
    bool good = true;
    for (uint64_t at = 0; at < map_now.size; at += map_now.descriptor_size) {
        const struct efi_memory *memory = descriptor(at);
        uint64_t type = type_of(memory->type);
        if ((type == LIMINE_MEMMAP_USABLE) == usable)
            good = good && ram_add(map, memory->physical, memory->pages * PAGE_SIZE, type);
    }
    return good;
}

/* The map must not change between reading it and leaving; the firmware says so where it has. */
static void leave(void)
{
    for (unsigned i = 0; i < TRIES; i++) {
        if (get_map() != EFI_SUCCESS)
            break;
        if (efi_system->boot->exit_boot_services(efi_image, map_now.key) == EFI_SUCCESS)
            return;
    }
    BOOT_FAIL("the firmware's boot services cannot be left");
}

void memory_leave(struct ram_map *map, struct firmware *firmware)
{
    read_map();
    leave();
    console_firmware(false);
    bool good = convert(map, true) && convert(map, false);
    for (unsigned i = 0; i < taken_count; i++)
        good = good && ram_add(map, taken[i].base, taken[i].length, taken[i].type);
    if (!good)
        BOOT_FAIL("the firmware's memory map is too long or wrong");
    firmware->efi_memmap = map_now.address;
    firmware->efi_memmap_size = map_now.size;
    firmware->efi_desc_size = map_now.descriptor_size;
    firmware->efi_desc_version = map_now.version;
}
