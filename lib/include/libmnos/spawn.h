/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting a program: a new process from an ELF image in memory, with exactly the capabilities that are named.
 *
 * The child gets its segments (never writable and executable), a stack of 64 pages with an unmapped page below, a ring
 * page, a read-only CapSet page, its arguments, and the time page.  On any error everything is given back.
 *
 * A copy of a running program has no image: segments and stack are Memories that the caller names, and its first thread begins
 * where the caller says.
 */
#ifndef LIBMNOS_SPAWN_H
#define LIBMNOS_SPAWN_H

#include <elf64.h>
#include <mnos/errors.h>
#include <mnos/startup.h>
#include <stdbool.h>
#include <stddef.h>

#define SPAWN_ARGS_ADDR 0x7fff00003000ull

struct spawn_cap {
    const char *name;
    mnos_handle_t handle; /* needs GRANT */
    uint32_t rights; /* of the child's copy; SPAWN_MOVE: the capability itself, which the caller then no longer has */
    uint64_t interface;
};
#define SPAWN_MOVE 0u

/* A piece of a Memory in an address space. */
struct spawn_region {
    mnos_handle_t memory;
    uint64_t address, bytes, flags; /* MNOS_MAP_*; from the Memory's beginning */
};
#define SPAWN_REGIONS_MAX (ELF_SEGMENTS_MAX + 1) /* segments and stack */

struct spawn {
    const void *image; /* NULL: `regions` takes the place of segments and stack; entry and stack must be there */
    size_t image_size;
    const struct elf_image *elf; /* what elf_parse made of it; NULL: it is parsed here */
    const char *name;            /* for people; cut to 31 bytes */
    mnos_handle_t pool;          /* pays for all of the child; MNOS_NONE: mnos_pool() */
    uint32_t slots;              /* most capabilities; 0: 256 */
    mnos_handle_t fault;         /* its fault endpoint, or MNOS_NONE */
    const struct spawn_cap *caps;
    unsigned cap_count;
    const char *args; /* NUL-separated and terminated; at most a page */
    size_t args_len;
    const struct spawn_region *regions;
    unsigned region_count;
    struct spawn_region *keep; /* room for SPAWN_REGIONS_MAX: the caller keeps what segments and stack are made of */
    uint64_t entry;            /* 0: the ELF's */
    uint64_t stack;            /* 0: MNOS_STACK_TOP */
    uint64_t fs_base;
    uint32_t priority; /* 0: the caller's */
    uint64_t affinity;
    bool suspended; /* the first thread does not run until it is resumed */
};

struct spawn_child {
    mnos_handle_t process, thread;
    uint64_t pid;
    unsigned kept;      /* of spawn.keep */
    enum elf_error elf; /* what is wrong with the image, when the result is INVALID */
};

/* Where segments may lie. */
extern const struct elf_limits spawn_elf_limits;

/* MNOS_OK, or an error; then *child holds MNOS_NONE twice.  Moved capabilities may be gone after an error. */
enum mnos_error mnos_spawn(const struct spawn *spawn, struct spawn_child *child);
/* Ends the process if it runs, and drops both capabilities. */
void spawn_drop(struct spawn_child *child);

#endif
