/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

uint64_t hhdm(void)
{
    return ((const struct limine_hhdm_response *)hhdm_request.response)->offset;
}

static const struct limine_memmap_response *memmap(void)
{
    return (const void *)memmap_request.response;
}

static const struct limine_memmap_entry *entry_of(uint64_t i)
{
    return (const void *)((const uint64_t *)memmap()->entries)[i];
}

const struct limine_memmap_entry *memmap_at(uint64_t physical)
{
    for (uint64_t i = 0; i < memmap()->entry_count; i++)
        if (physical - entry_of(i)->base < entry_of(i)->length)
            return entry_of(i);
    return 0;
}

static bool strict(const struct limine_memmap_entry *entry)
{
    return entry->type == LIMINE_MEMMAP_USABLE || entry->type == LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE;
}

static void check_map_shape(void)
{
    bool sorted = true, aligned = true, apart = true, known = true;
    uint64_t usable = 0;
    for (uint64_t i = 0; i < memmap()->entry_count; i++) {
        const struct limine_memmap_entry *entry = entry_of(i);
        say("# memory ", hex(entry->base), " ", hex(entry->length), " type ", hex(entry->type));
        known = known && entry->type <= LIMINE_MEMMAP_FRAMEBUFFER && entry->length > 0;
        if (strict(entry))
            aligned = aligned && (entry->base | entry->length) % 4096 == 0;
        if (entry->type == LIMINE_MEMMAP_USABLE)
            usable += entry->length;
        if (i == 0)
            continue;
        const struct limine_memmap_entry *last = entry_of(i - 1);
        sorted = sorted && last->base <= entry->base;
        apart = apart && (!(strict(entry) || strict(last)) || last->base + last->length <= entry->base);
    }
    say("usable = ", hex(usable));
    check(sorted, "memory map is sorted");
    check(aligned, "usable and reclaimable entries are page aligned");
    check(apart, "usable and reclaimable entries overlap nothing");
    check(known, "memory map types are known");
    const struct limine_memmap_entry *zero = memmap_at(0);
    check(zero == 0 || zero->type != LIMINE_MEMMAP_USABLE, "page 0 is not usable");
}

/* What the direct map must hold: 1, must not: 0, may: 2. */
static unsigned wanted(const struct limine_memmap_entry *entry, uint64_t revision)
{
    if (entry->type == LIMINE_MEMMAP_RESERVED || entry->type == LIMINE_MEMMAP_BAD_MEMORY)
        return revision == 0 ? 1 : revision <= 2 ? (entry->base + entry->length <= 1ull << 32 ? 1 : 2) : 0;
    if (entry->type == LIMINE_MEMMAP_ACPI_RECLAIMABLE || entry->type == LIMINE_MEMMAP_ACPI_NVS)
        return revision <= 2;
    return 1;
}

static bool direct(uint64_t physical, bool present, bool combine)
{
    struct mapping m = mapping_of(hhdm() + physical);
    bool good =
        m.present == present && (!present || (m.write && m.exec && m.physical == physical && m.combine == combine));
    if (!good)
        say("# direct map at ", hex(physical), ": ", m.present ? "mapped to " : "not mapped ", hex(m.physical),
            m.combine ? " combining" : "");
    return good;
}

static void check_direct_map(uint64_t revision)
{
    bool good = true;
    for (uint64_t i = 0; i < memmap()->entry_count; i++) {
        const struct limine_memmap_entry *entry = entry_of(i);
        unsigned must = wanted(entry, revision);
        bool combine = entry->type == LIMINE_MEMMAP_FRAMEBUFFER;
        uint64_t first = entry->base & ~4095ull, last = (entry->base + entry->length - 1) & ~4095ull;
        if (must == 2)
            continue;
        good = direct(first, must, combine) && direct(last, must, combine) &&
               direct((first + (last - first) / 2) & ~4095ull, must, combine) && good;
    }
    check(good, "direct map holds what the base revision says");
    check(mapping_of(hhdm() + 0xfee00000).present == (revision <= 2), "device memory is mapped up to revision 2 only");
    if (revision <= 2)
        check(mapping_of(hhdm() + 0xfffff000).present, "the first 4 GiB are mapped");
}

static void check_low_half(uint64_t revision)
{
    if (revision > 0) {
        check(low_half_empty(), "no identity map");
        return;
    }
    struct mapping first = mapping_of(0x1000), middle = mapping_of(0x80000000), last = mapping_of(0xfffff000);
    check(!mapping_of(0).present, "page 0 is not mapped");
    check(first.present && first.physical == 0x1000 && first.write && first.exec, "identity map begins at 0x1000");
    check(middle.physical == 0x80000000 && last.physical == 0xfffff000, "identity map covers 4 GiB");
}

static bool segment(const char *from, const char *to, bool write, bool exec)
{
    const struct limine_executable_address_response *place = (const void *)address_request.response;
    for (uint64_t at = (uint64_t)from; at < (uint64_t)to; at += 4096) {
        struct mapping m = mapping_of(at);
        if (!m.present || m.write != write || m.exec != exec || m.combine)
            return false;
        if (place != 0 && m.physical != at - place->virtual_base + place->physical_base)
            return false;
    }
    return true;
}

static void check_image(void)
{
    check(segment(text_begin, rodata_begin, false, true), "text is read and execute");
    check(segment(rodata_begin, data_begin, false, false), "rodata is read only");
    check(segment(data_begin, image_end, true, false), "data and bss are read and write, not execute");
    bool typed = true;
    for (uint64_t at = (uint64_t)image_begin; at < (uint64_t)image_end; at += 4096) {
        const struct limine_memmap_entry *entry = memmap_at(mapping_of(at).physical);
        typed = typed && entry && entry->type == LIMINE_MEMMAP_EXECUTABLE_AND_MODULES;
    }
    check(typed, "the image is in memory of its own type");
}

void check_memory(void)
{
    check_map_shape();
    check_direct_map(variant.revision);
    check_low_half(variant.revision);
    check_image();
}
