/* SPDX-License-Identifier: BSD-2-Clause */
/* The processors and I/O APICs that the ACPI tables name. */
#ifndef BOOT_TOPOLOGY_H
#define BOOT_TOPOLOGY_H

#include <stdint.h>

enum { TOPOLOGY_CPUS = 256, TOPOLOGY_IOAPICS = 16 };

struct topology_cpu {
    uint32_t processor_id;
    uint32_t lapic_id;
};

struct topology {
    unsigned cpu_count; /* those that may be started and that an xAPIC can address */
    struct topology_cpu cpus[TOPOLOGY_CPUS];
    unsigned ioapic_count;
    uint64_t ioapics[TOPOLOGY_IOAPICS]; /* physical */
};

/* Reads the tables below the RSDP (0: none).  Without sound tables everything is empty. */
void topology_read(uint64_t rsdp, struct topology *topology);

#endif
