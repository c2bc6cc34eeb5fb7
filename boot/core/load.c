/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/console.h>
#include <boot/cpu.h>
#include <boot/load.h>
#include <boot/mp.h>
#include <boot/paging.h>
#include <str.h>

enum {
    STACK_LEAST = 65536,
    STACK_MOST = 0x4000000,
    ROOM_PAGES = 4,
    MARGIN = 0x60000, /* page tables and responses of a common machine */
};

static struct load the_load;

uint64_t load_high(const void *object)
{
    return (uint64_t)(uintptr_t)object + HHDM_BASE;
}

struct limine_request *load_request(const struct load *load, uint64_t id2, uint64_t id3, uint64_t size)
{
    return requests_get(&load->requests, (const void *)(uintptr_t)load->image, load->plan.size, id2, id3, size);
}

const char *load_file_error(enum file_status status)
{
    switch (status) {
    case FILE_MISSING:
        return "no such file";
    case FILE_NO_MEMORY:
        return "not enough memory";
    default:
        return "the boot volume cannot be read";
    }
}

static _Noreturn void no_memory(const char *what)
{
    BOOT_FAIL("not enough memory for ", what);
}

static uint64_t take(struct load *load, uint64_t pages)
{
    uint64_t base = ram_take(&load->ram, pages, PAGE_SIZE, RAM_BELOW_4G, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    if (base == 0)
        no_memory("the kernel's stacks and boot information");
    return base;
}

void *load_room(struct load *load, uint64_t size)
{
    size = (size + 15) & ~(uint64_t)15;
    if (size > load->room_left) {
        uint64_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
        pages = pages < ROOM_PAGES ? ROOM_PAGES : pages;
        load->room = (uint8_t *)(uintptr_t)take(load, pages);
        load->room_left = pages * PAGE_SIZE;
        memset(load->room, 0, load->room_left);
    }
    void *room = load->room;
    load->room += size;
    load->room_left -= size;
    return room;
}

uint64_t load_stack(struct load *load)
{
    return take(load, load->stack_size / PAGE_SIZE) + load->stack_size + HHDM_BASE;
}

static void read_kernel(struct load *load)
{
    enum file_status status = platform_file(load->path, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE, &load->file);
    if (status != FILE_OK)
        BOOT_FAIL("kernel ", load->path, ": ", load_file_error(status));
    const char *error = elf_check(load->file.data, load->file.size, &load->plan);
    if (error != NULL)
        BOOT_FAIL("kernel ", load->path, ": ", error);
    load->image = platform_pages(load->plan.size / PAGE_SIZE, load->plan.align, RAM_BELOW_4G,
                                 LIMINE_MEMMAP_EXECUTABLE_AND_MODULES);
    if (load->image == 0)
        no_memory("the kernel");
    error = elf_load(&load->plan, load->file.data, (void *)(uintptr_t)load->image);
    if (error != NULL)
        BOOT_FAIL("kernel ", load->path, ": ", error);
}

static void find_requests(struct load *load)
{
    uint64_t start, length;
    uint8_t *image = (uint8_t *)(uintptr_t)load->image;
    const uint64_t *list = NULL;
    if (elf_section(load->file.data, load->file.size, &load->plan, ".limine_reqs", &start, &length) && start % 8 == 0)
        list = (const uint64_t *)(image + start);
    const char *error =
        requests_find(image, load->plan.size, load->plan.base, list, list == NULL ? 0 : length / 8, &load->requests);
    if (error != NULL)
        BOOT_FAIL("kernel ", load->path, ": ", error);
}

/* What the requests say about how the kernel is entered. */
static void obey_requests(struct load *load)
{
    const struct limine_stack_size_request *stack =
        (const void *)load_request(load, LIMINE_ID_STACK_SIZE, sizeof *stack);
    load->stack_size = STACK_LEAST;
    if (stack != NULL && stack->stack_size > STACK_MOST)
        BOOT_FAIL("kernel ", load->path, ": a stack of ", number_of(stack->stack_size).text, " bytes is too large");
    if (stack != NULL && stack->stack_size > STACK_LEAST)
        load->stack_size = (stack->stack_size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

    const struct limine_entry_point_request *entry =
        (const void *)load_request(load, LIMINE_ID_ENTRY_POINT, sizeof *entry);
    load->entry = entry != NULL ? entry->entry : load->plan.entry;
    if (!elf_inside(&load->plan, load->entry, ELF_EXEC))
        BOOT_FAIL("kernel ", load->path, ": the requested entry point is not in executable memory");

    const struct limine_paging_mode_request *mode =
        (const void *)load_request(load, LIMINE_ID_PAGING_MODE, sizeof *mode);
    if (mode != NULL && mode->head.revision >= 1 && mode->min_mode != LIMINE_PAGING_4_LEVEL)
        BOOT_FAIL("kernel ", load->path, ": needs 5-level paging, which this loader does not set up");
}

/* The machine as far as it can be asked before the firmware is left. */
static void look_around(struct load *load, const struct conf_entry *entry)
{
    load->has_screen = platform_screen(entry->width, entry->height, entry->bpp, &load->screen);
    platform_firmware(&load->firmware);
    platform_volume(&load->volume);
    topology_read(load->firmware.rsdp, &load->topology);
    bool mp = load_request(load, LIMINE_ID_MP, sizeof(struct limine_mp_request)) != NULL;
    uint64_t stacks = mp && load->topology.cpu_count > 1 ? load->topology.cpu_count : 1;
    if (platform_free() < stacks * load->stack_size + MARGIN)
        no_memory("the kernel's stacks and boot information");
    load->handoff = (void *)(uintptr_t)platform_pages(1, PAGE_SIZE, RAM_BELOW_1M, LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE);
    if (load->handoff == NULL)
        no_memory("the start of processors, which needs a page below 1 MiB");
}

/* The kernel's file has to stay for the kernel, in pages of its own. */
static void keep_file(struct load *load)
{
    if (load->file.kept || load_request(load, LIMINE_ID_EXECUTABLE_FILE, sizeof(struct limine_request)) == NULL)
        return;
    uint64_t base = take(load, (load->file.size + PAGE_SIZE - 1) / PAGE_SIZE);
    memcpy((void *)(uintptr_t)base, load->file.data, load->file.size);
    load->file.data = (const void *)(uintptr_t)base;
    load->file.kept = true;
}

static void build_tables(struct load *load)
{
    struct paging paging = {&load->ram, cpu_has_nx(), cpu_has_pat(), 0, 0};
    const struct screen *screen = &load->screen;
    bool good = ram_reserve_page_0(&load->ram);
    if (good && load->has_screen)
        good = ram_add(&load->ram, screen->base, screen->pitch * screen->height, LIMINE_MEMMAP_FRAMEBUFFER);
    if (!good)
        no_memory("the memory map");
    if (!paging_build(&paging, load->requests.revision, &load->plan, load->image))
        no_memory("page tables");
    handoff_prepare((uint64_t)(uintptr_t)load->handoff, paging.root, paging.bridge);
}

/* From here on the firmware is gone. */
static _Noreturn void enter(struct load *load)
{
    interrupts_off();
    mp_mask_interrupts(&load->topology);
    mp_set_pat();
    keep_file(load);
    build_tables(load);
    load->handoff->stack = load_stack(load);
    load->handoff->entry = load->entry;
    answer_requests(load);
    answer_memmap(load);
    requests_answer_tag(&load->requests);
    cr4_write(CR4_PAE);
    msr_write(MSR_EFER, (msr_read(MSR_EFER) & ~(uint64_t)1) | load->handoff->efer);
    handoff_enter(load->handoff);
}

/* The entry's command line and what the platform adds, separated by a space. */
static const char *join_cmdline(const char *first, const char *second)
{
    static char text[2 * CONF_LINE];
    size_t n = strlen(first), m = strlen(second);
    if (m == 0)
        return first;
    if (n + m + 2 > sizeof text)
        BOOT_FAIL("the kernel's command line is too long");
    memcpy(text, first, n);
    if (n > 0)
        text[n++] = ' ';
    memcpy(text + n, second, m + 1);
    return text;
}

_Noreturn void load_entry(const struct conf_entry *entry)
{
    struct load *load = &the_load;
    if (entry->directory)
        BOOT_FAIL("entry \"", entry->title, "\": a directory cannot be booted");
    if (entry->protocol == NULL || strcmp(entry->protocol, "limine") != 0)
        BOOT_FAIL("entry \"", entry->title, "\": unknown protocol ",
                  entry->protocol == NULL ? "(none)" : entry->protocol);
    if (entry->path == NULL)
        BOOT_FAIL("entry \"", entry->title, "\": no path of a kernel");
    load->path = conf_volume_path(entry->path);
    if (load->path == NULL)
        BOOT_FAIL("entry \"", entry->title, "\": ", entry->path, ": only boot():/ paths without a hash are supported");
    load->cmdline = join_cmdline(entry->cmdline, platform_cmdline());
    BOOT_TELL("loading ", entry->path);
    read_kernel(load);
    find_requests(load);
    obey_requests(load);
    load_modules(load, entry);
    look_around(load, entry);
    BOOT_TELL("base revision ", number_of(load->requests.revision).text, ", image at ", number_hex(load->image).text,
              ", entry ", number_hex(load->entry).text);
    platform_leave(&load->ram, &load->firmware);
    console_firmware(false);
    enter(load);
}
