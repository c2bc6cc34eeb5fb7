/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Limine boot protocol, base revisions 0 to 3, as the kernel and our loader see it: the frame, and the features that the
 * kernel asks for.  limine_more.h has the rest.
 *
 * A kernel places request records in its loaded image, on 8-byte boundaries; the loader finds them by their
 * ids and stores the address of a response in each one that it answers.  A request that stays unanswered keeps
 * what `response` held before (put 0 there).
 *
 * Every address is a uint64_t and not a pointer: the loader writes these records while it runs in another
 * address space.  Unless a field says otherwise an address has the HHDM offset added.  All responses and what
 * they point to are in bootloader-reclaimable memory.  All sizes are in bytes.
 *
 * Source: the public Limine boot protocol document (sections "Base Revisions", "Memory Layout at Entry",
 * "Machine State at Entry", "Feature List", "File Structure").
 */
#pragma once

#include <stdint.h>

/*
 * Base revision tag: { TAG_0, TAG_1, wanted }.  The loader writes 0 to [2] if it supports the wanted revision and
 * leaves it otherwise; a loader that knows revision 3 also writes the revision in use to [1].
 */
#define LIMINE_BASE_REVISION_TAG_0 0xf9562b2d5c95a6c8u
#define LIMINE_BASE_REVISION_TAG_1 0x6a7b384944536bdcu
#define LIMINE_BASE_REVISION(wanted)                                                                                   \
    {                                                                                                                  \
        LIMINE_BASE_REVISION_TAG_0, LIMINE_BASE_REVISION_TAG_1, (wanted)                                               \
    }

/* Requests (and the tag) count only between the markers, where there are markers (honoured from revision 2 on). */
#define LIMINE_REQUESTS_START_MARKER                                                                                   \
    {                                                                                                                  \
        0xf6b8f4b39de7d1aeu, 0xfab91a6940fcb9cfu, 0x785c6ed015d3e316u, 0x181e920a7852b9d9u                             \
    }
#define LIMINE_REQUESTS_END_MARKER                                                                                     \
    {                                                                                                                  \
        0xadc0e0531bb10d03u, 0x9572709f31764c62u                                                                       \
    }

/* The first two words of every request id. */
#define LIMINE_COMMON_MAGIC_0 0xc7b1dd30df4c8b88u
#define LIMINE_COMMON_MAGIC_1 0x0a82e883a194f07bu

/* The last two words of each request id. */
#define LIMINE_ID_BOOTLOADER_INFO    0xf55038d8e2a1202fu, 0x279426fcf5f59740u
#define LIMINE_ID_HHDM               0x48dcf1cb8ad2b852u, 0x63984e959a98244bu
#define LIMINE_ID_FRAMEBUFFER        0x9d5827dcd881dd75u, 0xa3148604f6fab11bu
#define LIMINE_ID_PAGING_MODE        0x95c1a0edab0944cbu, 0xa4e5cb3842f7488au
#define LIMINE_ID_MP                 0x95a67b819a1b857eu, 0xa0b61b723b6a73e0u
#define LIMINE_ID_MEMMAP             0x67cf3d9d378a806fu, 0xe304acdfc50c3c62u
#define LIMINE_ID_EXECUTABLE_FILE    0xad97e90e83f1ed67u, 0x31eb5d1c5ff23b69u
#define LIMINE_ID_MODULE             0x3e7e279702be32afu, 0xca1c4f3bd1280ceeu
#define LIMINE_ID_RSDP               0xc5e77b6b397e7b43u, 0x27637845accdcf3cu
#define LIMINE_ID_DATE_AT_BOOT       0x502746e184c088aau, 0xfbc5ec83e6327893u
#define LIMINE_ID_EXECUTABLE_ADDRESS 0x71ba76863cc55f63u, 0xb2644a48c516a487u

/* Initialiser of a request's id member: `.id = LIMINE_REQUEST_ID(LIMINE_ID_HHDM)`. */
#define LIMINE_REQUEST_ID(...)                                                                                         \
    {                                                                                                                  \
        LIMINE_COMMON_MAGIC_0, LIMINE_COMMON_MAGIC_1, __VA_ARGS__                                                      \
    }

/* Every request begins so; those without members of their own are just this. */
struct limine_request {
    uint64_t id[4];
    uint64_t revision;
    uint64_t response; /* address of the response; left alone when unanswered */
};

/* Bootloader info: NUL-terminated ASCII strings. */
struct limine_bootloader_info_response {
    uint64_t revision;
    uint64_t name, version;
};

/* HHDM: virtual minus physical address in the direct map. */
struct limine_hhdm_response {
    uint64_t revision;
    uint64_t offset;
};

#define LIMINE_FRAMEBUFFER_RGB 1u

struct limine_framebuffer {
    uint64_t address; /* in the HHDM, write-combining */
    uint64_t width, height, pitch;
    uint16_t bpp;
    uint8_t memory_model;
    uint8_t red_mask_size, red_mask_shift, green_mask_size, green_mask_shift, blue_mask_size, blue_mask_shift;
    uint8_t unused[7];
    uint64_t edid_size;
    uint64_t edid; /* 0 where there is none */
    /* From response revision 1 on: */
    uint64_t mode_count;
    uint64_t modes; /* address of mode_count addresses of struct limine_video_mode */
};

