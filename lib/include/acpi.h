/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of the static ACPI tables (ACPI Specification 6.5, chapter 5): no AML is interpreted.
 *
 * Firmware wrote the tables, so they are not vouched for: lengths and checksums are checked before anything behind the
 * header is read, and every refusal names the table.  Physical memory is reached through one callback of the caller;
 * what it returned must stay readable and unchanged while results refer to it.
 *
 * Any context in which the callback may run; nothing is allocated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_TABLE_MAX (16u << 20) /* Longer tables are refused. */

enum acpi_error {
    ACPI_OK,
    ACPI_MISSING,
    ACPI_UNREADABLE,
    ACPI_BAD_SIGNATURE,
    ACPI_BAD_LENGTH,
    ACPI_BAD_CHECKSUM,
    ACPI_BAD_ENTRY,
    ACPI_ERROR_COUNT
};

/* What is wrong, as a clause that follows the table's name: "has a wrong checksum". */
const char *acpi_error_text(enum acpi_error error);

/* Makes [physical, physical + size) readable; NULL when it cannot be. */
typedef const void *(*acpi_map_fn)(void *context, uint64_t physical, size_t size);

struct acpi {
    acpi_map_fn map;
    void *context;
    const uint8_t *root; /* The XSDT, or else the RSDT; checked. */
    uint32_t root_count; /* Tables that it lists. */
    bool root_wide;      /* XSDT: 64-bit entries. */
    char table[5];       /* The table that the last error is about. */
};

/* A table whose length and checksum are right.  `bytes` begins with the 36-byte header. */
struct acpi_table {
    const uint8_t *bytes;
    uint32_t length;
};

/* Reads the RSDP and the XSDT (the RSDT of an ACPI 1.0 machine). */
__attribute__((warn_unused_result)) enum acpi_error acpi_open(struct acpi *acpi, acpi_map_fn map, void *context,
                                                              uint64_t rsdp);

/* The first table with this signature of four characters ("APIC", "HPET", "FACP"); ACPI_MISSING when none is listed. */
__attribute__((warn_unused_result)) enum acpi_error acpi_find(struct acpi *acpi, const char *signature,
                                                              struct acpi_table *table);

/* The table at an address that another table gives: the FADT's DSDT (acpi_power.h). */
__attribute__((warn_unused_result)) enum acpi_error acpi_table_at(struct acpi *acpi, uint64_t physical,
                                                                  const char *signature, struct acpi_table *table);

/* MADT, signature "APIC" (5.2.12).  acpi_madt_open checks every entry, so that the walk cannot fail. */
struct acpi_madt {
    struct acpi_table table;
    uint64_t lapic_address; /* With the 64-bit override, if there is one. */
};

enum acpi_madt_kind {
    ACPI_MADT_CPU, /* A core, by LAPIC or x2APIC entry. */
    ACPI_MADT_IOAPIC,
    ACPI_MADT_OVERRIDE, /* An ISA interrupt that is not at its own number, or not as the bus has it. */
};

struct acpi_madt_entry {
    enum acpi_madt_kind kind;
    uint32_t processor;      /* CPU: ACPI's processor number. */
    uint32_t apic_id;        /* CPU, IOAPIC. */
    bool enabled;            /* CPU: may be started now. */
    uint64_t ioapic_address; /* IOAPIC. */
    uint32_t gsi;            /* IOAPIC: the first one; OVERRIDE. */
    uint8_t isa_irq;         /* OVERRIDE, and so the two below. */
    bool active_low, level_triggered;
};

__attribute__((warn_unused_result)) enum acpi_error acpi_madt_open(struct acpi_table table, struct acpi_madt *madt);

/* The next entry of a kind above; others are passed over.  Start with *offset 0; false at the end. */
bool acpi_madt_next(const struct acpi_madt *madt, uint32_t *offset, struct acpi_madt_entry *entry);

/* HPET (IA-PC HPET Specification 1.0a, 3.2.4): the physical address of its registers. */
__attribute__((warn_unused_result)) enum acpi_error acpi_hpet_read(struct acpi_table table, uint64_t *address);
