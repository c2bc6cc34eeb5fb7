/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/elf/ */
/* Any bytes as an ELF file: what is accepted keeps the contract of elf64.h, and of elf_load.h. */
#include <stdlib.h>

#include "../host/elf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void image_check(const struct elf_image *image, size_t size, struct elf_limits limits)
{
    bool entry_ok = false;

    demand(image->segment_count >= 1 && image->segment_count <= ELF_SEGMENTS_MAX);
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *s = &image->segments[i];
        demand(s->memory_size > 0 && s->file_size <= s->memory_size);
        demand((__uint128_t)s->file_offset + s->file_size <= size);
        demand(s->address >= limits.low && (__uint128_t)s->address + s->memory_size <= limits.high);
        demand(s->address % ELF_PAGE_SIZE == s->file_offset % ELF_PAGE_SIZE);
        demand(!(s->write && s->execute) && (s->read || s->write || s->execute));
        if (i > 0) {
            const struct elf_segment *before = &image->segments[i - 1];
            demand((before->address + before->memory_size - 1) / ELF_PAGE_SIZE < s->address / ELF_PAGE_SIZE);
        }
        entry_ok |= s->execute && image->entry >= s->address && image->entry - s->address < s->file_size;
    }
    demand(entry_ok);
    demand(image->tls.file_size <= image->tls.memory_size && image->tls.memory_size <= ELF_TLS_MAX);
    demand((__uint128_t)image->tls.file_offset + image->tls.file_size <= size || image->tls.file_size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct elf_limits limits = {0x10000, 0x0000800000000000};
    struct elf_image image;
    enum elf_error error = elf_parse(data, size, limits, &image);

    demand(strlen(elf_error_text(error)) > 0);
    demand(elf_load_agrees(data, size, limits, error, &image));
    if (error == ELF_OK)
        image_check(&image, size, limits);
    return 0;
}
