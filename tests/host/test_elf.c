/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/elf/ */
#include "host_test.h"

#include "elf_check.h"

#include "../../lib/elf/format.h"

#define PAGE 4096u
static const struct elf_limits limits = {0x10000, 0x0000800000000000};

/*
 * A small program with everything in it, built field by field:
 *
 *   offset 0       headers, 6 of them
 *   offset 0x1000  code   0x400000  r-x  0x800 bytes, the entry point at +0x10
 *   offset 0x1800  rodata 0x402800  r--  0x300 bytes
 *   offset 0x2000  data   0x404000  rw-  0x600 bytes of 0x3000; the TLS image at +0x40
 */
enum { SAMPLE_SIZE = 0x2600, CODE = 0, RODATA = 1, DATA = 2, TLS = 3, STACK = 4, NOTE = 5, HEADERS = 6 };

struct sample {
    struct file_header file;
    struct program_header program[HEADERS];
    size_t size;
};

static struct sample sample_make(void)
{
    return (struct sample){
        .size = SAMPLE_SIZE,
        .file = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC,
                 .e_machine = EM_X86_64,
                 .e_version = EV_CURRENT,
                 .e_entry = 0x400010,
                 .e_phoff = 64,
                 .e_ehsize = 64,
                 .e_phentsize = 56,
                 .e_phnum = HEADERS},
        .program =
            {
                [CODE] = {PT_LOAD, PF_R | PF_X, 0x1000, 0x400000, 0, 0x800, 0x800, PAGE},
                [RODATA] = {PT_LOAD, PF_R, 0x1800, 0x402800, 0, 0x300, 0x300, PAGE},
                [DATA] = {PT_LOAD, PF_R | PF_W, 0x2000, 0x404000, 0, 0x600, 0x3000, PAGE},
                [TLS] = {PT_TLS, PF_R, 0x2040, 0x404040, 0, 0x20, 0x90, 32},
                [STACK] = {PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0x20000, 16},
                [NOTE] = {4, PF_R, 0x1800, 0x402800, 0, 0x20, 0x20, 4},
            },
    };
}

/* The file is as long as it says and no byte longer, so that the sanitizer sees a read behind it. */
static enum elf_error sample_parse(const struct sample *sample, struct elf_image *image)
{
    unsigned char *bytes = calloc(1, sample->size + (sample->size == 0));
    assert_non_null(bytes);
    size_t headers = sizeof sample->file + sizeof sample->program;
    unsigned char front[sizeof sample->file + sizeof sample->program];

    memcpy(front, &sample->file, sizeof sample->file);
    memcpy(front + sizeof sample->file, sample->program, sizeof sample->program);
    memcpy(bytes, front, headers < sample->size ? headers : sample->size);
    enum elf_error error = elf_parse(bytes, sample->size, limits, image);
    assert_true(elf_load_agrees(bytes, sample->size, limits, error, image));
    free(bytes);
    return error;
}

#define EXPECT(sample, wanted)                                                                                         \
    do {                                                                                                               \
        struct elf_image image_;                                                                                       \
        assert_string_equal(elf_error_text(sample_parse(&(sample), &image_)), elf_error_text(wanted));                 \
    } while (0)

static void a_good_program_is_read(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    assert_int_equal(sample_parse(&s, &image), ELF_OK);
    assert_int_equal(image.entry, 0x400010);
    assert_int_equal(image.segment_count, 3);
    assert_int_equal(image.low, 0x400000);
    assert_int_equal(image.high, 0x407000);
    assert_int_equal(image.stack_size, 0x20000);
    assert_int_equal(image.bad_header, ELF_NO_HEADER);
    for (unsigned i = 0; i < 3; i++) {
        const struct elf_segment *segment = &image.segments[i];
        assert_int_equal(segment->address, s.program[i].p_vaddr);
        assert_int_equal(segment->memory_size, s.program[i].p_memsz);
        assert_int_equal(segment->file_offset, s.program[i].p_offset);
        assert_int_equal(segment->file_size, s.program[i].p_filesz);
        assert_true(segment->read);
        assert_int_equal(segment->write, i == DATA);
        assert_int_equal(segment->execute, i == CODE);
    }
    assert_int_equal(image.tls.address, 0x404040);
    assert_int_equal(image.tls.file_offset, 0x2040);
    assert_int_equal(image.tls.file_size, 0x20);
    assert_int_equal(image.tls.memory_size, 0x90);
    assert_int_equal(image.tls.align, 32);
}

