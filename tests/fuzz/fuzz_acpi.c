/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: lib/acpi/ lib/power/ */
/*
 * The input is the memory below 64 KiB of a machine, the RSDP in front; all tables are opened and read.  With its first
 * byte odd, checksums are mended on the way to the reader, so that the checks behind them are reached.
 */
#include <acpi_power.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAPPINGS_MAX 4096

struct machine {
    const uint8_t *memory;
    size_t size;
    bool mend;
    uint8_t *mappings[MAPPINGS_MAX]; /* Exact copies, so that a read behind one is seen. */
    size_t mapping_count;
};

/* The RSDP has its checksums at 8 (of 20 bytes) and 32 (of its length), a table at 9. */
static void checksum_mend(uint8_t *bytes, size_t size)
{
    bool rsdp = size >= 8 && memcmp(bytes, "RSD PTR ", 8) == 0;
    size_t at = rsdp ? (size == 20 ? 8 : 32) : 9;
    uint8_t sum = 0;

    if (size <= at)
        return;
    bytes[at] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    bytes[at] = (uint8_t)-sum;
}

static const void *machine_map(void *context, uint64_t physical, size_t size)
{
    struct machine *machine = context;

    if (physical > machine->size || size > machine->size - physical || machine->mapping_count == MAPPINGS_MAX)
        return NULL;
    uint8_t *copy = malloc(size + (size == 0));
    if (copy == NULL)
        return NULL;
    memcpy(copy, machine->memory + physical, size);
    if (machine->mend)
        checksum_mend(copy, size);
    return machine->mappings[machine->mapping_count++] = copy;
}

static void madt_walk(struct acpi_table table)
{
    struct acpi_madt madt;
    struct acpi_madt_entry entry;
    uint32_t offset = 0, entries = 0;

    if (acpi_madt_open(table, &madt) != ACPI_OK)
        return;
    while (acpi_madt_next(&madt, &offset, &entry))
        entries++;
    if (entries > table.length / 2 || offset > table.length)
        abort();
}

static void fadt_follow(struct acpi *acpi, struct acpi_table table)
{
    struct acpi_fadt fadt;
    struct acpi_table dsdt;
    uint8_t a = 0, b = 0;

    if (acpi_fadt_read(table, &fadt) != ACPI_OK || acpi_table_at(acpi, fadt.dsdt, "DSDT", &dsdt) != ACPI_OK)
        return;
    if (acpi_s5_read(dsdt, &a, &b) == ACPI_OK && (a > 7 || b > 7))
        abort();
}

static void tables_read(struct acpi *acpi)
{
    struct acpi_table table;
    uint64_t hpet = 0;

    if (acpi_find(acpi, "APIC", &table) == ACPI_OK)
        madt_walk(table);
    if (acpi_find(acpi, "HPET", &table) == ACPI_OK && acpi_hpet_read(table, &hpet) == ACPI_OK && hpet == 0)
        abort();
    if (acpi_find(acpi, "FACP", &table) == ACPI_OK)
        fadt_follow(acpi, table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct machine machine;
    struct acpi acpi;

    if (size == 0 || size > 65536)
        return 0;
    machine.memory = data + 1;
    machine.size = size - 1;
    machine.mend = (data[0] & 1) != 0;
    machine.mapping_count = 0;
    enum acpi_error error = acpi_open(&acpi, machine_map, &machine, 0);
    if (error == ACPI_OK)
        tables_read(&acpi);
    else if (strlen(acpi.table) != 4 || strlen(acpi_error_text(error)) == 0)
        abort();
    while (machine.mapping_count > 0)
        free(machine.mappings[--machine.mapping_count]);
    return 0;
}
