/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: boot/core/elf.c */
#include "host_test.h"

#include <boot/elf.h>
#include <elf.h>

#define BASE 0xffffffff80200000u

/* A kernel with text at BASE and data behind it, a dynamic table and two relocations; each test changes some of it. */
struct sample {
    Elf64_Ehdr header;
    Elf64_Phdr programs[3];
    Elf64_Dyn dynamic[4];
    Elf64_Rela relocations[2];
    uint64_t words[4];
    char names[32];
    Elf64_Shdr sections[3];
};

static struct sample sample(void)
{
    struct sample s = {0};
    memcpy(s.header.e_ident, ELFMAG, SELFMAG);
    s.header.e_ident[EI_CLASS] = ELFCLASS64;
    s.header.e_ident[EI_DATA] = ELFDATA2LSB;
    s.header.e_type = ET_EXEC;
    s.header.e_machine = EM_X86_64;
    s.header.e_entry = BASE + 0x10;
    s.header.e_phoff = offsetof(struct sample, programs);
    s.header.e_phentsize = sizeof(Elf64_Phdr);
    s.header.e_phnum = 3;
    s.header.e_shoff = offsetof(struct sample, sections);
    s.header.e_shentsize = sizeof(Elf64_Shdr);
    s.header.e_shnum = 3;
    s.header.e_shstrndx = 1;
    s.programs[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, BASE, 0, 0x40, 0x40, 0x1000};
    s.programs[1] = (Elf64_Phdr){PT_LOAD, PF_R | PF_W, 0, BASE + 0x1000, 0, sizeof s, 0x3000, 0x1000};
    s.programs[2] =
        (Elf64_Phdr){PT_DYNAMIC,       PF_R, 0, BASE + 0x1000 + offsetof(struct sample, dynamic), 0, sizeof s.dynamic,
                     sizeof s.dynamic, 8};
    memcpy(s.names, "\0.names\0.limine_reqs", 21);
    s.sections[1] = (Elf64_Shdr){1, SHT_STRTAB, 0, 0, offsetof(struct sample, names), sizeof s.names, 0, 0, 1, 0};
    s.sections[2] = (Elf64_Shdr){
        8, SHT_PROGBITS, SHF_ALLOC, BASE + 0x1000 + offsetof(struct sample, words), 0, sizeof s.words, 0, 0, 8, 0};
    return s;
}

/* The same as a position-independent kernel at address 0, or wherever `base` says. */
static struct sample sample_pie(uint64_t base)
{
    struct sample s = sample();
    s.header.e_type = ET_DYN;
    s.header.e_entry += base - BASE;
    for (unsigned i = 0; i < 3; i++)
        s.programs[i].p_vaddr += base - BASE;
    uint64_t at = base + 0x1000;
    s.dynamic[0] = (Elf64_Dyn){DT_RELA, {at + offsetof(struct sample, relocations)}};
    s.dynamic[1] = (Elf64_Dyn){DT_RELASZ, {sizeof s.relocations}};
    s.dynamic[2] = (Elf64_Dyn){DT_RELAENT, {sizeof(Elf64_Rela)}};
    s.relocations[0] = (Elf64_Rela){at + offsetof(struct sample, words), R_X86_64_RELATIVE, (int64_t)base + 0x20};
    s.relocations[1] = (Elf64_Rela){at + offsetof(struct sample, words[2]), R_X86_64_NONE, 7};
    return s;
}

static struct elf_plan plan;
static uint8_t *image;

/* Checks an exactly sized copy, loads it where the check passes, and returns the first error. */
static const char *load(const struct sample *s, size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, s, size);
    free(image);
    image = NULL;
    const char *error = elf_check(copy, size, &plan);
    if (error == NULL) {
        image = malloc(plan.size);
        assert_non_null(image);
        error = elf_load(&plan, copy, image);
    }
    free(copy);
    return error;
}

#define LOADED(s)       assert_null(load(&(s), sizeof(s)))
#define REFUSED(s, why) assert_string_equal(load(&(s), sizeof(s)), why)

