/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/console.h>
#include <boot/load.h>
#include <str.h>

enum { PATH_SIZE = 512, PATHS = 16 };

/* Puts a file into pages of its own. */
static void settle(struct load_module *module, const struct file *file)
{
    module->address = (uint64_t)(uintptr_t)file->data;
    module->size = file->size;
    if (file->kept)
        return;
    uint64_t pages = file->size == 0 ? 1 : (file->size + PAGE_SIZE - 1) / PAGE_SIZE;
    module->address = platform_pages(pages, PAGE_SIZE, RAM_BELOW_4G, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES);
    if (module->address == 0)
        BOOT_FAIL("module ", module->path, ": not enough memory");
    uint8_t *to = (uint8_t *)(uintptr_t)module->address;
    memcpy(to, file->data, file->size);
    memset(to + file->size, 0, pages * PAGE_SIZE - file->size);
}

/* False if the file does not exist. */
static bool add(struct load *load, const char *path, const char *string)
{
    if (load->module_count == LOAD_MODULES)
        BOOT_FAIL("too many modules");
    struct load_module *module = &load->modules[load->module_count];
    struct file file;
    enum file_status status = platform_file(path, LIMINE_MEMMAP_EXECUTABLE_AND_MODULES, &file);
    if (status == FILE_MISSING)
        return false;
    if (status != FILE_OK)
        BOOT_FAIL("module ", path, ": ", load_file_error(status));
    module->path = path;
    module->string = string;
    settle(module, &file);
    load->module_count++;
    return true;
}

/* `size` bytes at an address of the kernel, or NULL. */
static const void *kernel_bytes(const struct load *load, uint64_t address, uint64_t size)
{
    uint64_t at = address - load->plan.base;
    if (at > load->plan.size || size > load->plan.size - at)
        return NULL;
    return (const uint8_t *)(uintptr_t)load->image + at;
}

/* A string of the kernel: "" for address 0, NULL if it does not end in the image. */
static const char *kernel_string(const struct load *load, uint64_t address)
{
    if (address == 0)
        return "";
    for (uint64_t n = 0; n < PATH_SIZE; n++) {
        const char *c = kernel_bytes(load, address + n, 1);
        if (c == NULL)
            return NULL;
        if (*c == 0)
            return kernel_bytes(load, address, n + 1);
    }
    return NULL;
}

/* A path beside the kernel's own file. */
static const char *beside(const char *kernel, const char *path)
{
    static char paths[PATHS][PATH_SIZE];
    static unsigned used;
    size_t folder = strlen(kernel), length = strlen(path);
    while (folder > 0 && kernel[folder - 1] != '/')
        folder--;
    if (path[0] == '/')
        folder = 0;
    if (used == PATHS || folder + length + 1 > PATH_SIZE)
        return NULL;
    memcpy(paths[used], kernel, folder);
    memcpy(paths[used] + folder, path, length + 1);
    return paths[used++];
}

static void add_internal(struct load *load, const struct limine_internal_module *wanted)
{
    const char *path = kernel_string(load, wanted->path), *string = kernel_string(load, wanted->string);
    if (path == NULL || path[0] == 0 || string == NULL)
        BOOT_FAIL("kernel ", load->path, ": a bad internal module");
    if (wanted->flags & LIMINE_INTERNAL_MODULE_COMPRESSED)
        BOOT_FAIL("internal module ", path, ": compressed modules are not supported");
    const char *full = beside(load->path, path);
    if (full == NULL)
        BOOT_FAIL("internal module ", path, ": too many or too long paths");
    if (!add(load, full, string) && (wanted->flags & LIMINE_INTERNAL_MODULE_REQUIRED))
        BOOT_FAIL("internal module ", full, ": no such file");
}

static void load_internal(struct load *load)
{
    const struct limine_module_request *request = (const void *)load_request(load, LIMINE_ID_MODULE, sizeof *request);
    if (request == NULL || request->head.revision < 1)
        return;
    for (uint64_t i = 0; i < request->internal_module_count; i++) {
        const uint64_t *place = kernel_bytes(load, request->internal_modules + i * sizeof *place, sizeof *place);
        const struct limine_internal_module *wanted = place == NULL ? NULL : kernel_bytes(load, *place, sizeof *wanted);
        if (wanted == NULL)
            BOOT_FAIL("kernel ", load->path, ": a bad list of internal modules");
        add_internal(load, wanted);
    }
}

void load_modules(struct load *load, const struct conf_entry *entry)
{
    load_internal(load);
    for (unsigned i = 0; i < entry->module_count; i++) {
        const struct conf_module *module = &entry->modules[i];
        const char *path = conf_volume_path(module->path);
        if (path == NULL)
            BOOT_FAIL("module ", module->path, ": only boot():/ paths without a hash are supported");
        if (!add(load, path, module->string))
            BOOT_FAIL("module ", path, ": no such file");
    }
}
