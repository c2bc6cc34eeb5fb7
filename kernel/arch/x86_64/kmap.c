/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own page tables.  The loader's are dropped: only what is mapped here exists afterwards. */
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <boot/boot_info.h>
#include <mm/frame.h>
#include <mm/pool.h>

#define KMAP_SIZE (512ull << 30) /* one entry of the top table */

paddr_t kernel_root;
u64 loader_root;

static u64 kmap_next = KMAP_BASE + PAGE_SIZE;
static u64 stacks_start, stacks_end; /* a page in here that is not mapped guards a stack */

/* ---- tables ----------------------------------------------------------------------------------------------------- */

/* Before there are pools frames are simply taken; later the root pool pays. */
static paddr_t table_frame(void)
{
    const void *frame = kframe_alloc(root_pool);

    if (frame == NULL)
        boot_refuse("boot: not enough memory for the kernel's page tables and stacks");
    return virt_to_phys(frame);
}

/* The entry for `address` in a table of `level` (1: pages, 2: large pages), or of the large page that is there already. */
static u64 *entry_make(u64 address, unsigned level)
{
    u64 *table = pt_root(kernel_root);

    for (unsigned l = 4; l > level; l--) {
        u64 *entry = &table[pt_index(address, l)];
        if (*entry == 0)
            *entry = table_frame().value | PTE_PRESENT | PTE_WRITE;
        if ((*entry & PTE_LARGE) != 0)
            return entry;
        table = pt_table(*entry);
    }
    return &table[pt_index(address, level)];
}

/* What is mapped already stays as it is. */
static void map_range(u64 address, u64 physical, u64 length, u64 flags)
{
    u64 global = cpu.pge ? PTE_GLOBAL : 0;

    flags |= PTE_PRESENT | PTE_ACCESSED | ((flags & PTE_WRITE) != 0 ? PTE_DIRTY : 0) | global;
    while (length != 0) {
        bool large = ((address | physical) & (LARGE_PAGE_SIZE - 1)) == 0 && length >= LARGE_PAGE_SIZE;
        u64 *entry = entry_make(address, large ? 2 : 1);
        if (large && *entry != 0) {
            /* Ranges of the memory map may overlap: some pages of this one are there. */
            large = false;
            entry = entry_make(address, 1);
        }
        u64 step = large ? LARGE_PAGE_SIZE : PAGE_SIZE;
        if (*entry == 0)
            *entry = physical | flags | (large ? PTE_LARGE : 0);
        address += step;
        physical += step;
        length -= step;
    }
}

/* ---- boot ------------------------------------------------------------------------------------------------------- */

static void map_image(const struct boot_info *info)
{
    extern char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], bss_end[], image_start[];
    const struct {
        const char *start, *end;
        u64 flags;
    } part[] = {
        {text_start, text_end, 0}, {rodata_start, rodata_end, PTE_NX}, {data_start, bss_end, PTE_NX | PTE_WRITE}};

    for (unsigned i = 0; i < ARRAY_SIZE(part); i++)
        map_range((u64)part[i].start, info->kernel_start.value + (u64)(part[i].start - image_start),
                  (u64)(part[i].end - part[i].start), part[i].flags);
}

static bool is_usable(const struct limine_memmap_entry *e)
{
    return e->type == LIMINE_MEMMAP_USABLE || e->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE;
}

/* RAM of every kind.  The image and the package are seen read-only: nothing that is executable elsewhere is writable. */
static void map_ram(const struct boot_info *info)
{
    for (u32 i = 0; i < info->map_count; i++) {
        const struct limine_memmap_entry *e = &info->map[i];
        if (e->type == LIMINE_MEMMAP_RESERVED || e->type == LIMINE_MEMMAP_BAD_MEMORY ||
            e->type == LIMINE_MEMMAP_FRAMEBUFFER || e->length == 0)
            continue;
        u64 start = align_down(e->base, PAGE_SIZE), end = align_up(e->base + e->length, PAGE_SIZE);
        bool usable = is_usable(e);
        /* Neighbours of one kind are mapped together, so that large pages fit. */
        for (; usable && i + 1 < info->map_count && is_usable(e + 1) && e[1].base == end; i++, e++)
            end = align_up(e[1].base + e[1].length, PAGE_SIZE);
        map_range(hhdm_offset + start, start, end - start, PTE_NX | (usable ? PTE_WRITE : 0));
    }
}

void kmap_init(const struct boot_info *info)
{
    kernel_root = table_frame();
    map_image(info);
    map_ram(info);
    /* All entries of the top table that will ever be needed. */
    (void)entry_make(KMAP_BASE, 1);
    loader_root = cr3_read() & PTE_ADDRESS;
    cr3_write(kernel_root.value);
    if (cpu.pge) {
        u64 cr4 = cr4_read();
        cr4_write(cr4 & ~CR4_PGE); /* the loader's global pages go too */
        cr4_write(cr4);
    }
}

/* ---- later ------------------------------------------------------------------------------------------------------ */

static u64 kmap_reserve(u64 length)
{
    u64 at = kmap_next;

    if (length >= KMAP_BASE + KMAP_SIZE - kmap_next)
        return 0;
    kmap_next += length + PAGE_SIZE; /* and an unmapped page behind */
    return at;
}

void *kmap_mmio(paddr_t start, u64 length, enum kmap_kind kind)
{
    static const u64 flags[] = {PTE_WRITE_BACK, PTE_WRITE_BACK | PTE_WRITE, PTE_WRITE_COMBINING | PTE_WRITE,
                                PTE_UNCACHED | PTE_WRITE};
    u64 first = start.value & PAGE_MASK;

    if (length == 0 || start.value + length < start.value || (start.value + length - 1) & ~cpu.address_mask)
        return NULL;
    u64 bytes = align_up(start.value + length, PAGE_SIZE) - first;
    u64 at = kmap_reserve(bytes);
    if (at == 0)
        return NULL;
    map_range(at, first, bytes, flags[kind] | PTE_NX);
    return (void *)(at + (start.value - first));
}

u64 kmap_stack(unsigned pages)
{
    u64 at = kmap_reserve(pages * PAGE_SIZE);

    if (at == 0)
        boot_refuse("boot: no addresses left for kernel stacks");
    for (unsigned i = 0; i < pages; i++)
        map_range(at + i * PAGE_SIZE, table_frame().value, PAGE_SIZE, PTE_WRITE | PTE_NX);
    if (stacks_start == 0)
        stacks_start = at - PAGE_SIZE;
    stacks_end = at + (pages + 1) * PAGE_SIZE;
    return at + pages * PAGE_SIZE;
}

bool kmap_is_guard(u64 address)
{
    u64 size;

    if (address >= GUARD_TOP)
        return true;
    return address >= stacks_start && address < stacks_end && kmap_walk(address, &size) == 0;
}

u64 kmap_walk(u64 address, u64 *page_size)
{
    const u64 *entry = paging_find(PADDR(cr3_read() & PTE_ADDRESS), address, page_size);

    return entry != NULL ? *entry : 0;
}
