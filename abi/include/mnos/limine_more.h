/* SPDX-License-Identifier: BSD-2-Clause */
/* The features of the Limine boot protocol that our kernel does not ask for, and our loader serves to kernels that do. */
#pragma once

#include <mnos/limine.h>

#define LIMINE_ID_EXECUTABLE_CMDLINE 0x4b161536e598651eu, 0xb390ad4a2f1f303au
#define LIMINE_ID_FIRMWARE_TYPE      0x8c2f75d90bef28a8u, 0x7045a4688eac00c3u
#define LIMINE_ID_STACK_SIZE         0x224ef0460a8e8926u, 0xe1cb0fc25f46ea3du
#define LIMINE_ID_ENTRY_POINT        0x13d86c035a1cd3e1u, 0x2b0caa89d8f3026au
#define LIMINE_ID_SMBIOS             0x9e9046f11e095391u, 0xaa4a520fefbde5eeu
#define LIMINE_ID_EFI_SYSTEM_TABLE   0x5ceba5163eaaf6d6u, 0x0a6981610cf65fccu
#define LIMINE_ID_EFI_MEMMAP         0x7df62a431d6872d5u, 0xa4fcdfb3e57306c8u

/* Every response begins so; the answers to stack size and entry point are just this. */
struct limine_response {
    uint64_t revision;
};

/* Executable command line: the string of the executable's file record. */
struct limine_executable_cmdline_response {
    uint64_t revision;
    uint64_t cmdline;
};

enum limine_firmware_type {
    LIMINE_FIRMWARE_X86_BIOS = 0,
    LIMINE_FIRMWARE_EFI32 = 1,
    LIMINE_FIRMWARE_EFI64 = 2,
};

struct limine_firmware_type_response {
    uint64_t revision;
    uint64_t firmware_type;
};

/* Stack size: of the stacks that all processors are entered on.  Without the request they have 64 KiB. */
struct limine_stack_size_request {
    struct limine_request head;
    uint64_t stack_size;
};

/* What struct limine_framebuffer points to from response revision 1 on. */
struct limine_video_mode {
    uint64_t pitch; /* bytes a line */
    uint64_t width; /* pixels */
    uint64_t height;
    uint16_t bpp;
    uint8_t memory_model;
    uint8_t red_mask_size;
    uint8_t red_mask_shift;
    uint8_t green_mask_size;
    uint8_t green_mask_shift;
    uint8_t blue_mask_size;
    uint8_t blue_mask_shift;
};

#define LIMINE_PAGING_5_LEVEL 1u

#define LIMINE_MP_X2APIC 1u /* request: enable it if possible; response: it is enabled */

/* Entry point: where to enter instead of at the ELF header's address. */
struct limine_entry_point_request {
    struct limine_request head;
    uint64_t entry;
};

enum limine_media_type {
    LIMINE_MEDIA_GENERIC = 0,
    LIMINE_MEDIA_OPTICAL = 1,
    LIMINE_MEDIA_TFTP = 2,
};

#define LIMINE_INTERNAL_MODULE_REQUIRED   1u
#define LIMINE_INTERNAL_MODULE_COMPRESSED 2u

struct limine_internal_module {
    uint64_t path; /* relative to the folder of the executable */
    uint64_t string;
    uint64_t flags;
};

/* SMBIOS: physical from base revision 3 on; 0 where there is none. */
struct limine_smbios_response {
    uint64_t revision;
    uint64_t entry_32;
    uint64_t entry_64;
};

/* EFI system table: physical from base revision 3 on. */
struct limine_efi_system_table_response {
    uint64_t revision;
    uint64_t address;
};

struct limine_efi_memmap_response {
    uint64_t revision;
    uint64_t memmap;
    uint64_t memmap_size;
    uint64_t desc_size;
    uint64_t desc_version;
};

_Static_assert(sizeof(struct limine_video_mode) == 40, "protocol layout");
