/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the volume that the loader was started from. */
#include "efi.h"

#include <boot/console.h>
#include <boot/platform.h>
#include <str.h>

enum { PATH_MAX_CHARS = 512 };

static const struct efi_guid loaded_image_guid = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid file_system_guid = {
    0x964e5b22, 0x6459, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid file_info_guid = {
    0x09576e92, 0x6d3f, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid device_path_guid = {
    0x09576e91, 0x6d3f, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

static struct efi_file *root;

void volume_open(void)
{
    struct efi_loaded_image *loaded;
    struct efi_file_system *system;
    struct efi_boot_services *boot = efi_system->boot;
    if (boot->handle_protocol(efi_image, &loaded_image_guid, (void **)&loaded) != EFI_SUCCESS)
        BOOT_FAIL("the firmware does not say where the loader comes from");
    efi_volume_device = loaded->device;
    if (boot->handle_protocol(loaded->device, &file_system_guid, (void **)&system) != EFI_SUCCESS ||
        system->open_volume(system, &root) != EFI_SUCCESS)
        BOOT_FAIL("the boot volume cannot be opened");
}

/* "/a/b" becomes "\a\b".  False if it is too long. */
static bool efi_path_of(const char *path, efi_char *wide)
{
    size_t n = strlen(path);
    if (n >= PATH_MAX_CHARS)
        return false;
    for (size_t i = 0; i <= n; i++)
        wide[i] = path[i] == '/' ? '\\' : (uint8_t)path[i];
    return true;
}

/* Reads all of an open file into pages of its own. */
static enum file_status read_all(struct efi_file *from, uint64_t size, uint64_t type, struct file *file)
{
    uint64_t pages = size == 0 ? 1 : (size + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t base = platform_pages(pages, PAGE_SIZE, RAM_BELOW_4G, type);
    if (base == 0)
        return FILE_NO_MEMORY;
    uint8_t *to = (uint8_t *)(uintptr_t)base;
    for (uint64_t done = 0; done < size;) {
        uint64_t step = size - done;
        if (from->read(from, &step, to + done) != EFI_SUCCESS || step == 0)
            return FILE_BROKEN;
        done += step;
    }
    memset(to + size, 0, pages * PAGE_SIZE - size);
    *file = (struct file){to, size, true};
    return FILE_OK;
}

enum file_status platform_file(const char *path, uint64_t type, struct file *file)
{
    efi_char wide[PATH_MAX_CHARS];
    struct efi_file *opened;
    struct efi_file_info info;
    uint64_t info_size = sizeof info;
    if (!efi_path_of(path, wide))
        return FILE_MISSING;
    efi_status status = root->open(root, &opened, wide, EFI_FILE_READ, 0);
    if (status != EFI_SUCCESS)
        return status == EFI_NOT_FOUND ? FILE_MISSING : FILE_BROKEN;
    enum file_status result = FILE_BROKEN;
    if (opened->get_info(opened, &file_info_guid, &info_size, &info) == EFI_SUCCESS)
        result = info.attributes & EFI_FILE_DIRECTORY ? FILE_MISSING : read_all(opened, info.file_size, type, file);
    (void)opened->close(opened);
    return result;
}

static void describe_disk(const struct efi_path_disk *disk, struct limine_file *file)
{
    file->partition_index = disk->partition;
    if (disk->signature_type == EFI_SIGNATURE_GUID)
        memcpy(&file->gpt_part_uuid, disk->signature, sizeof file->gpt_part_uuid);
    if (disk->signature_type == EFI_SIGNATURE_MBR)
        memcpy(&file->mbr_disk_id, disk->signature, sizeof file->mbr_disk_id);
}

void platform_volume(struct limine_file *file)
{
    struct efi_path *path = NULL;
    if (efi_system->boot->handle_protocol(efi_volume_device, &device_path_guid, (void **)&path) != EFI_SUCCESS)
        return;
    while (path->type != EFI_PATH_END && path->length >= sizeof *path) {
        if (path->type == EFI_PATH_MEDIA && path->subtype == EFI_PATH_MEDIA_DISK &&
            path->length >= sizeof(struct efi_path_disk))
            describe_disk((const struct efi_path_disk *)path, file);
        if (path->type == EFI_PATH_MEDIA && path->subtype == EFI_PATH_MEDIA_OPTICAL)
            file->media_type = LIMINE_MEDIA_OPTICAL;
        path = (struct efi_path *)((uint8_t *)path + path->length);
    }
}