static void a_program_without_tls_or_stack_header_is_read(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    s.program[TLS].p_type = s.program[STACK].p_type = 0;
    assert_int_equal(sample_parse(&s, &image), ELF_OK);
    assert_int_equal(image.tls.memory_size, 0);
    assert_int_equal(image.stack_size, 0);
}

static void empty_segments_are_skipped(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    s.program[NOTE] = (struct program_header){.p_type = PT_LOAD, .p_flags = PF_R, .p_offset = UINT64_MAX};
    assert_int_equal(sample_parse(&s, &image), ELF_OK);
    assert_int_equal(image.segment_count, 3);
}

/* The program that the build links from samples/program.c. */
static size_t linked_read(unsigned char *bytes, size_t room)
{
    const char *build = getenv("BUILD");
    char path[512];

    snprintf(path, sizeof path, "%s/host/samples/program.elf", build != NULL ? build : "build");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    assert_in_range(size, PAGE, room - 1);
    return size;
}

static void a_program_from_the_linker_is_read(void **state)
{
    static unsigned char bytes[1 << 20];
    struct elf_image image;
    size_t size = linked_read(bytes, sizeof bytes);
    (void)state;

    assert_string_equal(elf_error_text(elf_parse(bytes, size, limits, &image)), elf_error_text(ELF_OK));
    assert_true(image.segment_count >= 3);
    assert_int_equal(image.tls.file_size, 4);
    assert_int_equal(image.tls.memory_size, 4 + 64 + 12); /* The zeros are aligned to 16. */
    bool zero_filled = false;
    for (uint32_t i = 0; i < image.segment_count; i++)
        zero_filled |= image.segments[i].memory_size - image.segments[i].file_size >= 20000;
    assert_true(zero_filled);
}

/* Of a sample that is wrong in one place. */
static enum elf_load sample_load(const struct sample *sample)
{
    static unsigned char bytes[SAMPLE_SIZE];
    struct elf_segment segment;
    uint32_t next = 0;
    enum elf_load step;

    memcpy(bytes, &sample->file, sizeof sample->file);
    memcpy(bytes + sizeof sample->file, sample->program, sizeof sample->program);
    do
        step = elf_load_next(bytes, sample->size, limits, &next, &segment);
    while (step == ELF_LOAD_SEGMENT);
    return step;
}

