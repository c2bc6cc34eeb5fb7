/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we ask of the loader, and what it answered.  The requests lie in read-only data: the loader writes the answers
 * before the kernel runs.
 */
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <boot/boot_info.h>
#include <core/assert.h>
#include <debug/log.h>
#include <str.h>

#define REQUEST(place) __attribute__((used, aligned(8), section(".limine_requests" place)))

static const u64 start_marker[] REQUEST(".start") = LIMINE_REQUESTS_START_MARKER;
static const u64 base_revision[] REQUEST("") = LIMINE_BASE_REVISION(3);
#define ASK(variable, name)                                                                                            \
    static const struct limine_request variable REQUEST("") = {.id = LIMINE_REQUEST_ID(LIMINE_ID_##name)}
ASK(ask_loader, BOOTLOADER_INFO);
ASK(ask_hhdm, HHDM);
ASK(ask_framebuffer, FRAMEBUFFER);
ASK(ask_memmap, MEMMAP);
ASK(ask_file, EXECUTABLE_FILE);
ASK(ask_rsdp, RSDP);
ASK(ask_date, DATE_AT_BOOT);
ASK(ask_address, EXECUTABLE_ADDRESS);
static const struct limine_mp_request ask_mp REQUEST("") = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_MP)};
static const struct limine_module_request ask_module REQUEST("") = {.head.id = LIMINE_REQUEST_ID(LIMINE_ID_MODULE)};
static const struct limine_paging_mode_request ask_paging REQUEST("") = {
    .head = {.id = LIMINE_REQUEST_ID(LIMINE_ID_PAGING_MODE), .revision = 1},
    .mode = LIMINE_PAGING_4_LEVEL,
    .max_mode = LIMINE_PAGING_4_LEVEL,
    .min_mode = LIMINE_PAGING_4_LEVEL};
static const u64 end_marker[] REQUEST(".end") = LIMINE_REQUESTS_END_MARKER;

/* The compiler must not take the initialiser for what is there now. */
static const void *answer(const struct limine_request *request)
{
    __asm__("" : "+r"(request) : : "memory"); /* no instruction: the pointer is new to the compiler */
    return (const void *)request->response;
}

static const void *must_answer(const struct limine_request *request, const char *what)
{
    const void *response = answer(request);

    if (response == NULL)
        boot_refuse("boot: the loader did not answer the %s request of the Limine protocol", what);
    return response;
}

/* A loader that does not know revision 3 leaves the third word alone and serves the latest that it knows.  Of that, only the
 * kind of the RSDP's address matters here: see limine_read. */
static bool base_revision_3(void)
{
    const u64 *revision = base_revision;

    /* As in answer(). */
    __asm__("" : "+r"(revision) : : "memory");
    return revision[2] == 0;
}

/* As much of it as `to` has room for behind what is there. */
static void append(char *to, size_t size, const char *text)
{
    size_t used = strlen(to);

    memcpy(to + used, text, strnlen(text, size - 1 - used));
}

static void loader_read(struct boot_info *info)
{
    const struct limine_bootloader_info_response *r = answer(&ask_loader);

    append(info->loader, sizeof(info->loader), r != NULL ? (const char *)r->name : "unnamed");
    if (r != NULL) {
        append(info->loader, sizeof(info->loader), " ");
        append(info->loader, sizeof(info->loader), (const char *)r->version);
    }
    klog("limine: %s, loader %s", base_revision_3() ? "base revision 3" : "a base revision before 3", info->loader);
}

static void map_read(struct boot_info *info)
{
    static const char *const kind[] = {"usable", "reserved",           "ACPI",       "ACPI NVS", "bad",
                                       "loader", "kernel and modules", "framebuffer"};

    const struct limine_memmap_response *map = must_answer(&ask_memmap, "memory map");
    u64 usable = 0;
    if (map->entry_count > MAP_ENTRIES_MAX)
        boot_refuse("boot: the loader's memory map has %lu entries, more than %u", map->entry_count, MAP_ENTRIES_MAX);
    for (u64 i = 0; i < map->entry_count; i++) {
        const struct limine_memmap_entry *e = ((const struct limine_memmap_entry *const *)map->entries)[i];
        if (e->base + e->length < e->base)
            boot_refuse("boot: the loader's memory map has an entry that wraps");
        klog("memory: %012lx to %012lx %s", e->base, e->base + e->length,
             e->type < ARRAY_SIZE(kind) ? kind[e->type] : "unknown");
        info->map[info->map_count++] = *e;
        if (e->type == LIMINE_MEMMAP_USABLE)
            usable += e->length;
    }
    klog("memory: %lu KiB usable", usable / 1024);
}

