/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of ELF64 static executables for x86-64 (System V ABI, "Object Files" and the AMD64 supplement).
 *
 * elf_parse is a pure function over the bytes of a file that nobody vouches for: everything is checked, then copied
 * into a small result that refers to the file by offset.  What it accepts can be mapped without a further check:
 *
 *  - segments ascend, no two share a page, and all lie inside the limits;
 *  - each segment's file part lies inside the file, and is no longer than its memory part;
 *  - no segment is writable and executable, and the stack is not executable;
 *  - the entry point lies in an executable segment;
 *  - the initial TLS image lies in the file part of a segment.
 *
 * Any context; nothing is allocated.  The file must not change meanwhile.
 */
#ifndef MNOS_ELF64_H
#define MNOS_ELF64_H

#include <elf_load.h>

#define ELF_HEADERS_MAX  64u /* Program headers in a file. */
#define ELF_SEGMENTS_MAX 16u /* PT_LOAD segments that occupy memory. */
#define ELF_TLS_MAX      (1u << 20)

/* What can be wrong, and what elf_error_text says of it. */
#define ELF_ERRORS(X)                                                                                                  \
    X(OK, "is a static executable")                                                                                    \
    X(TRUNCATED_HEADER, "is shorter than an ELF header")                                                               \
    X(BAD_MAGIC, "is not an ELF file")                                                                                 \
    X(NOT_64_BIT, "is not a 64-bit ELF file")                                                                          \
    X(NOT_LITTLE_ENDIAN, "is not a little-endian ELF file")                                                            \
    X(BAD_VERSION, "has an unknown ELF version")                                                                       \
    X(BAD_OS_ABI, "is made for another operating system's ABI")                                                        \
    X(NOT_EXECUTABLE, "is not a fixed-address executable (ET_EXEC)")                                                   \
    X(BAD_MACHINE, "is not for x86-64")                                                                                \
    X(BAD_FLAGS, "has unknown machine flags in its ELF header")                                                        \
    X(BAD_HEADER_SIZE, "has ELF or program headers of a wrong size")                                                   \
    X(NO_PROGRAM_HEADERS, "has no program headers")                                                                    \
    X(TOO_MANY_PROGRAM_HEADERS, "has more than 64 program headers")                                                    \
    X(TRUNCATED_PROGRAM_HEADERS, "has program headers outside the file")                                               \
    X(DYNAMIC, "is dynamically linked")                                                                                \
    X(TRUNCATED_SEGMENT, "has a segment outside the file")                                                             \
    X(FILE_PART_TOO_LONG, "has a segment that is longer in the file than in memory")                                   \
    X(BAD_ALIGNMENT, "has a segment whose address, file offset and alignment disagree")                                \
    X(OUT_OF_RANGE, "has a segment outside the addresses it may use")                                                  \
    X(BAD_PERMISSIONS, "has a segment with no or unknown permissions")                                                 \
    X(WRITE_AND_EXECUTE, "has a segment that is writable and executable")                                              \
    X(TOO_MANY_SEGMENTS, "has more than 16 segments")                                                                  \
    X(UNORDERED, "has segments that are not in ascending order")                                                       \
    X(OVERLAP, "has segments that overlap or share a page")                                                            \
    X(NO_SEGMENT, "has nothing to load")                                                                               \
    X(BAD_ENTRY, "has its entry point outside its code")                                                               \
    X(TWO_TLS, "has two thread-local storage segments")                                                                \
    X(BAD_TLS, "has a malformed thread-local storage segment")                                                         \
    X(TWO_STACKS, "has two stack headers")                                                                             \
    X(EXECUTABLE_STACK, "asks for an executable stack")

#define ELF_ERROR_NAME(name, text) ELF_##name,
enum elf_error { ELF_ERRORS(ELF_ERROR_NAME) ELF_ERROR_COUNT };

/* The initial image of thread-local storage. */
struct elf_tls {
    uint64_t address; /* Where the image is mapped when file_size is not 0. */
    uint64_t file_offset, file_size;
    uint64_t memory_size; /* Of one thread's block; 0: the program has none. */
    uint64_t align;       /* A power of two, at most a page. */
};

struct elf_image {
    uint64_t entry;
    uint64_t low, high;  /* All segments, outermost addresses; high is the first one behind. */
    uint64_t stack_size; /* Asked for by PT_GNU_STACK; 0: no wish.  Unchecked. */
    struct elf_tls tls;
    uint32_t segment_count;
    struct elf_segment segments[ELF_SEGMENTS_MAX];
    /* Valid after an error that is about one program header: its index.  Otherwise ELF_NO_HEADER. */
    uint32_t bad_header;
};

#define ELF_NO_HEADER UINT32_MAX

/* After an error only image->bad_header has a meaning. */
__attribute__((warn_unused_result)) enum elf_error elf_parse(const void *file, size_t size, struct elf_limits limits,
                                                             struct elf_image *image);

/* What is wrong, as a clause that follows the file's name: "is not an ELF file". */
const char *elf_error_text(enum elf_error error);

#endif
