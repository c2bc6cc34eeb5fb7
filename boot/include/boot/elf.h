/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's ELF file: checked whole, then loaded into one contiguous image.  Pure code; the file is hostile input.
 * Source: System V ABI, "Object Files" and "Program Loading"; AMD64 supplement for the relocations.
 */
#ifndef BOOT_ELF_H
#define BOOT_ELF_H

#include <stdbool.h>
#include <stdint.h>

enum { ELF_SEGMENTS = 16 };

/* The lowest virtual address that a kernel may use. */
#define ELF_KERNEL_FLOOR 0xffffffff80000000u

enum elf_flags {
    ELF_EXEC = 1,
    ELF_WRITE = 2,
    ELF_READ = 4,
};

struct elf_segment {
    uint64_t offset; /* in the file */
    uint64_t start;  /* in the image */
    uint64_t file_size;
    uint64_t memory_size;
    uint32_t flags; /* enum elf_flags */
};

/* How to load a file: the result of the check. */
struct elf_plan {
    uint64_t base;    /* virtual address of the image's first byte, slide included; page aligned */
    uint64_t size;    /* bytes of the image; whole pages */
    uint64_t slide;   /* added to every address in the file */
    uint64_t align;   /* wanted alignment of the image in memory: a power of two, 4 KiB to 2 MiB */
    uint64_t entry;   /* slide included */
    uint64_t dynamic; /* the dynamic table's place in the image, and its size; 0 where there is none */
    uint64_t dynamic_size;
    unsigned segment_count;
    struct elf_segment segments[ELF_SEGMENTS];
};

/* All functions return NULL for success, else one sentence (without full stop) that names what is wrong. */

/* Checks `file` and fills *plan. */
const char *elf_check(const void *file, uint64_t size, struct elf_plan *plan) __attribute__((warn_unused_result));

/* Fills `image` (plan->size bytes, 8-byte aligned): contents, zeroes, relocations. */
const char *elf_load(const struct elf_plan *plan, const void *file, void *image) __attribute__((warn_unused_result));

/* Finds a section by name: its place in the image and its size.  False where there is none (or it is not loaded). */
bool elf_section(const void *file, uint64_t size, const struct elf_plan *plan, const char *name, uint64_t *start,
                 uint64_t *length);

/* The flags of the page at `start` in the image: those of all segments that touch it, 0 for a gap. */
uint32_t elf_page_flags(const struct elf_plan *plan, uint64_t start);

/* Whether `address` lies in a segment with all of `flags`. */
bool elf_inside(const struct elf_plan *plan, uint64_t address, uint32_t flags);

#endif