static void framebuffer_read(struct boot_info *info)
{
    const struct limine_framebuffer_response *r = answer(&ask_framebuffer);

    if (r == NULL || r->framebuffer_count == 0)
        return;
    const struct limine_framebuffer *f = ((const struct limine_framebuffer *const *)r->framebuffers)[0];
    if (f->bpp != 32 || f->memory_model != LIMINE_FRAMEBUFFER_RGB || f->width == 0 || f->height == 0 ||
        f->pitch < f->width * 4 || f->pitch % 4 != 0) {
        klog("screen: %lux%lu with %u bits a pixel is not used", f->width, f->height, f->bpp);
        return;
    }
    info->framebuffer = *f;
    info->framebuffer.address -= hhdm_offset;
}

static void module_read(struct boot_info *info)
{
    const struct limine_module_response *r = answer(&ask_module.head);
    u64 count = r != NULL ? r->module_count : 0;

    if (count != 1)
        boot_refuse("boot: %lu modules; the kernel needs exactly one, the boot package", count);
    const struct limine_file *file = ((const struct limine_file *const *)r->modules)[0];
    info->package = PADDR(file->address - hhdm_offset);
    info->package_size = file->size;
    klog("limine: boot package %s, %lu bytes at %#lx", (const char *)file->path, file->size, info->package.value);
}

static void command_line_read(struct boot_info *info)
{
    const struct limine_executable_file_response *r = must_answer(&ask_file, "executable file");
    const struct limine_file *file = (const struct limine_file *)r->executable_file;
    const char *text = file->string != 0 ? (const char *)file->string : "";

    if (strnlen(text, sizeof(info->command_line)) == sizeof(info->command_line))
        boot_refuse("boot: the command line is longer than %zu bytes", sizeof(info->command_line) - 1);
    append(info->command_line, sizeof(info->command_line), text);
    klog("limine: command line \"%s\"", info->command_line);
}

void limine_read(struct boot_info *info)
{
    loader_read(info);

    const struct limine_hhdm_response *hhdm = must_answer(&ask_hhdm, "HHDM");
    hhdm_offset = hhdm->offset;
    const struct limine_executable_address_response *address = must_answer(&ask_address, "executable address");
    info->kernel_start = PADDR(address->physical_base);
    if (address->virtual_base != KERNEL_LINK)
        boot_refuse("boot: the kernel was loaded at %#llx instead of %#llx", (unsigned long long)address->virtual_base,
                    KERNEL_LINK);
    klog("limine: direct map at %#llx, kernel base %#llx, image at %#llx (physical %#llx)",
         (unsigned long long)hhdm_offset, KERNEL_BASE, KERNEL_LINK, (unsigned long long)info->kernel_start.value);
    const struct limine_paging_mode_response *paging = answer(&ask_paging.head);
    if (paging != NULL && paging->mode != LIMINE_PAGING_4_LEVEL)
        boot_refuse("boot: the loader set up 5-level paging, which the kernel did not ask for");

    map_read(info);
    command_line_read(info);
    module_read(info);
    framebuffer_read(info);
    const struct limine_rsdp_response *rsdp = answer(&ask_rsdp);
    /* Physical with base revision 3, in the direct map before. */
    if (rsdp != NULL)
        info->rsdp = PADDR(rsdp->address - (rsdp->address >= hhdm_offset ? hhdm_offset : 0));
    klog("limine: ACPI's root pointer at %#lx", info->rsdp.value);
    info->mp = answer(&ask_mp.head);
    klog("limine: %lu processors", info->mp != NULL ? info->mp->cpu_count : 1);
    const struct limine_date_at_boot_response *date = answer(&ask_date);
    info->unix_time = date != NULL ? date->timestamp : 0;
}

/* The protocol's promises about the state at entry that the kernel leans on. */
void limine_check_entry(void)
{
    u64 here = (u64)(void (*)(void))limine_check_entry;

    KASSERT((cr0_read() & (CR0_PG | CR0_PE)) == (CR0_PG | CR0_PE));
    KASSERT((cr4_read() & CR4_PAE) != 0);
    KASSERT((msr_read(MSR_EFER) & (EFER_LME | EFER_LMA)) == (EFER_LME | EFER_LMA));
    KASSERT((flags_read() & FLAGS_IF) == 0);
    KASSERT(here >= KERNEL_LINK && here < GUARD_TOP);
    extern char image_start[];
    KASSERT((u64)image_start == KERNEL_LINK && (KERNEL_LINK & ~0x1fffffull) == KERNEL_LINK);
}

/* The same for the direct map, once it is known: two samples. */
void limine_check_map(const struct boot_info *info)
{
    extern char image_start[];
    u64 size, entry = kmap_walk((u64)image_start, &size);

    KASSERT(entry != 0);
    KASSERT((entry & 0x000ffffffffff000ull & ~(size - 1)) + ((u64)image_start & (size - 1)) ==
            info->kernel_start.value);
    u64 direct = kmap_walk(hhdm_offset + info->kernel_start.value, &size);
    KASSERT(direct != 0);
    KASSERT(*(const u64 *)image_start == *(const u64 *)phys_to_virt(info->kernel_start));
}