static void the_small_reader_refuses_what_cannot_be_mapped(void **state)
{
    (void)state;
#define LOAD_CASE(change, wanted)                                                                                      \
    do {                                                                                                               \
        struct sample s = sample_make();                                                                               \
        change;                                                                                                        \
        assert_int_equal(sample_load(&s), wanted);                                                                     \
    } while (0)
    LOAD_CASE((void)0, ELF_LOAD_END);
    LOAD_CASE(s.size = 63, ELF_LOAD_BAD);
    LOAD_CASE(s.size = 64 + HEADERS * 56 - 1, ELF_LOAD_BAD);
    LOAD_CASE(s.file.e_ident[EI_CLASS] = 1, ELF_LOAD_BAD);
    LOAD_CASE(s.file.e_type = 3, ELF_LOAD_BAD);
    LOAD_CASE(s.file.e_machine = 183, ELF_LOAD_BAD);
    LOAD_CASE(s.file.e_phentsize = 55, ELF_LOAD_BAD);
    LOAD_CASE(s.file.e_phoff = UINT64_MAX, ELF_LOAD_BAD);
    LOAD_CASE(s.program[NOTE].p_type = PT_INTERP, ELF_LOAD_BAD);
    LOAD_CASE(s.program[NOTE].p_type = PT_DYNAMIC, ELF_LOAD_BAD);
    LOAD_CASE(s.program[CODE].p_flags |= PF_W, ELF_LOAD_BAD);
    LOAD_CASE(s.program[CODE].p_flags = 0, ELF_LOAD_BAD);
    LOAD_CASE(s.program[CODE].p_flags |= 8, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_filesz = 0x601, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_memsz = 0x5ff, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_offset++, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_offset = UINT64_MAX - 0xfff, ELF_LOAD_BAD);
    LOAD_CASE(s.program[CODE].p_vaddr = 0xf000, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_vaddr = limits.high - 0x2000, ELF_LOAD_BAD);
    LOAD_CASE(s.program[DATA].p_memsz = UINT64_MAX, ELF_LOAD_BAD);
    LOAD_CASE(s.program[TLS].p_memsz = UINT64_MAX, ELF_LOAD_END); /* not its business */
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    for (s.size = 0; s.size < SAMPLE_SIZE; s.size += s.size < 500 ? 1 : 37)
        assert_int_not_equal(sample_parse(&s, &image), ELF_OK);
    s.size = SAMPLE_SIZE - 1;
    EXPECT(s, ELF_TRUNCATED_SEGMENT);
}

static void another_kind_of_file_is_named(void **state)
{
    (void)state;
#define HEADER_CASE(field, value, wanted)                                                                              \
    do {                                                                                                               \
        struct sample s_ = sample_make();                                                                              \
        s_.file.field = (value);                                                                                       \
        EXPECT(s_, wanted);                                                                                            \
    } while (0)
    HEADER_CASE(e_ident[0], 0x7e, ELF_BAD_MAGIC);
    HEADER_CASE(e_ident[EI_CLASS], 1, ELF_NOT_64_BIT);
    HEADER_CASE(e_ident[EI_DATA], 2, ELF_NOT_LITTLE_ENDIAN);
    HEADER_CASE(e_ident[EI_OSABI], 9, ELF_BAD_OS_ABI);
    HEADER_CASE(e_type, 3, ELF_NOT_EXECUTABLE);
    HEADER_CASE(e_machine, 183, ELF_BAD_MACHINE);
    HEADER_CASE(e_phnum, 0, ELF_NO_PROGRAM_HEADERS);
}

static void gnu_symbol_types_are_allowed(void **state)
{
    struct sample s = sample_make();
    (void)state;

    s.file.e_ident[EI_OSABI] = ELFOSABI_GNU;
    EXPECT(s, ELF_OK);
}

static void writable_code_is_refused(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    s.program[DATA].p_flags |= PF_X;
    assert_int_equal(sample_parse(&s, &image), ELF_WRITE_AND_EXECUTE);
    assert_int_equal(image.bad_header, DATA);
    s = sample_make();
    s.program[STACK].p_flags |= PF_X;
    EXPECT(s, ELF_EXECUTABLE_STACK);
}

static void segments_that_share_a_page_are_refused(void **state)
{
    struct sample s = sample_make();
    (void)state;

    s.program[RODATA].p_vaddr = 0x400800;
    EXPECT(s, ELF_OVERLAP);
    s = sample_make();
    s.program[CODE].p_memsz = 0x2801;
    EXPECT(s, ELF_OVERLAP);
    s.program[CODE].p_memsz = 0x2001;
    EXPECT(s, ELF_OVERLAP);
    s.program[CODE].p_memsz = 0x2000;
    EXPECT(s, ELF_OK);
}

