/* SPDX-License-Identifier: BSD-2-Clause */
#include <acpi.h>
#include <boot/console.h>
#include <boot/topology.h>
#include <str.h>

enum { XAPIC_BROADCAST = 0xff };

/* The loader reads memory where it is. */
static const void *map(void *context, uint64_t physical, size_t size)
{
    (void)context;
    (void)size;
    return (const void *)(uintptr_t)physical;
}

static void add(struct topology *topology, const struct acpi_madt_entry *entry)
{
    if (entry->kind == ACPI_MADT_CPU && entry->enabled && entry->apic_id < XAPIC_BROADCAST &&
        topology->cpu_count < TOPOLOGY_CPUS)
        topology->cpus[topology->cpu_count++] = (struct topology_cpu){entry->processor, entry->apic_id};
    if (entry->kind == ACPI_MADT_IOAPIC && topology->ioapic_count < TOPOLOGY_IOAPICS)
        topology->ioapics[topology->ioapic_count++] = entry->ioapic_address;
}

void topology_read(uint64_t rsdp, struct topology *topology)
{
    struct acpi acpi;
    struct acpi_table table;
    struct acpi_madt madt;
    struct acpi_madt_entry entry;
    uint32_t offset = 0;
    memset(topology, 0, sizeof *topology);
    if (rsdp == 0)
        return;
    enum acpi_error error = acpi_open(&acpi, map, NULL, rsdp);
    if (error == ACPI_OK)
        error = acpi_find(&acpi, "APIC", &table);
    if (error == ACPI_OK)
        error = acpi_madt_open(table, &madt);
    if (error != ACPI_OK) {
        BOOT_SAY("ACPI table ", acpi.table, " ", acpi_error_text(error), ": one processor");
        return;
    }
    while (acpi_madt_next(&madt, &offset, &entry))
        add(topology, &entry);
}
