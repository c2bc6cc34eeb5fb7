/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf64.h>
#include <range.h>
#include <str.h>

#include "format.h"

static bool is_power_of_two(uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t page_down(uint64_t address)
{
    return address & ~(uint64_t)(ELF_PAGE_SIZE - 1);
}

static enum elf_error file_header_check(const struct file_header *header, size_t size)
{
    static const unsigned char magic[4] = {0x7f, 'E', 'L', 'F'};

    if (memcmp(header->e_ident, magic, sizeof magic) != 0)
        return ELF_BAD_MAGIC;
    if (header->e_ident[EI_CLASS] != ELFCLASS64)
        return ELF_NOT_64_BIT;
    if (header->e_ident[EI_DATA] != ELFDATA2LSB)
        return ELF_NOT_LITTLE_ENDIAN;
    if (header->e_ident[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT)
        return ELF_BAD_VERSION;
    if ((header->e_ident[EI_OSABI] != ELFOSABI_NONE && header->e_ident[EI_OSABI] != ELFOSABI_GNU) ||
        header->e_ident[EI_ABIVERSION] != 0)
        return ELF_BAD_OS_ABI;
    if (header->e_type != ET_EXEC)
        return ELF_NOT_EXECUTABLE;
    if (header->e_machine != EM_X86_64)
        return ELF_BAD_MACHINE;
    if (header->e_flags != 0)
        return ELF_BAD_FLAGS;
    if (header->e_ehsize != sizeof(struct file_header))
        return ELF_BAD_HEADER_SIZE;
    if (header->e_phnum == 0)
        return ELF_NO_PROGRAM_HEADERS;
    if (header->e_phnum > ELF_HEADERS_MAX)
        return ELF_TOO_MANY_PROGRAM_HEADERS;
    if (header->e_phentsize != sizeof(struct program_header))
        return ELF_BAD_HEADER_SIZE;
    if (header->e_phoff < sizeof(struct file_header) ||
        !range_within(header->e_phoff, (uint64_t)header->e_phnum * sizeof(struct program_header), size))
        return ELF_TRUNCATED_PROGRAM_HEADERS;
    return ELF_OK;
}

static enum elf_error permissions_check(uint32_t flags)
{
    if ((flags & ~(uint32_t)(PF_R | PF_W | PF_X)) != 0 || flags == 0)
        return ELF_BAD_PERMISSIONS;
    if ((flags & PF_W) != 0 && (flags & PF_X) != 0)
        return ELF_WRITE_AND_EXECUTE;
    return ELF_OK;
}

/* Rules that concern this segment alone. */
static enum elf_error segment_check(const struct program_header *ph, size_t size, struct elf_limits limits)
{
    if (!range_within(ph->p_offset, ph->p_filesz, size))
        return ELF_TRUNCATED_SEGMENT;
    if (ph->p_filesz > ph->p_memsz)
        return ELF_FILE_PART_TOO_LONG;
    if (ph->p_align > 1 && (!is_power_of_two(ph->p_align) || (ph->p_vaddr - ph->p_offset) % ph->p_align != 0))
        return ELF_BAD_ALIGNMENT;
    if ((ph->p_vaddr - ph->p_offset) % ELF_PAGE_SIZE != 0)
        return ELF_BAD_ALIGNMENT;
    /* The limits are whole pages, so that a segment inside them has all its pages inside them. */
    if (page_down(ph->p_vaddr) < limits.low || !user_range_ok(ph->p_vaddr, ph->p_memsz, page_down(limits.high)))
        return ELF_OUT_OF_RANGE;
    return permissions_check(ph->p_flags);
}

static enum elf_error segment_add(struct elf_image *image, const struct program_header *ph)
{
    if (image->segment_count == ELF_SEGMENTS_MAX)
        return ELF_TOO_MANY_SEGMENTS;
    if (image->segment_count > 0) {
        const struct elf_segment *last = &image->segments[image->segment_count - 1];
        if (ph->p_vaddr < last->address)
            return ELF_UNORDERED;
        if (page_down(ph->p_vaddr) <= page_down(last->address + last->memory_size - 1))
            return ELF_OVERLAP;
    } else {
        image->low = ph->p_vaddr;
    }
    image->high = ph->p_vaddr + ph->p_memsz;
    image->segments[image->segment_count++] = (struct elf_segment){
        .address = ph->p_vaddr,
        .memory_size = ph->p_memsz,
        .file_offset = ph->p_offset,
        .file_size = ph->p_filesz,
        .read = (ph->p_flags & PF_R) != 0,
        .write = (ph->p_flags & PF_W) != 0,
        .execute = (ph->p_flags & PF_X) != 0,
    };
    return ELF_OK;
}

static enum elf_error tls_read(struct elf_image *image, const struct program_header *ph)
{
    if (image->tls.align != 0)
        return ELF_TWO_TLS;
    uint64_t align = ph->p_align > 1 ? ph->p_align : 1;
    if (!is_power_of_two(align) || align > ELF_PAGE_SIZE)
        return ELF_BAD_TLS;
    if (ph->p_memsz > ELF_TLS_MAX || ph->p_filesz > ph->p_memsz)
        return ELF_BAD_TLS;
    image->tls = (struct elf_tls){
        .address = ph->p_vaddr,
        .file_offset = ph->p_offset,
        .file_size = ph->p_filesz,
        .memory_size = ph->p_memsz,
        .align = align,
    };
    return ELF_OK;
}

static enum elf_error stack_read(struct elf_image *image, const struct program_header *ph, bool *seen)
{
    if (*seen)
        return ELF_TWO_STACKS;
    *seen = true;
    if ((ph->p_flags & PF_X) != 0)
        return ELF_EXECUTABLE_STACK;
    image->stack_size = ph->p_memsz;
    return ELF_OK;
}

/* The segment whose file part has these addresses, or NULL. */
static const struct elf_segment *segment_of(const struct elf_image *image, uint64_t address, uint64_t length)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *segment = &image->segments[i];
        if (address >= segment->address && range_within(address - segment->address, length, segment->file_size))
            return segment;
    }
    return NULL;
}