static uint64_t word_at(uint64_t offset)
{
    uint64_t value;
    memcpy(&value, image + offset, sizeof value);
    return value;
}

static void static_kernel_is_loaded(void **state)
{
    (void)state;
    struct sample s = sample();
    LOADED(s);
    assert_true(plan.base == BASE && plan.size == 0x4000 && plan.slide == 0 && plan.entry == BASE + 0x10);
    assert_memory_equal(image, &s, 0x40);
    assert_memory_equal(image + 0x1000, &s, sizeof s);
    for (size_t i = 0x1000 + sizeof s; i < 0x4000; i++)
        assert_int_equal(image[i], 0);
}

static void pages_have_their_segments_flags(void **state)
{
    (void)state;
    struct sample s = sample();
    s.programs[1].p_vaddr = BASE + 0x2800;
    LOADED(s);
    assert_int_equal(elf_page_flags(&plan, 0), ELF_READ | ELF_EXEC);
    assert_int_equal(elf_page_flags(&plan, 0x1000), 0);
    assert_int_equal(elf_page_flags(&plan, 0x2000), ELF_READ | ELF_WRITE);
    assert_int_equal(elf_page_flags(&plan, 0x5000), ELF_READ | ELF_WRITE);
    assert_int_equal(plan.size, 0x6000);
}

static void page_shared_by_segments_has_the_flags_of_both(void **state)
{
    (void)state;
    struct sample s = sample();
    s.programs[1].p_vaddr = BASE + 0x800;
    s.programs[2].p_memsz = 0;
    LOADED(s);
    assert_int_equal(elf_page_flags(&plan, 0), ELF_READ | ELF_EXEC | ELF_WRITE);
}

static void low_kernel_is_moved_up(void **state)
{
    (void)state;
    struct sample s = sample_pie(0);
    LOADED(s);
    assert_true(plan.slide == ELF_KERNEL_FLOOR && plan.base == ELF_KERNEL_FLOOR);
    assert_true(plan.entry == ELF_KERNEL_FLOOR + 0x10);
    assert_true(word_at(0x1000 + offsetof(struct sample, words)) == ELF_KERNEL_FLOOR + 0x20);
    assert_int_equal(word_at(0x1000 + offsetof(struct sample, words[2])), 0);
}

static void high_kernel_stays(void **state)
{
    (void)state;
    struct sample s = sample_pie(BASE);
    LOADED(s);
    assert_true(plan.slide == 0 && plan.base == BASE);
    assert_true(word_at(0x1000 + offsetof(struct sample, words)) == BASE + 0x20);
}

static void alignment_is_the_largest_up_to_two_mib(void **state)
{
    (void)state;
    struct sample s = sample();
    s.programs[1].p_align = 0x10000;
    LOADED(s);
    assert_int_equal(plan.align, 0x10000);
    s.programs[1].p_align = 1u << 30;
    LOADED(s);
    assert_int_equal(plan.align, 0x200000);
    s.programs[1].p_align = 12;
    REFUSED(s, "an ELF segment has a bad alignment");
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct sample s = sample();
    for (size_t size = 0; size < sizeof s; size++)
        assert_non_null(load(&s, size));
}

static void wrong_headers_are_refused(void **state)
{
    (void)state;
    struct sample s = sample();
    s.header.e_ident[0] = 0;
    REFUSED(s, "not an ELF file");
    s = sample();
    s.header.e_ident[EI_CLASS] = ELFCLASS32;
    REFUSED(s, "not a 64-bit ELF file");
    s = sample();
    s.header.e_ident[EI_DATA] = ELFDATA2MSB;
    REFUSED(s, "not an x86-64 ELF file");
    s = sample();
    s.header.e_machine = EM_AARCH64;
    REFUSED(s, "not an x86-64 ELF file");
    s = sample();
    s.header.e_type = ET_REL;
    REFUSED(s, "not an executable ELF file");
    s = sample();
    s.header.e_phnum = 0;
    REFUSED(s, "bad ELF program headers");
    s = sample();
    s.header.e_phoff = UINT64_MAX - 8;
    REFUSED(s, "bad ELF program headers");
    s = sample();
    s.header.e_phentsize = 55;
    REFUSED(s, "bad ELF program headers");
}