static void the_whole_range_up_to_the_limits_may_be_used(void **state)
{
    struct sample s = sample_make();
    (void)state;

    s.program[DATA].p_memsz = limits.high - s.program[DATA].p_vaddr;
    EXPECT(s, ELF_OK);
    s.program[DATA].p_memsz++;
    EXPECT(s, ELF_OUT_OF_RANGE);
    s = sample_make();
    s.program[CODE].p_vaddr = limits.low;
    s.file.e_entry = limits.low;
    EXPECT(s, ELF_OK);
    s.program[CODE].p_vaddr -= PAGE;
    EXPECT(s, ELF_OUT_OF_RANGE);
}

static void an_entry_point_in_data_or_zeros_is_refused(void **state)
{
    static const uint64_t entries[] = {0, 0x3fffff, 0x400800, 0x402800, 0x404000, UINT64_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        struct sample s = sample_make();
        s.file.e_entry = entries[i];
        EXPECT(s, ELF_BAD_ENTRY);
    }
    struct sample s = sample_make();
    s.program[CODE].p_memsz = 0x1000;
    s.file.e_entry = 0x400900;
    EXPECT(s, ELF_BAD_ENTRY);
    s.file.e_entry = 0x4007ff;
    EXPECT(s, ELF_OK);
}

static void a_tls_image_outside_the_segments_is_refused(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    s.program[TLS].p_vaddr = 0x404000 + 0x600 - 0x1f;
    s.program[TLS].p_offset = 0x2000 + 0x600 - 0x1f;
    assert_int_equal(sample_parse(&s, &image), ELF_BAD_TLS);
    assert_int_equal(image.bad_header, TLS);
    s.program[TLS].p_vaddr--;
    s.program[TLS].p_offset--;
    EXPECT(s, ELF_OK);
    s.program[TLS].p_offset--;
    EXPECT(s, ELF_BAD_TLS);
    /* Without an initial image its address means nothing. */
    s.program[TLS].p_filesz = 0;
    s.program[TLS].p_vaddr = UINT64_MAX;
    EXPECT(s, ELF_OK);
}

static void tls_may_be_as_large_as_its_limits(void **state)
{
    static const uint64_t aligns[] = {0, 1, 2, PAGE};
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    for (size_t i = 0; i < sizeof aligns / sizeof aligns[0]; i++) {
        s.program[TLS].p_align = aligns[i];
        assert_int_equal(sample_parse(&s, &image), ELF_OK);
        assert_int_equal(image.tls.align, aligns[i] == 0 ? 1 : aligns[i]);
    }
    s.program[TLS].p_memsz = ELF_TLS_MAX;
    EXPECT(s, ELF_OK);
    s.program[TLS].p_memsz = s.program[TLS].p_filesz;
    EXPECT(s, ELF_OK);
    /* The image may lie in any readable segment. */
    s.program[TLS].p_vaddr = 0x402800;
    s.program[TLS].p_offset = 0x1800;
    EXPECT(s, ELF_OK);
    s.program[TLS].p_vaddr = 0x400020;
    s.program[TLS].p_offset = 0x1020;
    EXPECT(s, ELF_OK);
    s.program[CODE].p_flags = PF_X;
    EXPECT(s, ELF_BAD_TLS);
}

static void permissions_are_reported_as_they_stand(void **state)
{
    struct sample s = sample_make();
    struct elf_image image;
    (void)state;

    s.program[CODE].p_flags = PF_X;
    s.program[DATA].p_flags = PF_W;
    s.program[TLS].p_type = 0;
    assert_int_equal(sample_parse(&s, &image), ELF_OK);
    assert_true(image.segments[CODE].execute && !image.segments[CODE].read && !image.segments[CODE].write);
    assert_true(image.segments[RODATA].read && !image.segments[RODATA].execute && !image.segments[RODATA].write);
    assert_true(image.segments[DATA].write && !image.segments[DATA].read && !image.segments[DATA].execute);
}

/* `count` segments of a page each, then `others` headers that are passed over, then a TLS header. */
static enum elf_error many_parse(unsigned count, unsigned others, uint64_t entry, uint64_t tls_address)
{
    size_t size = 64 + (count + others + 1) * 56;
    unsigned char *bytes = calloc(1, size);
    struct sample s = sample_make();
    struct elf_image image;

