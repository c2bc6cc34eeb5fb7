/* SPDX-License-Identifier: BSD-2-Clause */
/* From limine.conf to the kernel's first instruction. */
#ifndef BOOT_LOAD_H
#define BOOT_LOAD_H

#include <boot/topology.h>
#include <boot/conf.h>
#include <boot/elf.h>
#include <boot/handoff.h>
#include <boot/platform.h>
#include <boot/requests.h>

/* Module files, the kernel's own included. */
enum { LOAD_MODULES = 32 };

struct load_module {
    const char *path;
    const char *string;
    uint64_t address; /* physical */
    uint64_t size;
};

/* One boot, while it is prepared. */
struct load {
    const char *path; /* of the kernel, in the volume */
    const char *cmdline;
    struct file file;
    struct elf_plan plan;
    uint64_t image; /* physical */
    struct request_set requests;
    uint64_t entry;
    uint64_t stack_size;
    bool has_screen;
    struct screen screen;
    unsigned module_count;
    struct load_module modules[LOAD_MODULES];
    struct firmware firmware;
    struct limine_file volume; /* what is common to all files' records */
    struct topology topology;
    struct ram_map ram;
    struct handoff *handoff;
    uint8_t *room; /* free response memory */
    uint64_t room_left;
};

/* Reads the configuration, boots what it says, and stops with an error line if that cannot be done. */
_Noreturn void load_main(void);

/* Boots one entry of the configuration. */
_Noreturn void load_entry(const struct conf_entry *entry);

/* Reads the modules that the kernel and the entry ask for.  Stops with an error line if one cannot be had. */
void load_modules(struct load *load, const struct conf_entry *entry);

/* What is said of a file that cannot be read. */
const char *load_file_error(enum file_status status);

/* After platform_leave: memory for responses, zeroed and 16-byte aligned, BOOTLOADER_RECLAIMABLE. */
void *load_room(struct load *load, uint64_t size);

/* Likewise: a stack of load->stack_size bytes; the address of its top in the HHDM. */
uint64_t load_stack(struct load *load);

/* Answers all requests but the memory map, and starts the other processors if the kernel asks for them. */
void answer_requests(struct load *load);

/* Answers the memory map; no memory may be taken after this. */
void answer_memmap(struct load *load);

/* The answer to the MP request: starts the other processors.  NULL where they cannot be driven. */
void *answer_mp(struct load *load);

/* The kernel's request with that id (two words), at least `size` bytes long, or NULL. */
struct limine_request *load_request(const struct load *load, uint64_t id2, uint64_t id3, uint64_t size);

/* The kernel's view of an object of ours. */
uint64_t load_high(const void *object);

#endif
