/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The segments of a static ELF64 executable for x86-64, one after the other, for who needs no more than that: the kernel.
 * elf64.h is the whole reader, which says what is wrong.
 *
 * Any context; nothing is allocated.  The file is not vouched for: a segment that is given out lies inside the limits with
 * all its pages, and its file part inside the file; it is not writable and executable.  Two may overlap.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_PAGE_SIZE 4096u

struct elf_segment {
    uint64_t address;     /* Of its first byte; need not be page-aligned. */
    uint64_t memory_size; /* Not 0.  What follows the file part is zero. */
    uint64_t file_offset; /* Congruent to the address modulo the page size. */
    uint64_t file_size;
    bool read, write, execute;
};

/* Segments, rounded to pages, must lie in [low, high). */
struct elf_limits {
    uint64_t low, high;
};

enum elf_load { ELF_LOAD_SEGMENT, ELF_LOAD_END, ELF_LOAD_BAD };

/* The first segment from program header *next on, which moves behind it; or the end.  BAD: this is no such file (*next is 0), or
 * the program header before *next is wrong. */
enum elf_load elf_load_next(const void *file, size_t size, struct elf_limits limits, uint32_t *next,
                            struct elf_segment *segment);

/* The entry point, which may be anywhere; 0 if the file is too short to have one. */
uint64_t elf_load_entry(const void *file, size_t size);