static void wrong_segments_are_refused(void **state)
{
    (void)state;
    struct sample s = sample();
    s.programs[0].p_offset = UINT64_MAX;
    REFUSED(s, "an ELF segment lies outside the file");
    s = sample();
    s.programs[1].p_memsz = s.programs[1].p_filesz - 1;
    REFUSED(s, "an ELF segment lies outside the file");
    s = sample();
    s.programs[1].p_memsz = UINT64_MAX;
    REFUSED(s, "an ELF segment is too large");
    s = sample();
    s.programs[1].p_vaddr = UINT64_MAX - 0x1000;
    REFUSED(s, "an ELF segment is too large");
    s = sample();
    s.programs[1].p_vaddr = BASE + 0x3f;
    REFUSED(s, "ELF segments overlap");
    s = sample();
    s.programs[0].p_vaddr = 0x400000;
    REFUSED(s, "the kernel is not linked in the higher half");
    s = sample_pie(0);
    s.programs[1].p_vaddr = 0x90000000;
    REFUSED(s, "the kernel is too large");
    s = sample();
    s.programs[0].p_type = s.programs[1].p_type = PT_NOTE;
    REFUSED(s, "the ELF file has nothing to load");
}

static void entry_must_be_executable(void **state)
{
    (void)state;
    static const uint64_t wrong[] = {0, BASE - 1, BASE + 0x40, BASE + 0x1000, UINT64_MAX};
    for (unsigned i = 0; i < 5; i++) {
        struct sample s = sample();
        s.header.e_entry = wrong[i];
        REFUSED(s, "the ELF entry point is not in executable memory");
    }
}

static void wrong_relocations_are_refused(void **state)
{
    (void)state;
    struct sample s = sample_pie(0);
    s.relocations[0].r_info = R_X86_64_64;
    REFUSED(s, "an ELF relocation other than R_X86_64_RELATIVE");
    static const uint64_t places[] = {0x4000, 0x3ff9, UINT64_MAX, 1ull << 40};
    for (unsigned i = 0; i < 4; i++) {
        s = sample_pie(0);
        s.relocations[0].r_offset = places[i];
        REFUSED(s, "an ELF relocation lies outside the kernel");
    }
    s = sample_pie(0);
    s.dynamic[0].d_un.d_ptr = UINT64_MAX;
    REFUSED(s, "a bad ELF relocation table");
    s = sample_pie(0);
    s.dynamic[1].d_un.d_val = 47;
    REFUSED(s, "a bad ELF relocation table");
    s = sample_pie(0);
    s.dynamic[1].d_un.d_val = 0x6000;
    REFUSED(s, "a bad ELF relocation table");
    s = sample_pie(0);
    s.dynamic[2].d_un.d_val = 16;
    REFUSED(s, "a bad ELF relocation table");
}

static void unsupported_dynamic_entries_are_refused(void **state)
{
    (void)state;
    struct sample s = sample_pie(0);
    s.dynamic[3].d_tag = DT_NEEDED;
    REFUSED(s, "the kernel needs a shared library");
    static const int64_t tags[] = {DT_REL, DT_PLTRELSZ, 35};
    for (unsigned i = 0; i < 3; i++) {
        s = sample_pie(0);
        s.dynamic[3] = (Elf64_Dyn){tags[i], {24}};
        REFUSED(s, "an unsupported kind of ELF relocations");
    }
}

static void dynamic_table_outside_is_ignored(void **state)
{
    (void)state;
    struct sample s = sample_pie(0);
    s.programs[2].p_vaddr = 0x100000;
    LOADED(s);
    assert_int_equal(plan.dynamic_size, 0);
}

