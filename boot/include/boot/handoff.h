/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last steps before the kernel.  One page below 1 MiB holds a copy of the code between handoff_blob and
 * handoff_blob_end; the record below is at its beginning, after a jump.  Other processors begin in that page in
 * real mode and are parked in its alias in the HHDM; the first processor passes through the alias too.
 */
#ifndef BOOT_HANDOFF_H
#define BOOT_HANDOFF_H

/* Offsets from the start of the page; checked below. */
#define HANDOFF_GDT        0x10
#define HANDOFF_GDTR_LOW   0x48
#define HANDOFF_GDTR_HIGH  0x50
#define HANDOFF_FAR_32     0x60
#define HANDOFF_FAR_64     0x68
#define HANDOFF_CR3_BRIDGE 0x70
#define HANDOFF_CR3        0x78
#define HANDOFF_EFER       0x80
#define HANDOFF_CR0        0x88
#define HANDOFF_CR4        0x90
#define HANDOFF_HIGH       0x98
#define HANDOFF_STACK      0xa0
#define HANDOFF_ENTRY      0xa8
#define HANDOFF_AP_STACK   0xb0
#define HANDOFF_AP_INFO    0xb8
#define HANDOFF_AP_MAIN    0xc0
#define HANDOFF_CODE       0x100

#define SELECTOR_CODE_32 0x18
#define SELECTOR_DATA_32 0x20
#define SELECTOR_CODE_64 0x28
#define SELECTOR_DATA_64 0x30

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct handoff {
    uint8_t jump[16];
    uint64_t gdt[7];
    uint16_t gdtr_low[4];  /* limit, 32-bit base */
    uint16_t gdtr_high[8]; /* limit, 64-bit base */
    uint32_t far_32[2];    /* offset, selector */
    uint32_t far_64[2];
    uint64_t cr3_bridge;
    uint64_t cr3;
    uint64_t efer;
    uint64_t cr0;
    uint64_t cr4;
    uint64_t high;  /* the page's address in the HHDM */
    uint64_t stack; /* top of the first processor's stack */
    uint64_t entry;
    uint64_t ap_stack; /* of the processor being started */
    uint64_t ap_info;  /* address of its struct limine_mp_info */
    uint64_t ap_main;  /* called on it once, on the bridge tables */
};

_Static_assert(offsetof(struct handoff, gdt) == HANDOFF_GDT, "layout");
_Static_assert(offsetof(struct handoff, gdtr_low) == HANDOFF_GDTR_LOW, "layout");
_Static_assert(offsetof(struct handoff, gdtr_high) == HANDOFF_GDTR_HIGH, "layout");
_Static_assert(offsetof(struct handoff, far_32) == HANDOFF_FAR_32, "layout");
_Static_assert(offsetof(struct handoff, cr3_bridge) == HANDOFF_CR3_BRIDGE, "layout");
_Static_assert(offsetof(struct handoff, high) == HANDOFF_HIGH, "layout");
_Static_assert(offsetof(struct handoff, ap_main) == HANDOFF_AP_MAIN, "layout");

extern const uint8_t handoff_blob[], handoff_ap_32[], handoff_ap_64[], handoff_blob_end[];

/* Copies the code to `page` and fills in everything but stacks and entry. */
void handoff_prepare(uint64_t page, uint64_t root, uint64_t bridge);

/* Enters the kernel. */
__attribute__((sysv_abi)) _Noreturn void handoff_enter(const struct handoff *handoff);

#endif
#endif
