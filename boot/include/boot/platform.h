/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a front end (UEFI or PVH) gives the common core.  Each front end defines all of these functions.
 * Memory is identity mapped while the loader runs: a physical address is a pointer.
 */
#ifndef BOOT_PLATFORM_H
#define BOOT_PLATFORM_H

#include <boot/ram.h>
#include <mnos/limine_more.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text for the firmware's console.  Not called after platform_leave. */
void platform_put(const char *text, size_t length);

/* Ends after an error line. */
_Noreturn void platform_stop(void);

/* Waits at most so long for a key; its ASCII code, or -1. */
int platform_key(uint64_t milliseconds);

/*
 * Physical memory below `limit` (RAM_BELOW_1M or RAM_BELOW_4G) that gets `type` in the final map; 0 if there is none.
 * Not after platform_leave, nor is the next.
 */
uint64_t platform_pages(uint64_t pages, uint64_t align, uint64_t limit, uint64_t type);

/* Bytes below 4 GiB that nobody uses. */
uint64_t platform_free(void);

enum file_status {
    FILE_OK,
    FILE_MISSING,
    FILE_NO_MEMORY,
    FILE_BROKEN, /* the medium or the volume's structure fails */
};

struct file {
    const void *data; /* no alignment promised */
    uint64_t size;
    bool kept; /* page aligned, in pages of its own that have the wanted type at hand-over */
};

/* Reads a file of the boot volume; `path` begins with a slash. */
enum file_status platform_file(const char *path, uint64_t type, struct file *file);

/* Where the boot volume is, for struct limine_file: fills media_type, partition_index and the ids. */
void platform_volume(struct limine_file *file);

struct screen {
    uint64_t base; /* physical */
    uint64_t width;
    uint64_t height;
    uint64_t pitch; /* bytes a line */
    uint16_t bpp;
    uint8_t red_size, red_shift, green_size, green_shift, blue_size, blue_shift;
};

/* Sets a linear mode near the wanted one (0: any).  False where there is none. */
bool platform_screen(uint32_t width, uint32_t height, uint32_t bpp, struct screen *screen);

/* What the firmware tells; 0 where it does not. */
struct firmware {
    uint64_t type; /* enum limine_firmware_type */
    uint64_t rsdp;
    uint64_t smbios_32;
    uint64_t smbios_64;
    uint64_t efi_system_table;
    uint64_t efi_memmap;
    uint64_t efi_memmap_size;
    uint64_t efi_desc_size;
    uint64_t efi_desc_version;
    int64_t date; /* seconds since 1970 */
};

void platform_firmware(struct firmware *firmware);

/* More text for the kernel's command line, or "". */
const char *platform_cmdline(void);

/*
 * Leaves the firmware: fills the map (the loader's own memory BOOTLOADER_RECLAIMABLE) and the EFI memory map's
 * place in *firmware.  From here on the machine is ours.  Stops with an error line if it cannot.
 */
void platform_leave(struct ram_map *map, struct firmware *firmware);

#endif