static void segment_count_has_a_limit(void **state)
{
    (void)state;
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr programs[ELF_SEGMENTS + 1];
    } many = {sample().header, {{0}}};
    many.header.e_phoff = sizeof many.header;
    for (unsigned i = 0; i <= ELF_SEGMENTS; i++)
        many.programs[i] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, BASE + i * 0x1000, 0, 0x40, 0x40, 0x1000};
    many.header.e_phnum = ELF_SEGMENTS;
    assert_null(elf_check(&many, sizeof many, &plan));
    many.header.e_phnum = ELF_SEGMENTS + 1;
    assert_string_equal(elf_check(&many, sizeof many, &plan), "too many ELF segments");
}

static void sections_are_found_by_name(void **state)
{
    (void)state;
    struct sample s = sample();
    uint64_t start, length;
    LOADED(s);
    assert_true(elf_section(&s, sizeof s, &plan, ".limine_reqs", &start, &length));
    assert_true(start == 0x1000 + offsetof(struct sample, words) && length == sizeof s.words);
    assert_false(elf_section(&s, sizeof s, &plan, ".limine", &start, &length));
    assert_false(elf_section(&s, sizeof s, &plan, ".other", &start, &length));
    s.sections[2].sh_size = 0x10000;
    assert_false(elf_section(&s, sizeof s, &plan, ".limine_reqs", &start, &length));
    s.sections[2].sh_name = UINT32_MAX;
    assert_false(elf_section(&s, sizeof s, &plan, ".limine_reqs", &start, &length));
    s.header.e_shstrndx = 9;
    assert_false(elf_section(&s, sizeof s, &plan, ".names", &start, &length));
    s.header.e_shoff = UINT64_MAX - 2;
    assert_false(elf_section(&s, sizeof s, &plan, ".names", &start, &length));
}

static void any_damage_is_survived(void **state)
{
    (void)state;
    struct rng rng = rng_seeded(1);
    unsigned good = 0;
    for (unsigned round = 0; round < 20000; round++) {
        struct sample s = round % 2 ? sample() : sample_pie(0);
        for (unsigned i = 0; i < 1 + rng_below(&rng, 3); i++)
            ((uint8_t *)&s)[rng_below(&rng, sizeof s)] = (uint8_t)rng_next(&rng);
        s.programs[1].p_memsz &= 0xfffff; /* an image that fits this test */
        s.programs[0].p_memsz &= 0xfffff;
        if (load(&s, sizeof s) == NULL)
            good++;
    }
    assert_true(good > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("a static kernel is loaded, its bss zeroed", static_kernel_is_loaded),
        TEST("pages have the flags of their segments", pages_have_their_segments_flags),
        TEST("a page shared by segments has the flags of both", page_shared_by_segments_has_the_flags_of_both),
        TEST("a position-independent kernel at 0 is moved to the floor", low_kernel_is_moved_up),
        TEST("a position-independent kernel in the higher half stays", high_kernel_stays),
        TEST("the image is aligned as its segments ask, to 2 MiB at most", alignment_is_the_largest_up_to_two_mib),
        TEST("every truncation of a kernel is refused", every_truncation_is_refused),
        TEST("wrong ELF headers are refused by name", wrong_headers_are_refused),
        TEST("wrong ELF segments are refused by name", wrong_segments_are_refused),
        TEST("the entry point must be executable", entry_must_be_executable),
        TEST("wrong relocations are refused by name", wrong_relocations_are_refused),
        TEST("unsupported dynamic entries are refused by name", unsupported_dynamic_entries_are_refused),
        TEST("a dynamic table outside the image is ignored", dynamic_table_outside_is_ignored),
        TEST("the number of segments has a limit", segment_count_has_a_limit),
        TEST("sections are found by name", sections_are_found_by_name),
        TEST("random damage never leads outside the file", any_damage_is_survived),
    };
    int failed = RUN_TESTS(tests);
    free(image);
    return failed;
}
