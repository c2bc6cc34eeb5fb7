/* SPDX-License-Identifier: BSD-2-Clause */
/* The structures of an ELF64 file, in the names of the System V ABI (chapters "ELF Header" and "Program Header"). */
#pragma once

#include <stdint.h>

enum {
    EI_CLASS = 4,
    EI_DATA = 5,
    EI_VERSION = 6,
    EI_OSABI = 7,
    EI_ABIVERSION = 8,

    ELFCLASS64 = 2,
    ELFDATA2LSB = 1,
    EV_CURRENT = 1,
    ELFOSABI_NONE = 0,
    ELFOSABI_GNU = 3, /* What ld writes when a program uses GNU symbol types. */
    ET_EXEC = 2,
    EM_X86_64 = 62,

    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_INTERP = 3,
    PT_TLS = 7,
    PT_GNU_STACK = 0x6474e551,

    PF_X = 1,
    PF_W = 2,
    PF_R = 4,
};

struct file_header {
    unsigned char e_ident[16];
    uint16_t e_type;
    uint16_t e_machine;
    uint32_t e_version;
    uint64_t e_entry;
    uint64_t e_phoff;
    uint64_t e_shoff;
    uint32_t e_flags;
    uint16_t e_ehsize;
    uint16_t e_phentsize;
    uint16_t e_phnum;
    uint16_t e_shentsize;
    uint16_t e_shnum;
    uint16_t e_shstrndx;
};

struct program_header {
    uint32_t p_type;
    uint32_t p_flags;
    uint64_t p_offset;
    uint64_t p_vaddr;
    uint64_t p_paddr;
    uint64_t p_filesz;
    uint64_t p_memsz;
    uint64_t p_align;
};

_Static_assert(sizeof(struct file_header) == 64, "Elf64_Ehdr");
_Static_assert(sizeof(struct program_header) == 56, "Elf64_Phdr");
