/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

static uint64_t sum_of(const uint8_t *bytes, uint64_t size)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

static bool starts(uint64_t address, const char *text)
{
    for (const char *at = (const char *)address; *text != 0; at++, text++)
        if (*at != *text)
            return false;
    return true;
}

static void check_tag(void)
{
    if (variant.tag == 0)
        return;
    check_value(variant.tag[2], variant.tag_after, "base revision tag says whether it is supported");
    check_value(variant.tag[1], variant.revision, "base revision tag says which one is in use");
}

static bool in_own_pages(const struct limine_file *file, uint64_t type)
{
    const struct limine_memmap_entry *entry = memmap_at(file->address - hhdm());
    return file->address % 4096 == 0 && entry && entry->type == type &&
           file->address - hhdm() + file->size <= entry->base + entry->length;
}

static void show_file(const char *name, const struct limine_file *file)
{
    say(name, " = ", (const char *)file->path, " size ", hex(file->size), " sum ",
        hex(sum_of((const uint8_t *)file->address, file->size)), " string [", (const char *)file->string, "]");
}

static void check_files(void)
{
    const struct limine_executable_file_response *response = (const void *)file_request.response;
    const struct limine_executable_cmdline_response *line = (const void *)cmdline_request.response;
    const struct limine_file *file = (const void *)response->executable_file;
    show_file("kernel", file);
    check(starts(file->address, "\177ELF"), "the executable file is the kernel's");
    check(in_own_pages(file, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE), "the executable file is in reclaimable pages");
    check(line != 0, "the command line is answered");
    if (line != 0)
        check_value(line->cmdline, file->string, "both command lines are one");
    say("cmdline = [", (const char *)file->string, "]");
    const struct limine_module_response *modules = (const void *)module_request.head.response;
    if (modules == 0)
        return;
    check(modules->revision >= 1 || variant.internal_modules == 0, "module response knows internal modules");
    bool good = true;
    for (uint64_t i = 0; i < modules->module_count; i++) {
        file = (const void *)((const uint64_t *)modules->modules)[i];
        show_file(i < variant.internal_modules ? "internal" : "module", file);
        good = good && in_own_pages(file, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES);
    }
    check(good, "modules are page aligned, in memory of their own type");
}

static void check_framebuffer(void)
{
    const struct limine_framebuffer_response *response = (const void *)framebuffer_request.response;
    if (response == 0) {
        say("framebuffer = none");
        return;
    }
    const struct limine_framebuffer *fb = (const void *)*(const uint64_t *)response->framebuffers;
    say("framebuffer = ", hex(fb->width), " ", hex(fb->height), " pitch ", hex(fb->pitch), " bpp ", hex(fb->bpp));
    check(fb->memory_model == LIMINE_FRAMEBUFFER_RGB && fb->pitch >= fb->width * fb->bpp / 8 && fb->width > 0 &&
              fb->height > 0 && fb->red_mask_size == 8,
          "framebuffer is sane");
    volatile uint32_t *pixel = (volatile uint32_t *)(fb->address + (fb->height - 1) * fb->pitch);
    *pixel = 0x00123456;
    check(*pixel == 0x00123456, "framebuffer holds a pixel");
    check(mapping_of(fb->address).combine, "framebuffer is write-combining");
    const struct limine_memmap_entry *entry = memmap_at(fb->address - hhdm());
    check(entry && entry->type == LIMINE_MEMMAP_FRAMEBUFFER, "framebuffer is in the memory map");
    check(response->revision >= 1 && fb->mode_count >= 1, "framebuffer lists its mode");
}

/* Firmware tables are read at their physical addresses; before revision 3 the HHDM offset must be on them. */
static uint64_t physical(uint64_t address)
{
    return variant.revision >= 3 ? address : address - hhdm();
}

static void check_firmware(void)
{
    const struct limine_rsdp_response *rsdp = (const void *)rsdp_request.response;
    const struct limine_smbios_response *smbios = (const void *)smbios_request.response;
    const struct limine_efi_system_table_response *efi = (const void *)efi_table_request.response;
    const struct limine_efi_memmap_response *map = (const void *)efi_memmap_request.response;
    const struct limine_firmware_type_response *type = (const void *)firmware_request.response;
    map_identity();
    check(rsdp && physical(rsdp->address) < 1ull << 32 && starts(physical(rsdp->address), "RSD PTR "), "RSDP is there");
    check(smbios && ((smbios->entry_32 && starts(physical(smbios->entry_32), "_SM_")) ||
                     (smbios->entry_64 && starts(physical(smbios->entry_64), "_SM3_"))),
          "SMBIOS is there");
    say("firmware = ", hex(type->firmware_type));
    if (type->firmware_type == LIMINE_FIRMWARE_EFI64) {
        check(efi && starts(physical(efi->address), "IBI SYST"), "EFI system table is there");
        check(map && map->desc_size >= 40 && map->memmap_size % map->desc_size == 0 && map->memmap_size > 0,
              "EFI memory map is there");
        const struct limine_memmap_entry *entry = map ? memmap_at(map->memmap - hhdm()) : 0;
        check(entry && entry->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, "EFI memory map is in reclaimable memory");
    } else {
        check(efi == 0 && map == 0, "no EFI tables without EFI");
    }
}

static void check_plain(void)
{
    const struct limine_bootloader_info_response *info = (const void *)info_request.response;
    const struct limine_date_at_boot_response *date = (const void *)date_request.response;
    const struct limine_executable_address_response *place = (const void *)address_request.response;
    const struct limine_paging_mode_response *paging = (const void *)paging_request.head.response;
    say("loader = ", (const char *)info->name, " ", (const char *)info->version);
    say("date = ", hex((uint64_t)date->timestamp));
    check_value(place->virtual_base, (uint64_t)image_begin, "virtual base is the image's");
    check_value(place->physical_base, mapping_of((uint64_t)image_begin).physical, "physical base is the image's");
    check(paging && paging->mode == LIMINE_PAGING_4_LEVEL, "four-level paging");
}

void check_requests(void)
{
    check_tag();
    if (variant.unanswered != 0)
        check_value(*variant.unanswered, 0, "what must stay unanswered does");
    if (!variant.answers)
        return;
    check_plain();
    check_files();
    check_framebuffer();
    check_mp();
    check_firmware();
}

void probe_main(void)
{
    say("probe begins");
    if (hhdm_request.response == 0 || memmap_request.response == 0) {
        check(false, "HHDM and memory map are answered");
        leave();
    }
    check_cpu();
    check_memory();
    check_requests();
    leave();
}