struct limine_framebuffer_response {
    uint64_t revision;
    uint64_t framebuffer_count;
    uint64_t framebuffers; /* address of framebuffer_count addresses of struct limine_framebuffer */
};

#define LIMINE_PAGING_4_LEVEL 0u

struct limine_paging_mode_request {
    struct limine_request head;
    uint64_t mode; /* wanted: LIMINE_PAGING_*_LEVEL */
    /* From request revision 1 on (revision 0 means max = mode, min = 4-level): */
    uint64_t max_mode, min_mode;
};

struct limine_paging_mode_response {
    uint64_t revision;
    uint64_t mode; /* the one in use */
};

/* MP: asking for it makes the loader start the other processors and park them. */
struct limine_mp_request {
    struct limine_request head;
    uint64_t flags;
};

struct limine_mp_info {
    uint32_t processor_id; /* ACPI processor UID */
    uint32_t lapic_id;
    uint64_t reserved;
    /*
     * 0 at hand-over.  An atomic write starts the parked processor there, on a stack of its own, with the address
     * of this record in RDI and all else as at the entry of the first processor, whose own record is not watched.
     */
    uint64_t goto_address;
    uint64_t extra_argument; /* free for the kernel */
};

struct limine_mp_response {
    uint64_t revision;
    uint32_t flags, bsp_lapic_id;
    uint64_t cpu_count; /* includes the first processor */
    uint64_t cpus;      /* address of cpu_count addresses of struct limine_mp_info */
};

enum limine_memmap_type {
    LIMINE_MEMMAP_USABLE = 0,
    LIMINE_MEMMAP_RESERVED = 1,
    LIMINE_MEMMAP_ACPI_RECLAIMABLE = 2,
    LIMINE_MEMMAP_ACPI_NVS = 3,
    LIMINE_MEMMAP_BAD_MEMORY = 4,
    LIMINE_MEMMAP_BOOTLOADER_RECLAIMABLE = 5,
    LIMINE_MEMMAP_EXECUTABLE_AND_MODULES = 6,
    LIMINE_MEMMAP_FRAMEBUFFER = 7,
};

/*
 * Entries are sorted by base.  USABLE and BOOTLOADER_RECLAIMABLE ones are page aligned and overlap nothing; the
 * others may be unaligned and may overlap each other.  Page 0 is never usable up to base revision 2.
 */
struct limine_memmap_entry {
    uint64_t base; /* physical */
    uint64_t length;
    uint64_t type;
};

struct limine_memmap_response {
    uint64_t revision;
    uint64_t entry_count;
    uint64_t entries; /* address of entry_count addresses of struct limine_memmap_entry */
};

struct limine_uuid {
    uint32_t a;
    uint16_t b, c;
    uint8_t d[8];
};

struct limine_file {
    uint64_t revision;
    uint64_t address; /* page aligned; no page is shared with anything else */
    uint64_t size;
    uint64_t path;   /* within the volume, with a leading slash */
    uint64_t string; /* command line of the file */
    uint32_t media_type, unused;
    uint32_t tftp_ip, tftp_port;
    uint32_t partition_index; /* 1-based; 0: unpartitioned or not known */
    uint32_t mbr_disk_id;     /* 0: not known, and so for the UUIDs */
    struct limine_uuid gpt_disk_uuid, gpt_part_uuid, part_uuid;
};

struct limine_executable_file_response {
    uint64_t revision;
    uint64_t executable_file; /* address of struct limine_file */
};

struct limine_module_request {
    struct limine_request head;
    /* From request revision 1 on: modules that the kernel itself wants; they come first in the response. */
    uint64_t internal_module_count;
    uint64_t internal_modules; /* address of that many addresses of struct limine_internal_module */
};

/* Unanswered when there is no module at all. */
struct limine_module_response {
    uint64_t revision;
    uint64_t module_count;
    uint64_t modules; /* address of module_count addresses of struct limine_file */
};

/* RSDP: physical in base revision 3, else in the HHDM. */
struct limine_rsdp_response {
    uint64_t revision;
    uint64_t address;
};

/* Date at boot: seconds since 1970 UTC, from the real-time clock. */
struct limine_date_at_boot_response {
    uint64_t revision;
    int64_t timestamp;
};

struct limine_executable_address_response {
    uint64_t revision;
    uint64_t physical_base, virtual_base;
};

_Static_assert(sizeof(struct limine_request) == 48, "protocol layout");
_Static_assert(sizeof(struct limine_framebuffer) == 80, "protocol layout");
_Static_assert(sizeof(struct limine_mp_info) == 32, "protocol layout");
_Static_assert(sizeof(struct limine_mp_response) == 32, "protocol layout");
_Static_assert(sizeof(struct limine_file) == 112, "protocol layout");
