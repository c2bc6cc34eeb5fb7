/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/elf.h>
#include <boot/ram.h>
#include <str.h>

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_offset, section_offset;
    uint32_t flags;
    uint16_t header_size, program_size, program_count, section_size, section_count, section_names;
};

struct program_header {
    uint32_t type, flags;
    uint64_t offset, virtual, physical, file_size, memory_size, align;
};

struct section_header {
    uint32_t name, type;
    uint64_t flags, address, offset, size;
    uint32_t link, info;
    uint64_t align, entry_size;
};

struct dynamic {
    uint64_t tag, value;
};

struct relocation {
    uint64_t offset, info, addend;
};

enum {
    TYPE_EXEC = 2,
    TYPE_DYN = 3,
    MACHINE_X86_64 = 62,
    PROGRAM_LOAD = 1,
    PROGRAM_DYNAMIC = 2,
    SECTION_NOBITS = 8,
    DYN_NULL = 0,
    DYN_NEEDED = 1,
    DYN_PLT_SIZE = 2,
    DYN_RELA = 7,
    DYN_RELA_SIZE = 8,
    DYN_RELA_ENTRY = 9,
    DYN_REL = 17,
    DYN_RELR_SIZE = 35,
    RELOCATION_NONE = 0,
    RELOCATION_RELATIVE = 8,
    ALIGN_MAX = 0x200000,
    IMAGE_MAX = 0x40000000,
    PROGRAMS_MAX = 128,
};

/* Whether [offset, offset+size) lies in the first `limit` bytes. */
static bool within(uint64_t offset, uint64_t size, uint64_t limit)
{
    return offset <= limit && size <= limit - offset;
}

static struct program_header program_at(const void *file, const struct elf_header *header, unsigned index)
{
    struct program_header program;
    const uint8_t *bytes = file;
    memcpy(&program, bytes + header->program_offset + (uint64_t)index * sizeof program, sizeof program);
    return program;
}

static const char *check_header(const void *file, uint64_t size, struct elf_header *header)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
    if (size < sizeof *header)
        return "not an ELF file (too short)";
    memcpy(header, file, sizeof *header);
    if (memcmp(header->ident, magic, sizeof magic) != 0)
        return "not an ELF file";
    if (header->ident[4] != 2)
        return "not a 64-bit ELF file";
    if (header->ident[5] != 1 || header->machine != MACHINE_X86_64)
        return "not an x86-64 ELF file";
    if (header->type != TYPE_EXEC && header->type != TYPE_DYN)
        return "not an executable ELF file";
    if (header->program_size != sizeof(struct program_header) || header->program_count == 0 ||
        header->program_count > PROGRAMS_MAX ||
        !within(header->program_offset, header->program_count * sizeof(struct program_header), size))
        return "bad ELF program headers";
    return NULL;
}

/* Checks one loadable segment; its addresses are still those of the file. */
static const char *check_segment(const struct program_header *program, uint64_t size)
{
    if (program->file_size > program->memory_size || !within(program->offset, program->file_size, size))
        return "an ELF segment lies outside the file";
    if (program->memory_size > IMAGE_MAX ||
        program->virtual > UINT64_MAX - 2 * (uint64_t)PAGE_SIZE - program->memory_size)
        return "an ELF segment is too large";
    if (program->align > 1 && (program->align & (program->align - 1)) != 0)
        return "an ELF segment has a bad alignment";
    return NULL;
}

static const char *check_overlap(const struct elf_plan *plan)
{
    for (unsigned i = 0; i < plan->segment_count; i++)
        for (unsigned k = i + 1; k < plan->segment_count; k++) {
            const struct elf_segment *a = &plan->segments[i], *b = &plan->segments[k];
            if (a->start < b->start + b->memory_size && b->start < a->start + a->memory_size)
                return "ELF segments overlap";
        }
    return NULL;
}

/* Collects the segments with `start` still an address of the file, and the image's bounds. */
static const char *collect(const void *file, uint64_t size, const struct elf_header *header, struct elf_plan *plan,
                           uint64_t *low, uint64_t *high)
{
    *low = UINT64_MAX;
    *high = 0;
    for (unsigned i = 0; i < header->program_count; i++) {
        struct program_header program = program_at(file, header, i);
        if (program.type == PROGRAM_DYNAMIC) {
            plan->dynamic = program.virtual;
            plan->dynamic_size = program.memory_size;
        }
        if (program.type != PROGRAM_LOAD || program.memory_size == 0)
            continue;
        const char *error = check_segment(&program, size);
        if (error != NULL)
            return error;
        if (plan->segment_count == ELF_SEGMENTS)
            return "too many ELF segments";
        plan->segments[plan->segment_count++] = (struct elf_segment){
            program.offset, program.virtual, program.file_size, program.memory_size, program.flags & 7,
        };
        if (program.virtual < *low)
            *low = program.virtual;
        if (program.virtual + program.memory_size > *high)
            *high = program.virtual + program.memory_size;
        if (program.align > plan->align)
            plan->align = program.align < ALIGN_MAX ? program.align : ALIGN_MAX;
    }
    return plan->segment_count > 0 ? NULL : "the ELF file has nothing to load";
}