    assert_non_null(bytes);
    s.file.e_phnum = (uint16_t)(count + others + 1);
    s.file.e_entry = entry;
    memcpy(bytes, &s.file, 64);
    for (unsigned i = 0; i < count; i++) {
        struct program_header ph = {PT_LOAD, PF_R | PF_X, 0, 0x100000 + i * PAGE, 0, 0x100, 0x100, PAGE};
        memcpy(bytes + 64 + i * 56, &ph, 56);
    }
    struct program_header tls = {PT_TLS, PF_R, 0x40, tls_address, 0, 8, 8, 8};
    memcpy(bytes + size - 56, &tls, 56);
    enum elf_error error = elf_parse(bytes, size, limits, &image);
    free(bytes);
    return error;
}

static void sixteen_segments_fit_and_seventeen_do_not(void **state)
{
    (void)state;
    assert_int_equal(many_parse(16, 0, 0x100040, 0x100040), ELF_OK);
    assert_int_equal(many_parse(16, 0, 0x10f040, 0x10f040), ELF_OK);
    assert_int_equal(many_parse(16, 0, 0x110040, 0x100040), ELF_BAD_ENTRY);
    assert_int_equal(many_parse(16, 0, 0x100040, 0x110040), ELF_BAD_TLS);
    assert_int_equal(many_parse(17, 0, 0x100040, 0x100040), ELF_TOO_MANY_SEGMENTS);
}

static void sixty_four_headers_fit_and_sixty_five_do_not(void **state)
{
    (void)state;
    assert_int_equal(many_parse(1, 62, 0x100040, 0x100040), ELF_OK);
    assert_int_equal(many_parse(1, 63, 0x100040, 0x100040), ELF_TOO_MANY_PROGRAM_HEADERS);
}

/* One way to spoil a good file. */
static unsigned refused_count;
static bool seen[ELF_ERROR_COUNT];

static void refuse(const struct sample *sample)
{
    struct elf_image image;
    enum elf_error error = sample_parse(sample, &image);

    if (error == ELF_OK)
        print_error("malformed file %u is accepted\n", refused_count);
    assert_int_not_equal(error, ELF_OK);
    seen[error] = true;
    refused_count++;
}

#define REFUSE_VALUES(field, ...)                                                                                      \
    do {                                                                                                               \
        static const uint64_t values_[] = {__VA_ARGS__};                                                               \
        for (size_t i_ = 0; i_ < sizeof values_ / sizeof values_[0]; i_++) {                                           \
            struct sample s_ = sample_make();                                                                          \
            s_.field = (__typeof__(s_.field))values_[i_];                                                              \
            refuse(&s_);                                                                                               \
        }                                                                                                              \
    } while (0)

static void refuse_file_headers(void)
{
    REFUSE_VALUES(file.e_ident[0], 0, 0x7e, 0xff);
    REFUSE_VALUES(file.e_ident[1], 0, 'e', 0xff);
    REFUSE_VALUES(file.e_ident[2], 0, 'l', 0xff);
    REFUSE_VALUES(file.e_ident[3], 0, 'f', 0xff);
    REFUSE_VALUES(file.e_ident[EI_CLASS], 0, 1, 3, 0xff);
    REFUSE_VALUES(file.e_ident[EI_DATA], 0, 2, 3, 0xff);
    REFUSE_VALUES(file.e_ident[EI_VERSION], 0, 2, 0xff);
    REFUSE_VALUES(file.e_ident[EI_OSABI], 1, 2, 4, 6, 9, 12, 97, 0xff);
    REFUSE_VALUES(file.e_ident[EI_ABIVERSION], 1, 2, 0xff);
    REFUSE_VALUES(file.e_type, 0, 1, 3, 4, 0xfe00, 0xff00, 0xffff);
    REFUSE_VALUES(file.e_machine, 0, 3, 8, 21, 40, 50, 183, 243, 0xffff);
    REFUSE_VALUES(file.e_version, 0, 2, 0x100, 0xffffffff);
    REFUSE_VALUES(file.e_flags, 1, 0x80000000, 0xffffffff);
    REFUSE_VALUES(file.e_ehsize, 0, 52, 63, 65, 0xffff);
    REFUSE_VALUES(file.e_phentsize, 0, 1, 32, 55, 57, 64, 0xffff);
    REFUSE_VALUES(file.e_phnum, 0, 65, 0x7fff, 0xfffe, 0xffff);
    REFUSE_VALUES(file.e_phoff, 0, 1, 63, SAMPLE_SIZE, SAMPLE_SIZE - 335, 0x7fffffffffffffff, UINT64_MAX,
                  UINT64_MAX - 63, UINT64_MAX - 335);
    REFUSE_VALUES(file.e_entry, 0, 1, 0x3fffff, 0x400800, 0x401000, 0x402800, 0x404000, 0x407000, 0x800000000000,
                  0xffff800000000000, UINT64_MAX);
}