/* The initial image is read through the mapping, so it must be there, at the same distance from the segment. */
static bool tls_image_mapped(const struct elf_image *image)
{
    const struct elf_tls *tls = &image->tls;
    const struct elf_segment *segment = segment_of(image, tls->address, tls->file_size);

    return tls->file_size == 0 || (segment != NULL && segment->read &&
                                   tls->file_offset - segment->file_offset == tls->address - segment->address);
}

enum elf_error elf_parse(const void *file, size_t size, struct elf_limits limits, struct elf_image *image)
{
    const unsigned char *bytes = file;
    struct file_header header;
    uint32_t tls_header = ELF_NO_HEADER;
    bool stack_seen = false;

    *image = (struct elf_image){.bad_header = ELF_NO_HEADER};
    if (size < sizeof header)
        return ELF_TRUNCATED_HEADER;
    memcpy(&header, bytes, sizeof header);
    enum elf_error error = file_header_check(&header, size);
    if (error != ELF_OK)
        return error;
    image->entry = header.e_entry;

    for (uint32_t i = 0; i < header.e_phnum && error == ELF_OK; i++) {
        struct program_header ph;
        memcpy(&ph, bytes + header.e_phoff + i * sizeof ph, sizeof ph);
        image->bad_header = i;
        switch (ph.p_type) {
        case PT_LOAD:
            if (ph.p_memsz != 0 || ph.p_filesz != 0)
                error = segment_check(&ph, size, limits);
            if (error == ELF_OK && ph.p_memsz != 0)
                error = segment_add(image, &ph);
            break;
        case PT_TLS:
            tls_header = i;
            error = tls_read(image, &ph);
            break;
        case PT_GNU_STACK:
            error = stack_read(image, &ph, &stack_seen);
            break;
        case PT_DYNAMIC:
        case PT_INTERP:
            error = ELF_DYNAMIC;
            break;
        default:
            break; /* Notes, properties, RELRO: nothing that changes what is mapped. */
        }
    }
    if (error != ELF_OK)
        return error;

    image->bad_header = ELF_NO_HEADER;
    if (image->segment_count == 0)
        return ELF_NO_SEGMENT;
    const struct elf_segment *code = segment_of(image, image->entry, 1);
    if (code == NULL || !code->execute)
        return ELF_BAD_ENTRY;
    if (!tls_image_mapped(image)) {
        image->bad_header = tls_header;
        return ELF_BAD_TLS;
    }
    return ELF_OK;
}

const char *elf_error_text(enum elf_error error)
{
#define ELF_ERROR_TEXT(name, text) text,
    static const char *const texts[] = {ELF_ERRORS(ELF_ERROR_TEXT)};

    return (unsigned)error < ELF_ERROR_COUNT ? texts[error] : "has an unknown error";
}
