/* SPDX-License-Identifier: BSD-2-Clause */
#include <acpi.h>
#include <acpi_bytes.h>

/* Header, LAPIC address 36, flags 40; then entries of type, length, content. */
#define MADT_ENTRIES 44u

enum {
    TYPE_LAPIC = 0,
    TYPE_IOAPIC = 1,
    TYPE_OVERRIDE = 2,
    TYPE_LAPIC_ADDRESS = 5,
    TYPE_X2APIC = 9,
};

/* The least length that an entry must have for its content to be read; 2 for those that are passed over. */
static uint32_t length_least(uint8_t type)
{
    static const uint8_t least[] = {
        [TYPE_LAPIC] = 8, [TYPE_IOAPIC] = 12, [TYPE_OVERRIDE] = 10, [TYPE_LAPIC_ADDRESS] = 12, [TYPE_X2APIC] = 16};

    return type < sizeof least && least[type] != 0 ? least[type] : 2;
}

enum acpi_error acpi_madt_open(struct acpi_table table, struct acpi_madt *madt)
{
    if (table.length < MADT_ENTRIES)
        return ACPI_BAD_LENGTH;
    *madt = (struct acpi_madt){
        .table = table,
        .lapic_address = read32(table.bytes + 36),
    };
    for (uint32_t at = MADT_ENTRIES; at < table.length;) {
        const uint8_t *entry = table.bytes + at;
        uint32_t left = table.length - at;
        if (left < 2 || entry[1] > left || entry[1] < length_least(entry[0]))
            return ACPI_BAD_ENTRY;
        if (entry[0] == TYPE_LAPIC_ADDRESS)
            madt->lapic_address = read64(entry + 4);
        at += entry[1];
    }
    return ACPI_OK;
}

/* False for an entry that is passed over. */
static bool entry_read(const uint8_t *at, struct acpi_madt_entry *entry)
{
    switch (at[0]) {
    case TYPE_LAPIC:
        *entry = (struct acpi_madt_entry){
            .kind = ACPI_MADT_CPU, .processor = at[2], .apic_id = at[3], .enabled = (at[4] & 1) != 0};
        return true;
    case TYPE_X2APIC:
        *entry = (struct acpi_madt_entry){.kind = ACPI_MADT_CPU,
                                          .processor = read32(at + 12),
                                          .apic_id = read32(at + 4),
                                          .enabled = (at[8] & 1) != 0};
        return true;
    case TYPE_IOAPIC:
        *entry = (struct acpi_madt_entry){
            .kind = ACPI_MADT_IOAPIC, .apic_id = at[2], .ioapic_address = read32(at + 4), .gsi = read32(at + 8)};
        return true;
    case TYPE_OVERRIDE:
        /* MPS INTI flags (table 5.26): two bits of polarity, two of trigger mode; 0: as the bus has it. */
        *entry = (struct acpi_madt_entry){.kind = ACPI_MADT_OVERRIDE,
                                          .isa_irq = at[3],
                                          .gsi = read32(at + 4),
                                          .active_low = (at[8] & 3) == 3,
                                          .level_triggered = (at[8] >> 2 & 3) == 3};
        return true;
    default:
        return false;
    }
}

bool acpi_madt_next(const struct acpi_madt *madt, uint32_t *offset, struct acpi_madt_entry *entry)
{
    uint32_t at = *offset == 0 ? MADT_ENTRIES : *offset;
    bool found = false;

    while (!found && at < madt->table.length) {
        const uint8_t *bytes = madt->table.bytes + at;
        found = entry_read(bytes, entry);
        at += bytes[1];
    }
    *offset = at;
    return found;
}