static void refuse_segments(void)
{
#define REFUSE_SEGMENT(n)                                                                                              \
    do {                                                                                                               \
        REFUSE_VALUES(program[n].p_type, PT_INTERP, PT_DYNAMIC);                                                       \
        REFUSE_VALUES(program[n].p_flags, 0, PF_W | PF_X, PF_R | PF_W | PF_X, 8, PF_R | 8, 0x100000 | PF_R,            \
                      0x80000000 | PF_R);                                                                              \
        REFUSE_VALUES(program[n].p_offset, SAMPLE_SIZE, SAMPLE_SIZE - 1, 0x7ffffffffffff000, 0xfffffffffffff000,       \
                      0xfffffffffffff800, UINT64_MAX);                                                                 \
        REFUSE_VALUES(program[n].p_vaddr, 0, 0x1000, 0x400001, 0x402801, 0x404001, 0x7ffffffff000 + 0x1000,            \
                      0x800000000000, 0x800000000800, 0x800000001000, 0xffff800000000000, 0xffffffff80200000,          \
                      0xfffffffffffff000, 0xfffffffffffff800);                                                         \
        REFUSE_VALUES(program[n].p_filesz, 0x3001, SAMPLE_SIZE, 0x100000000, 0x7fffffffffffffff, UINT64_MAX,           \
                      UINT64_MAX - 0xfff, UINT64_MAX - 0x1fff);                                                        \
        REFUSE_VALUES(program[n].p_memsz, 0, 1, 0x2ff, 0x800000000000, 0xffffffffffc00000, 0x7fffffffffffffff,         \
                      UINT64_MAX);                                                                                     \
        REFUSE_VALUES(program[n].p_align, 3, 6, 0x1001, 0x8000000000000001, UINT64_MAX);                               \
    } while (0)
    REFUSE_SEGMENT(CODE);
    REFUSE_SEGMENT(RODATA);
    REFUSE_SEGMENT(DATA);
}