const char *elf_check(const void *file, uint64_t size, struct elf_plan *plan)
{
    struct elf_header header;
    uint64_t low, high;
    memset(plan, 0, sizeof *plan);
    plan->align = PAGE_SIZE;
    const char *error = check_header(file, size, &header);
    if (error == NULL)
        error = collect(file, size, &header, plan, &low, &high);
    if (error != NULL)
        return error;
    low &= ~(uint64_t)(PAGE_SIZE - 1);
    if (low < ELF_KERNEL_FLOOR) {
        if (header.type != TYPE_DYN)
            return "the kernel is not linked in the higher half";
        plan->slide = ELF_KERNEL_FLOOR;
    }
    plan->size = (high - low + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    plan->base = low + plan->slide;
    if (plan->size > IMAGE_MAX || plan->base > UINT64_MAX - plan->size - PAGE_SIZE || plan->base < ELF_KERNEL_FLOOR)
        return "the kernel is too large";
    for (unsigned i = 0; i < plan->segment_count; i++)
        plan->segments[i].start -= low;
    error = check_overlap(plan);
    if (error != NULL)
        return error;
    plan->dynamic -= low;
    if (plan->dynamic_size == 0 || !within(plan->dynamic, plan->dynamic_size, plan->size))
        plan->dynamic = plan->dynamic_size = 0;
    plan->entry = header.entry + plan->slide;
    return elf_inside(plan, plan->entry, ELF_EXEC) ? NULL : "the ELF entry point is not in executable memory";
}

static const char *apply(const struct elf_plan *plan, uint8_t *image, uint64_t table, uint64_t table_size)
{
    uint64_t low = plan->base - plan->slide;
    for (uint64_t at = 0; at < table_size; at += sizeof(struct relocation)) {
        struct relocation relocation;
        memcpy(&relocation, image + table + at, sizeof relocation);
        uint32_t type = (uint32_t)relocation.info;
        if (type == RELOCATION_NONE)
            continue;
        if (type != RELOCATION_RELATIVE)
            return "an ELF relocation other than R_X86_64_RELATIVE";
        if (!within(relocation.offset - low, sizeof(uint64_t), plan->size))
            return "an ELF relocation lies outside the kernel";
        uint64_t value = relocation.addend + plan->slide;
        memcpy(image + (relocation.offset - low), &value, sizeof value);
    }
    return NULL;
}

static const char *relocate(const struct elf_plan *plan, uint8_t *image)
{
    uint64_t low = plan->base - plan->slide, table = 0, table_size = 0, entry_size = sizeof(struct relocation);
    for (uint64_t at = 0; at + sizeof(struct dynamic) <= plan->dynamic_size; at += sizeof(struct dynamic)) {
        struct dynamic dynamic;
        memcpy(&dynamic, image + plan->dynamic + at, sizeof dynamic);
        if (dynamic.tag == DYN_NULL)
            break;
        if (dynamic.tag == DYN_NEEDED)
            return "the kernel needs a shared library";
        if (dynamic.tag == DYN_REL ||
            ((dynamic.tag == DYN_PLT_SIZE || dynamic.tag == DYN_RELR_SIZE) && dynamic.value != 0))
            return "an unsupported kind of ELF relocations";
        if (dynamic.tag == DYN_RELA)
            table = dynamic.value - low;
        if (dynamic.tag == DYN_RELA_SIZE)
            table_size = dynamic.value;
        if (dynamic.tag == DYN_RELA_ENTRY)
            entry_size = dynamic.value;
    }
    if (table_size == 0)
        return NULL;
    if (entry_size != sizeof(struct relocation) || table_size % sizeof(struct relocation) != 0 ||
        !within(table, table_size, plan->size))
        return "a bad ELF relocation table";
    return apply(plan, image, table, table_size);
}

const char *elf_load(const struct elf_plan *plan, const void *file, void *image)
{
    const uint8_t *bytes = file;
    uint8_t *to = image;
    memset(to, 0, plan->size);
    for (unsigned i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *segment = &plan->segments[i];
        memcpy(to + segment->start, bytes + segment->offset, segment->file_size);
    }
    return relocate(plan, to);
}

static bool name_is(const uint8_t *file, uint64_t size, uint64_t at, const char *name)
{
    uint64_t length = strlen(name) + 1;
    return within(at, length, size) && memcmp(file + at, name, length) == 0;
}

bool elf_section(const void *file, uint64_t size, const struct elf_plan *plan, const char *name, uint64_t *start,
                 uint64_t *length)
{
    const uint8_t *bytes = file;
    struct elf_header header;
    struct section_header section, names;
    if (size < sizeof header)
        return false;
    memcpy(&header, file, sizeof header);
    if (header.section_size != sizeof section || header.section_names >= header.section_count ||
        !within(header.section_offset, header.section_count * sizeof section, size))
        return false;
    memcpy(&names, bytes + header.section_offset + header.section_names * sizeof names, sizeof names);
    for (unsigned i = 0; i < header.section_count; i++) {
        memcpy(&section, bytes + header.section_offset + i * sizeof section, sizeof section);
        if (names.offset > size || section.name > size - names.offset ||
            !name_is(bytes, size, names.offset + section.name, name))
            continue;
        *start = section.address - (plan->base - plan->slide);
        *length = section.size;
        return section.address != 0 && within(*start, section.size, plan->size);
    }
    return false;
}

uint32_t elf_page_flags(const struct elf_plan *plan, uint64_t start)
{
    uint32_t flags = 0;
    for (unsigned i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *segment = &plan->segments[i];
        if (segment->start < start + PAGE_SIZE && start < segment->start + segment->memory_size)
            flags |= segment->flags;
    }
    return flags;
}

bool elf_inside(const struct elf_plan *plan, uint64_t address, uint32_t flags)
{
    for (unsigned i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *segment = &plan->segments[i];
        if ((segment->flags & flags) == flags && address - plan->base >= segment->start &&
            address - plan->base - segment->start < segment->memory_size)
            return true;
    }
    return false;
}
