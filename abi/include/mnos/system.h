/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The System view: system_info(system, what, index, buffer, size) copies the record and returns the bytes
 * written; for lists, index selects the first record at or after it and the record tells its own index.
 * NOT_FOUND ends a list.
 */
#pragma once

#include <mnos/object.h>

enum mnos_info {
    MNOS_INFO_KERNEL = 0,   /* struct mnos_info_kernel */
    MNOS_INFO_LEDGER = 1,   /* struct mnos_info_ledger */
    MNOS_INFO_CORE = 2,     /* index: core */
    MNOS_INFO_PROCESS = 3,  /* index: pid, ascending */
    MNOS_INFO_THREAD = 4,   /* index: pid << 32 | position; the record tells its own in index */
    MNOS_INFO_CAP = 5,      /* index: pid << 32 | slot */
    MNOS_INFO_ROOM = 6,     /* physical memory map; index: entry */
    MNOS_INFO_COUNT = 7
};

struct mnos_info_kernel {
    char version[32];
    char loader[64];
    char command_line[256];
    uint64_t build_flags;      /* bit 0: debug kernel; MNOS_INFO_TEST */
    uint64_t cores;
    uint64_t uptime_ns;
    uint64_t irqoff_max;       /* longest stretch with interrupts off since this was last read, TSC ticks; release: 0 */
    uint64_t rsdp;             /* physical address of ACPI's root pointer */
};
#define MNOS_INFO_TEST 2u      /* command line "test": the end of init ends the machine with a status */

struct mnos_info_ledger {
    uint64_t frames_total;     /* usable at boot, after the kernel took its own */
    uint64_t frames_free;
    uint64_t objects[MNOS_TYPE_COUNT];  /* live objects by type */
    uint64_t caps;             /* capabilities in all tables */
    uint64_t dead_queue;       /* objects waiting for the reaper */
    uint64_t slab_frames;      /* frames held by kernel object caches */
    uint64_t pool_used;        /* bytes charged to the root pool */
    uint64_t copied_bytes;     /* by IPC, since boot */
    uint64_t badges;           /* live badge nodes */
};

struct mnos_info_core {
    uint64_t index, apic_id;
    uint64_t gdt, idt_ok, tss_ok;       /* gdt: low 32 bits of its address, to show that cores differ */
    uint64_t timer_irqs, device_irqs, ipis, spurious_irqs, nmis;
    uint64_t switches, ipc_slow, syscalls_slow, idle_ns;
    uint64_t ready;                     /* threads in its run queue */
    uint64_t fpu_saves, timer_arms, page_faults, shootdowns;
};

struct mnos_info_process {
    uint64_t pid, parent;
    char name[32];
    uint64_t state, threads, caps, cpu_ns, status;
    uint64_t memory;                    /* bytes mapped resident; 2 MiB pages (large devices, DMA) apart */
    uint64_t cr3;                       /* frame number of its top page table */
};

struct mnos_info_thread {
    uint64_t tid, pid, index;
    uint64_t state, priority, core, cpu_ns;
    uint64_t wait;                      /* what it waits for: enum mnos_wait */
};

enum mnos_wait { MNOS_WAIT_NOTHING, MNOS_WAIT_SENDING, MNOS_WAIT_RECEIVING, MNOS_WAIT_REPLY, MNOS_WAIT_WORD,
                 MNOS_WAIT_NOTIFY, MNOS_WAIT_FAULT, MNOS_WAIT_BUDGET };

struct mnos_info_room {
    uint64_t start, length;             /* physical bytes */
    uint64_t type;                      /* as the boot protocol numbers it */
};

struct mnos_info_cap {
    uint64_t pid, slot;
    mnos_handle_t handle;
    uint32_t type, rights;
    uint64_t badge, object, size;       /* object: its id, equal for capabilities to the same object */
    uint64_t node, parent;              /* ids in the derivation tree; parent 0: a root */
};
