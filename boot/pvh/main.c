/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform of `qemu -kernel`: memory map, command line and boot volume from the start info. */
#include "pvh.h"

#include <boot/console.h>
#include <boot/cpu.h>
#include <boot/load.h>
#include <boot/wait.h>
#include <str.h>
#include <ustar.h>

enum {
    DEBUG_EXIT = 0xf4, /* isa-debug-exit of a test machine; nothing elsewhere */
    EXIT_REFUSED = 0x12,
    COM1_DATA = 0x3f8,
    COM1_STATUS = 0x3fd,
    STATUS_READY = 1,
    CMDLINE_MAX = 1024,
    E820_RAM = 1,
    E820_ACPI = 3,
    E820_NVS = 4,
    E820_BAD = 5,
};

extern char loader_begin[], loader_end[];
void pvh_main(const struct pvh_start_info *info);

static struct ram_map ram;
static struct {
    const void *data;
    uint64_t size;
} volume;
static char cmdline[CMDLINE_MAX];
static uint64_t rsdp;

void platform_put(const char *text, size_t length)
{
    (void)text;
    (void)length;
}

_Noreturn void platform_stop(void)
{
    port_write8(DEBUG_EXIT, EXIT_REFUSED);
    for (;;)
        cpu_halt();
}

int platform_key(uint64_t milliseconds)
{
    for (uint64_t i = 0; i < milliseconds; i++) {
        if (port_read8(COM1_STATUS) & STATUS_READY)
            return port_read8(COM1_DATA);
        wait_microseconds(1000);
    }
    return -1;
}

uint64_t platform_pages(uint64_t pages, uint64_t align, uint64_t limit, uint64_t type)
{
    return ram_take(&ram, pages, align, limit, type);
}

uint64_t platform_free(void)
{
    return ram_free_bytes(&ram, RAM_BELOW_4G);
}

enum file_status platform_file(const char *path, uint64_t type, struct file *file)
{
    (void)type; /* files stay in the volume */
    struct ustar_member member;
    enum ustar_error error = ustar_find(volume.data, volume.size, path, &member);
    if (error == USTAR_NOT_FOUND || (error == USTAR_OK && member.type != USTAR_FILE))
        return FILE_MISSING;
    if (error != USTAR_OK)
        return FILE_BROKEN;
    *file = (struct file){member.data, member.size, false};
    return FILE_OK;
}

void platform_volume(struct limine_file *file)
{
    file->media_type = LIMINE_MEDIA_GENERIC;
}

const char *platform_cmdline(void)
{
    return cmdline;
}

void platform_firmware(struct firmware *firmware)
{
    *firmware = (struct firmware){
        .type = LIMINE_FIRMWARE_X86_BIOS,
        .rsdp = rsdp != 0 ? rsdp : bios_find_rsdp(),
        .smbios_32 = bios_find_smbios_32(),
        .smbios_64 = bios_find_smbios_64(),
        .date = rtc_read(),
    };
}

void platform_leave(struct ram_map *map, struct firmware *firmware)
{
    (void)firmware;
    *map = ram;
}

static uint64_t type_of(uint32_t e820)
{
    switch (e820) {
    case E820_RAM:
        return LIMINE_MEMMAP_USABLE;
    case E820_ACPI:
        return LIMINE_MEMMAP_ACPI_RECLAIMABLE;
    case E820_NVS:
        return LIMINE_MEMMAP_ACPI_NVS;
    case E820_BAD:
        return LIMINE_MEMMAP_BAD_MEMORY;
    default:
        return LIMINE_MEMMAP_RESERVED;
    }
}

static void add(uint64_t base, uint64_t size, uint64_t type)
{
    if (!ram_add(&ram, base, size, type))
        BOOT_FAIL("the memory map is too long or wrong");
}

/* Usable memory first, so that whatever else claims a page wins. */
static void read_memmap(const struct pvh_start_info *info)
{
    const struct pvh_range *ranges = (const void *)(uintptr_t)info->memmap;
    if (info->version < 1 || info->memmap_count == 0)
        BOOT_FAIL("the machine gives no memory map");
    for (uint32_t i = 0; i < info->memmap_count; i++)
        if (ranges[i].type == E820_RAM)
            add(ranges[i].base, ranges[i].size, LIMINE_MEMMAP_USABLE);
    for (uint32_t i = 0; i < info->memmap_count; i++)
        if (ranges[i].type != E820_RAM)
            add(ranges[i].base, ranges[i].size, type_of(ranges[i].type));
}

static void read_cmdline(uint64_t address)
{
    const char *text = (const char *)(uintptr_t)address;
    size_t length = text == NULL ? 0 : strlen(text);
    if (length >= CMDLINE_MAX)
        BOOT_FAIL("the command line is too long");
    memcpy(cmdline, text == NULL ? "" : text, length + 1);
}

static void read_volume(const struct pvh_start_info *info)
{
    const struct pvh_module *module = (const void *)(uintptr_t)info->modules;
    if (info->module_count == 0)
        BOOT_FAIL("no boot volume (-initrd)");
    volume.data = (const void *)(uintptr_t)module->address;
    volume.size = module->size;
    add(module->address, module->size, RAM_SCRATCH);
}

/* Everything in the start info is copied or kept here, before memory is taken. */
void pvh_main(const struct pvh_start_info *info)
{
    console_serial(true);
    if (info->magic != PVH_MAGIC)
        BOOT_FAIL("not started through the PVH entry");
    read_memmap(info);
    read_cmdline(info->cmdline);
    rsdp = info->rsdp;
    add((uint64_t)(uintptr_t)loader_begin, (uint64_t)(loader_end - loader_begin), LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    read_volume(info);
    load_main();
}