static void refuse_arrangements(void)
{
    static const unsigned orders[5][3] = {{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct sample s, good = sample_make();

    for (unsigned i = 0; i < 5; i++) {
        s = good;
        for (unsigned j = 0; j < 3; j++)
            s.program[j] = good.program[orders[i][j]];
        refuse(&s);
    }
    for (unsigned twice = CODE; twice <= STACK; twice++) {
        s = good;
        s.program[NOTE] = good.program[twice];
        refuse(&s);
    }
    for (unsigned n = CODE; n <= DATA; n++) {
        s = good;
        s.program[n].p_vaddr = good.program[(n + 1) % 3].p_vaddr;
        s.program[n].p_offset = good.program[(n + 1) % 3].p_offset;
        refuse(&s);
    }
    s = good;
    for (unsigned i = 0; i < HEADERS; i++)
        s.program[i].p_type = 0;
    refuse(&s);
    s = good;
    s.program[CODE].p_type = 0;
    refuse(&s);
}

static void refuse_tls_and_stack(void)
{
    REFUSE_VALUES(program[TLS].p_align, 3, 33, 8192, 0x8000000000000000, UINT64_MAX);
    REFUSE_VALUES(program[TLS].p_memsz, 0, 0x1f, ELF_TLS_MAX + 1, UINT64_MAX);
    REFUSE_VALUES(program[TLS].p_filesz, 0x91, 0x600, UINT64_MAX);
    REFUSE_VALUES(program[TLS].p_vaddr, 0, 0x404041, 0x407000, 0x402800, 0xffff800000000000, UINT64_MAX);
    REFUSE_VALUES(program[TLS].p_offset, 0, 0x2041, 0x2600, UINT64_MAX);
    REFUSE_VALUES(program[STACK].p_flags, PF_X, PF_R | PF_X, PF_R | PF_W | PF_X);
}

static void refuse_truncations(void)
{
    for (size_t size = 0; size < 64 + HEADERS * 56; size += 29) {
        struct sample s = sample_make();
        s.size = size;
        refuse(&s);
    }
    for (size_t size = 0x500; size < SAMPLE_SIZE; size += 0x200) {
        struct sample s = sample_make();
        s.size = size;
        refuse(&s);
    }
}

static void two_hundred_malformed_files_are_refused(void **state)
{
    (void)state;
    refused_count = 0;
    refuse_file_headers();
    refuse_segments();
    refuse_arrangements();
    refuse_tls_and_stack();
    refuse_truncations();
    print_message("# %u malformed files\n", refused_count);
    assert_true(refused_count >= 200);
    /* Each reason to refuse is reached; one needs more headers than the sample has, and has its own test. */
    for (unsigned error = ELF_OK + 1; error < ELF_ERROR_COUNT; error++)
        if (error != ELF_TOO_MANY_SEGMENTS && !seen[error])
            fail_msg("no file %s", elf_error_text((enum elf_error)error));
}

/* The contract of elf64.h, checked in 128-bit arithmetic. */
static void check_contract(const struct elf_image *image, size_t size)
{
    bool entry_ok = false;

    assert_in_range(image->segment_count, 1, ELF_SEGMENTS_MAX);
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct elf_segment *s = &image->segments[i];
        __uint128_t end = (__uint128_t)s->address + s->memory_size;
        assert_true(s->memory_size > 0 && s->file_size <= s->memory_size);
        assert_true((__uint128_t)s->file_offset + s->file_size <= size);
        assert_true(s->address >= limits.low && end <= limits.high);
        assert_true(s->address % PAGE == s->file_offset % PAGE);
        assert_false(s->write && s->execute);
        assert_true(s->read || s->write || s->execute);
        if (i > 0) {
            const struct elf_segment *before = &image->segments[i - 1];
            assert_true((before->address + before->memory_size - 1) / PAGE < s->address / PAGE);
        }
        entry_ok |= s->execute && image->entry >= s->address && image->entry < (uint64_t)end;
    }
    assert_true(entry_ok);
    assert_true(image->tls.file_size <= image->tls.memory_size && image->tls.memory_size <= ELF_TLS_MAX);
}

static void random_damage_is_refused_or_harmless(void **state)
{
    struct rng rng = rng_seeded(0xe1f);
    unsigned accepted = 0;
    (void)state;

    for (unsigned step = 0; step < 100000; step++) {
        struct sample s = sample_make();
        unsigned char *bytes = (unsigned char *)&s;
        struct elf_image image;
        for (unsigned n = 1 + (unsigned)rng_below(&rng, 3); n > 0; n--) {
            size_t at = rng_below(&rng, sizeof s.file + sizeof s.program);
            bytes[at] = (unsigned char)(rng_below(&rng, 2) ? bytes[at] ^ 1u << rng_below(&rng, 8) : rng_next(&rng));
        }
        if (rng_below(&rng, 8) == 0)
            s.size = rng_below(&rng, SAMPLE_SIZE + 100);
        if (sample_parse(&s, &image) == ELF_OK) {
            check_contract(&image, s.size);
            accepted++;
        }
    }
    /* Damage in ignored fields (p_paddr, sections, the note) is most of what is accepted. */
    assert_in_range(accepted, 1000, 70000);
}

/* Numbers that mean something, put where the headers of the linker's program have numbers. */
static void random_damage_of_a_linked_program_is_refused_or_harmless(void **state)
{
    static unsigned char good[1 << 20];
    struct rng rng = rng_seeded(0x11c);
    size_t size = linked_read(good, sizeof good), headers = 64 + 7 * 56;
    unsigned accepted = 0, refused = 0;
    unsigned char *bytes = malloc(size);
    (void)state;

    assert_non_null(bytes);
    for (unsigned step = 0; step < 50000; step++) {
        struct elf_image image;
        memcpy(bytes, good, headers);
        for (unsigned n = 1 + (unsigned)rng_below(&rng, 2); n > 0; n--) {
            uint64_t value = rng_below(&rng, 3) == 0 ? 0x400000 + rng_below(&rng, 0x9000) : rng_magnitude(&rng);
            size_t width = (size_t)1 << rng_below(&rng, 4);
            memcpy(bytes + rng_below(&rng, headers / width) * width, &value, width);
        }
        memcpy(bytes + headers, good + headers, size - headers);
        if (elf_parse(bytes, size, limits, &image) == ELF_OK) {
            check_contract(&image, size);
            accepted++;
        } else {
            refused++;
        }
    }
    free(bytes);
    assert_true(accepted > 1000 && refused > 10000);
}

static void every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ELF_ERROR_COUNT; a++) {
        assert_non_null(elf_error_text((enum elf_error)a));
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(elf_error_text((enum elf_error)a), elf_error_text((enum elf_error)b));
    }
    assert_non_null(elf_error_text(ELF_ERROR_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("elf: a good program is read", a_good_program_is_read),
        TEST("elf: a program without TLS or stack header is read", a_program_without_tls_or_stack_header_is_read),
        TEST("elf: empty segments are skipped", empty_segments_are_skipped),
        TEST("elf: a program from the linker is read", a_program_from_the_linker_is_read),
        TEST("elf: the small reader refuses what cannot be mapped", the_small_reader_refuses_what_cannot_be_mapped),
        TEST("elf: a file cut anywhere is refused", a_file_cut_anywhere_is_refused),
        TEST("elf: another kind of file is named", another_kind_of_file_is_named),
        TEST("elf: GNU symbol types are allowed", gnu_symbol_types_are_allowed),
        TEST("elf: writable code and executable stacks are refused", writable_code_is_refused),
        TEST("elf: segments that share a page are refused", segments_that_share_a_page_are_refused),
        TEST("elf: the whole range up to the limits may be used", the_whole_range_up_to_the_limits_may_be_used),
        TEST("elf: an entry point in data or zeros is refused", an_entry_point_in_data_or_zeros_is_refused),
        TEST("elf: a TLS image outside the segments is refused", a_tls_image_outside_the_segments_is_refused),
        TEST("elf: TLS may be as large as its limits", tls_may_be_as_large_as_its_limits),
        TEST("elf: permissions are reported as they stand", permissions_are_reported_as_they_stand),
        TEST("elf: sixty-four program headers fit and sixty-five do not", sixty_four_headers_fit_and_sixty_five_do_not),
        TEST("elf: sixteen segments fit and seventeen do not", sixteen_segments_fit_and_seventeen_do_not),
        TEST("elf: two hundred malformed files are refused [M226]", two_hundred_malformed_files_are_refused),
        TEST("elf: random damage is refused or harmless", random_damage_is_refused_or_harmless),
        TEST("elf: random damage of a linked program is refused or harmless",
             random_damage_of_a_linked_program_is_refused_or_harmless),
        TEST("elf: every error has a text of its own", every_error_has_a_text_of_its_own),
    };
    return RUN_TESTS(tests);
}
