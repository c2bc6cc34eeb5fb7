/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader told, checked.  Filled in boot phases 2 and 3, constant afterwards.  All are copies but the list of
 * processors, which lies in the loader's memory and is gone after phase 4.
 */
#pragma once

#include <mnos/limine.h>
#include <types.h>

#define KERNEL_VERSION  "0.1.0"
#define MAP_ENTRIES_MAX 256u

struct boot_info {
    char loader[64]; /* name and version */
    char command_line[256];
    struct limine_memmap_entry map[MAP_ENTRIES_MAX]; /* by address; ranges of RAM are disjoint */
    u32 map_count;
    paddr_t kernel_start; /* of the image, as loaded */
    struct limine_framebuffer framebuffer; /* 32 bits a pixel; its address is physical, page aligned or not; width 0: none */
    paddr_t rsdp;    /* 0: none */
    paddr_t package; /* the one module */
    u64 package_size;
    const struct limine_mp_response *mp; /* NULL: one processor, or after phase 4 */
    i64 unix_time;                       /* at hand-over; 0: not known */
};

extern struct boot_info boot_info;

/* Kernel command line; see docs/kernel/boot.md for the keys. */
struct cmdline {
    bool test; /* the machine ends when nothing is left to run */
};
extern struct cmdline cmdline;

struct cmdline_word {
    const char *key, *value;
    int key_length, value_length; /* value_length -1: no '=' */
};
bool cmdline_word_is(const struct cmdline_word *w, const char *key);
/* config/: a word that only debug kernels know; release kernels refuse those by name.  False: it is none of them. */
bool cmdline_debug_word(const struct cmdline_word *w);

void limine_read(struct boot_info *info);            /* phase 2; stops with a line when something is missing */
void limine_check_entry(void);                       /* asserts on the state at entry ... */
void limine_check_map(const struct boot_info *info); /* ... and on samples of the loader's mappings */
void cmdline_parse(const char *text);                /* stops with a line that names what is wrong */
void acpi_start(const struct boot_info *info);       /* phase 4: LAPIC, I/O APICs, clock source */
void selftest_run(void);                             /* what `selftest` asks for; nothing in release kernels */
void init_start(struct boot_info *info);             /* phase 5: obj/; builds init from the package */

/* A boot that cannot go on: one line, then HALT_PANIC. */
_Noreturn void boot_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
