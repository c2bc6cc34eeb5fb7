/* SPDX-License-Identifier: BSD-2-Clause */
/* One function builds the response to one request; NULL leaves the request unanswered. */
#include <boot/load.h>
#include <boot/mp.h>
#include <boot/paging.h>
#include <boot/version.h>
#include <str.h>

#define NEW(load, type) ((struct type *)load_room((load), sizeof(struct type)))

static uint64_t high_string(struct load *load, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = load_room(load, size);
    memcpy(copy, text, size);
    return load_high(copy);
}

/* From base revision 3 on firmware tables are given by their physical addresses. */
static uint64_t table_address(const struct load *load, uint64_t physical)
{
    return physical == 0 || load->requests.revision >= 3 ? physical : physical + HHDM_BASE;
}

static void *answer_bootloader_info(struct load *load)
{
    struct limine_bootloader_info_response *response = NEW(load, limine_bootloader_info_response);
    response->name = high_string(load, BOOT_NAME);
    response->version = high_string(load, BOOT_VERSION);
    return response;
}

static uint64_t cmdline(struct load *load)
{
    static uint64_t address;
    if (address == 0)
        address = high_string(load, load->cmdline);
    return address;
}

static void *answer_cmdline(struct load *load)
{
    struct limine_executable_cmdline_response *response = NEW(load, limine_executable_cmdline_response);
    response->cmdline = cmdline(load);
    return response;
}

static void *answer_firmware_type(struct load *load)
{
    struct limine_firmware_type_response *response = NEW(load, limine_firmware_type_response);
    response->firmware_type = load->firmware.type;
    return response;
}

/* For requests that are obeyed rather than answered. */
static void *answer_plain(struct load *load)
{
    return NEW(load, limine_response);
}

static void *answer_hhdm(struct load *load)
{
    struct limine_hhdm_response *response = NEW(load, limine_hhdm_response);
    response->offset = HHDM_BASE;
    return response;
}

static uint64_t video_mode(struct load *load)
{
    const struct screen *screen = &load->screen;
    struct limine_video_mode *mode = NEW(load, limine_video_mode);
    uint64_t *list = load_room(load, sizeof *list);
    *mode = (struct limine_video_mode){
        .pitch = screen->pitch,
        .width = screen->width,
        .height = screen->height,
        .bpp = screen->bpp,
        .memory_model = LIMINE_FRAMEBUFFER_RGB,
        .red_mask_size = screen->red_size,
        .red_mask_shift = screen->red_shift,
        .green_mask_size = screen->green_size,
        .green_mask_shift = screen->green_shift,
        .blue_mask_size = screen->blue_size,
        .blue_mask_shift = screen->blue_shift,
    };
    *list = load_high(mode);
    return load_high(list);
}

static void *answer_framebuffer(struct load *load)
{
    const struct screen *screen = &load->screen;
    if (!load->has_screen)
        return NULL;
    struct limine_framebuffer_response *response = NEW(load, limine_framebuffer_response);
    struct limine_framebuffer *framebuffer = NEW(load, limine_framebuffer);
    uint64_t *list = load_room(load, sizeof *list);
    *framebuffer = (struct limine_framebuffer){
        .address = screen->base + HHDM_BASE,
        .pitch = screen->pitch,
        .width = screen->width,
        .height = screen->height,
        .bpp = screen->bpp,
        .memory_model = LIMINE_FRAMEBUFFER_RGB,
        .red_mask_size = screen->red_size,
        .red_mask_shift = screen->red_shift,
        .green_mask_size = screen->green_size,
        .green_mask_shift = screen->green_shift,
        .blue_mask_size = screen->blue_size,
        .blue_mask_shift = screen->blue_shift,
        .mode_count = 1,
        .modes = video_mode(load),
    };
    *list = load_high(framebuffer);
    *response = (struct limine_framebuffer_response){1, 1, load_high(list)};
    return response;
}

static void *answer_paging_mode(struct load *load)
{
    struct limine_paging_mode_response *response = NEW(load, limine_paging_mode_response);
    response->mode = LIMINE_PAGING_4_LEVEL;
    return response;
}

static uint64_t file_record(struct load *load, uint64_t address, uint64_t size, const char *path, uint64_t string)
{
    struct limine_file *file = NEW(load, limine_file);
    *file = load->volume;
    file->address = address + HHDM_BASE;
    file->size = size;
    file->path = high_string(load, path);
    file->string = string;
    return load_high(file);
}

static void *answer_executable_file(struct load *load)
{
    struct limine_executable_file_response *response = NEW(load, limine_executable_file_response);
    response->executable_file =
        file_record(load, (uint64_t)(uintptr_t)load->file.data, load->file.size, load->path, cmdline(load));
    return response;
}

static void *answer_module(struct load *load)
{
    if (load->module_count == 0)
        return NULL;
    struct limine_module_response *response = NEW(load, limine_module_response);
    uint64_t *list = load_room(load, load->module_count * sizeof *list);
    for (unsigned i = 0; i < load->module_count; i++) {
        const struct load_module *module = &load->modules[i];
        list[i] = file_record(load, module->address, module->size, module->path, high_string(load, module->string));
    }
    *response = (struct limine_module_response){1, load->module_count, load_high(list)};
    return response;
}

