/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tiny kernel that speaks the Limine protocol and checks every promise of the loader.  It prints lines
 * "ok NAME" and "not ok NAME: WHY" and facts "NAME = VALUE" on COM1, and leaves through isa-debug-exit.
 */
#ifndef PROBE_H
#define PROBE_H

#include <mnos/limine_more.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each variant defines this in a file of its own, with the requests and the tag that it wants. */
struct variant {
    uint64_t revision;         /* that the loader must use */
    uint64_t *tag;             /* NULL: none */
    uint64_t tag_after;        /* what the tag's third word must be then */
    uint64_t stack_size;       /* that must be there */
    bool answers;              /* the usual requests must be answered */
    bool requested_entry;      /* must have been entered through the Entry Point request */
    unsigned internal_modules; /* that must stand first in the response */
    uint64_t *unanswered;      /* the response field of a request that must stay alone, or NULL */
};
extern const struct variant variant;

/* The requests; those that a variant does not make have response 0. */
extern struct limine_request info_request, cmdline_request, firmware_request, hhdm_request, framebuffer_request,
    memmap_request, file_request, rsdp_request, smbios_request, efi_table_request, efi_memmap_request, date_request,
    address_request;
extern struct limine_paging_mode_request paging_request;
extern struct limine_mp_request mp_request;
extern struct limine_module_request module_request;

extern uint64_t entry_registers[17];
extern uint8_t requested_entry;

/* Prints strings and a line end. */
#define say(...) say_list((const char *const[]){__VA_ARGS__, NULL})
void say_list(const char *const *texts);
const char *hex(uint64_t value); /* valid until the 16th next call */

/* "ok NAME" or "not ok NAME"; keeps count. */
void check(bool good, const char *name);
void check_value(uint64_t found, uint64_t wanted, const char *name);
_Noreturn void leave(void);

/* Page-table entry for an address in the tables in use, made flat: 0 where nothing is mapped. */
struct mapping {
    bool present, write, exec, combine;
    uint64_t physical;
};
struct mapping mapping_of(uint64_t address);
bool low_half_empty(void);
/* Makes the first 4 GiB readable at their physical addresses. */
void map_identity(void);

void check_cpu(void);
void check_memory(void);
void check_requests(void);
void check_mp(void);
uint64_t hhdm(void);
const struct limine_memmap_entry *memmap_at(uint64_t physical);

/* Text sections' bounds, by the linker script. */
extern char image_begin[], text_begin[], rodata_begin[], data_begin[], bss_begin[], image_end[];

void probe_main(void);
void probe_ap_main(struct limine_mp_info *info, uint64_t rsp, uint64_t registers, uint64_t flags);
void probe_start(void);
void probe_start_requested(void);
void probe_ap_start(void);

static inline uint64_t read_msr(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#endif
