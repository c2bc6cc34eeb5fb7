/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf_load.h>
#include <range.h>
#include <str.h>

#include "format.h"

static bool header_ok(const struct file_header *header, uint64_t size)
{
    static const unsigned char ident[] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

    return memcmp(header->e_ident, ident, sizeof ident) == 0 && header->e_type == ET_EXEC &&
           header->e_machine == EM_X86_64 && header->e_phentsize == sizeof(struct program_header) &&
           range_within(header->e_phoff, (uint64_t)header->e_phnum * sizeof(struct program_header), size);
}

static bool segment_ok(const struct program_header *ph, uint64_t size, struct elf_limits limits)
{
    uint64_t first = ph->p_vaddr - ph->p_vaddr % ELF_PAGE_SIZE, high = limits.high - limits.high % ELF_PAGE_SIZE;

    return range_within(ph->p_offset, ph->p_filesz, size) && ph->p_filesz <= ph->p_memsz && first >= limits.low &&
           user_range_ok(ph->p_vaddr, ph->p_memsz, high) && (ph->p_vaddr - ph->p_offset) % ELF_PAGE_SIZE == 0 &&
           (ph->p_flags & ~(uint32_t)(PF_R | PF_W | PF_X)) == 0 && ph->p_flags != 0 &&
           (ph->p_flags & (PF_W | PF_X)) != (PF_W | PF_X);
}

enum elf_load elf_load_next(const void *file, size_t size, struct elf_limits limits, uint32_t *next,
                            struct elf_segment *segment)
{
    struct file_header header;
    struct program_header ph;

    if (size < sizeof header)
        return ELF_LOAD_BAD;
    memcpy(&header, file, sizeof header);
    if (!header_ok(&header, size))
        return ELF_LOAD_BAD;
    while (*next < header.e_phnum) {
        memcpy(&ph, (const unsigned char *)file + header.e_phoff + (*next)++ * sizeof ph, sizeof ph);
        if (ph.p_type == PT_DYNAMIC || ph.p_type == PT_INTERP)
            return ELF_LOAD_BAD;
        if (ph.p_type != PT_LOAD || (ph.p_memsz == 0 && ph.p_filesz == 0))
            continue;
        *segment = (struct elf_segment){
            .address = ph.p_vaddr,
            .memory_size = ph.p_memsz,
            .file_offset = ph.p_offset,
            .file_size = ph.p_filesz,
            .read = (ph.p_flags & PF_R) != 0,
            .write = (ph.p_flags & PF_W) != 0,
            .execute = (ph.p_flags & PF_X) != 0,
        };
        return segment_ok(&ph, size, limits) ? ELF_LOAD_SEGMENT : ELF_LOAD_BAD;
    }
    return ELF_LOAD_END;
}

uint64_t elf_load_entry(const void *file, size_t size)
{
    struct file_header header = {0};

    memcpy(&header, file, size < sizeof header ? size : sizeof header);
    return header.e_entry;
}
