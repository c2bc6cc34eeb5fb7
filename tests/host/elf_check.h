/* SPDX-License-Identifier: BSD-2-Clause */
/* The two readers of ELF files agree, whatever the bytes are. */
#ifndef ELF_CHECK_H
#define ELF_CHECK_H

#include <elf64.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One segment that the kernel would map keeps the contract of elf_load.h. */
static inline bool elf_load_sound(const struct elf_segment *s, size_t size, struct elf_limits limits)
{
    return s->memory_size > 0 && s->file_size <= s->memory_size && (__uint128_t)s->file_offset + s->file_size <= size &&
           s->address / ELF_PAGE_SIZE * ELF_PAGE_SIZE >= limits.low &&
           (__uint128_t)s->address + s->memory_size <= limits.high &&
           s->address % ELF_PAGE_SIZE == s->file_offset % ELF_PAGE_SIZE && !(s->write && s->execute) &&
           (s->read || s->write || s->execute);
}

static inline bool elf_segments_same(const struct elf_segment *a, const struct elf_segment *b)
{
    return a->address == b->address && a->memory_size == b->memory_size && a->file_offset == b->file_offset &&
           a->file_size == b->file_size && a->read == b->read && a->write == b->write && a->execute == b->execute;
}

/* What the kernel's reader makes of a file, of which the whole one said `error` and `image`. */
static inline bool elf_load_agrees(const void *file, size_t size, struct elf_limits limits, enum elf_error error,
                                   const struct elf_image *image)
{
    struct elf_segment segment;
    uint32_t next = 0, count = 0;
    enum elf_load step;

    while ((step = elf_load_next(file, size, limits, &next, &segment)) == ELF_LOAD_SEGMENT) {
        if (!elf_load_sound(&segment, size, limits))
            return false;
        if (error == ELF_OK && (count >= image->segment_count || !elf_segments_same(&segment, &image->segments[count])))
            return false;
        count++;
    }
    return error != ELF_OK ||
           (step == ELF_LOAD_END && count == image->segment_count && elf_load_entry(file, size) == image->entry);
}

#endif