static void *answer_rsdp(struct load *load)
{
    if (load->firmware.rsdp == 0)
        return NULL;
    struct limine_rsdp_response *response = NEW(load, limine_rsdp_response);
    response->address = table_address(load, load->firmware.rsdp);
    return response;
}

static void *answer_smbios(struct load *load)
{
    if (load->firmware.smbios_32 == 0 && load->firmware.smbios_64 == 0)
        return NULL;
    struct limine_smbios_response *response = NEW(load, limine_smbios_response);
    response->entry_32 = table_address(load, load->firmware.smbios_32);
    response->entry_64 = table_address(load, load->firmware.smbios_64);
    return response;
}

static void *answer_efi_system_table(struct load *load)
{
    if (load->firmware.efi_system_table == 0)
        return NULL;
    struct limine_efi_system_table_response *response = NEW(load, limine_efi_system_table_response);
    response->address = table_address(load, load->firmware.efi_system_table);
    return response;
}

static void *answer_efi_memmap(struct load *load)
{
    const struct firmware *firmware = &load->firmware;
    if (firmware->efi_memmap == 0)
        return NULL;
    struct limine_efi_memmap_response *response = NEW(load, limine_efi_memmap_response);
    *response = (struct limine_efi_memmap_response){
        0,
        firmware->efi_memmap + HHDM_BASE,
        firmware->efi_memmap_size,
        firmware->efi_desc_size,
        firmware->efi_desc_version,
    };
    return response;
}

static void *answer_date(struct load *load)
{
    struct limine_date_at_boot_response *response = NEW(load, limine_date_at_boot_response);
    response->timestamp = load->firmware.date;
    return response;
}

static void *answer_executable_address(struct load *load)
{
    struct limine_executable_address_response *response = NEW(load, limine_executable_address_response);
    response->physical_base = load->image;
    response->virtual_base = load->plan.base;
    return response;
}

static const struct {
    uint64_t id2, id3;
    uint64_t size; /* of the request */
    void *(*answer)(struct load *load);
} answers[] = {
    {LIMINE_ID_BOOTLOADER_INFO, sizeof(struct limine_request), answer_bootloader_info},
    {LIMINE_ID_EXECUTABLE_CMDLINE, sizeof(struct limine_request), answer_cmdline},
    {LIMINE_ID_FIRMWARE_TYPE, sizeof(struct limine_request), answer_firmware_type},
    {LIMINE_ID_STACK_SIZE, sizeof(struct limine_stack_size_request), answer_plain},
    {LIMINE_ID_HHDM, sizeof(struct limine_request), answer_hhdm},
    {LIMINE_ID_FRAMEBUFFER, sizeof(struct limine_request), answer_framebuffer},
    {LIMINE_ID_PAGING_MODE, sizeof(struct limine_request), answer_paging_mode},
    {LIMINE_ID_ENTRY_POINT, sizeof(struct limine_entry_point_request), answer_plain},
    {LIMINE_ID_EXECUTABLE_FILE, sizeof(struct limine_request), answer_executable_file},
    {LIMINE_ID_MODULE, sizeof(struct limine_request), answer_module},
    {LIMINE_ID_RSDP, sizeof(struct limine_request), answer_rsdp},
    {LIMINE_ID_SMBIOS, sizeof(struct limine_request), answer_smbios},
    {LIMINE_ID_EFI_SYSTEM_TABLE, sizeof(struct limine_request), answer_efi_system_table},
    {LIMINE_ID_EFI_MEMMAP, sizeof(struct limine_request), answer_efi_memmap},
    {LIMINE_ID_DATE_AT_BOOT, sizeof(struct limine_request), answer_date},
    {LIMINE_ID_EXECUTABLE_ADDRESS, sizeof(struct limine_request), answer_executable_address},
    {LIMINE_ID_MP, sizeof(struct limine_mp_request), answer_mp},
};

void answer_requests(struct load *load)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct limine_request *request = load_request(load, answers[i].id2, answers[i].id3, answers[i].size);
        void *response = request == NULL ? NULL : answers[i].answer(load);
        if (response != NULL)
            request->response = load_high(response);
    }
}

void answer_memmap(struct load *load)
{
    struct limine_request *request = load_request(load, LIMINE_ID_MEMMAP, sizeof *request);
    if (request == NULL)
        return;
    /* Taking the room may split a range. */
    const uint64_t most = load->ram.count + 4;
    struct limine_memmap_response *response = NEW(load, limine_memmap_response);
    struct limine_memmap_entry *entries = load_room(load, most * sizeof *entries);
    uint64_t *list = load_room(load, most * sizeof *list);
    ram_finish(&load->ram);
    for (unsigned i = 0; i < load->ram.count; i++) {
        const struct ram_range *range = &load->ram.ranges[i];
        entries[i] = (struct limine_memmap_entry){range->base, range->length, range->type};
        list[i] = load_high(&entries[i]);
    }
    *response = (struct limine_memmap_response){0, load->ram.count, load_high(list)};
    request->response = load_high(response);
}
