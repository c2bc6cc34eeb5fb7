/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a program starts: _start(ring address, pid, CapSet address) in RDI, RSI, RDX.
 * The ring page is writable; the CapSet page is read-only.
 */
#pragma once

#include <mnos/object.h>

#define MNOS_CAPSET_MAGIC   0x5445535041434e4dull   /* "MNCAPSET" */
#define MNOS_CAPSET_VERSION 1u
#define MNOS_CAPSET_NAME    32
#define MNOS_CAPSET_MAX     62

struct mnos_capset_entry {
    char name[MNOS_CAPSET_NAME];  /* NUL-terminated */
    mnos_handle_t handle;
    uint64_t interface;           /* interface id, 0: none */
    uint32_t type;                /* enum mnos_type */
    uint32_t rights;
    uint64_t reserved;
};                                /* 64 bytes */

struct mnos_capset {
    uint64_t magic;
    uint32_t version;
    uint32_t count;
    uint64_t time_page;           /* address of struct mnos_time_page, 0: none */
    uint64_t stack_top;
    uint64_t args;                /* address of NUL-separated arguments, 0: none */
    uint64_t args_len;
    uint64_t reserved[2];
    struct mnos_capset_entry entry[MNOS_CAPSET_MAX];
};

/* The capabilities that the kernel gives to init, by slot. */
enum mnos_boot_cap {
    MNOS_BOOT_POOL = 0,      /* all usable RAM: READ WRITE GRANT (and REVOKE) */
    MNOS_BOOT_LOG = 1,       /* kernel log endpoint: SEND GRANT */
    MNOS_BOOT_SELF = 2,      /* init's own Process: all */
    MNOS_BOOT_IRQ = 3,       /* all unmasked lines: RECV GRANT */
    MNOS_BOOT_IOPORT = 4,    /* all ports */
    MNOS_BOOT_PACKAGE = 5,   /* the boot package: READ */
    MNOS_BOOT_FRAMEBUFFER = 6, /* empty where there is none */
    MNOS_BOOT_ACPI = 7,      /* ACPI tables: READ; empty where there are none */
    MNOS_BOOT_SYSTEM = 8,    /* READ */
    MNOS_BOOT_MMIO = 9,      /* device memory: all physical addresses that are not RAM */
    MNOS_BOOT_TIME = 10,     /* the time page: READ */
    MNOS_BOOT_CAPS = 11
};

/* Time without a system call: ns = ((tsc - tsc_base) * mult) >> shift, on the 128-bit product. */
struct mnos_time_page {
    uint32_t version;        /* 1 */
    uint32_t shift;
    uint64_t mult;
    uint64_t tsc_base;
    uint64_t tsc_hz;
    int64_t unix_base;       /* seconds since 1970 at system clock 0, as the loader told */
};

/* Fixed addresses that init's image gets; a spawner may choose others for its children. */
#define MNOS_INIT_PACKAGE  0x10000000ull   /* the boot package */
#define MNOS_RING_ADDR     0x7fff00000000ull
#define MNOS_CAPSET_ADDR   0x7fff00001000ull
#define MNOS_TIME_ADDR     0x7fff00002000ull
#define MNOS_STACK_TOP     0x7ffe00000000ull
#define MNOS_STACK_SIZE    0x40000ull      /* 256 KiB, with an unmapped page below */
