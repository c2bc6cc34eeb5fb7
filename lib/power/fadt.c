/* SPDX-License-Identifier: BSD-2-Clause */
/* The FADT: fields at fixed places. */
#include <acpi_bytes.h>
#include <acpi_power.h>

/* Space 0, bit width and offset, access size, address 4. */
static struct acpi_register register_read(const uint8_t *at)
{
    return (struct acpi_register){.space = at[0], .address = read64(at + 4)};
}

/* Where the fields of the FADT are (table 5.9).  ACPI 1.0 ends behind the flags, 2.0 and later have the X_ fields. */
enum {
    FADT_DSDT = 40,
    FADT_SMI_CMD = 48,
    FADT_ACPI_ENABLE = 52,
    FADT_PM1A_CNT = 64,
    FADT_PM1B_CNT = 68,
    FADT_FLAGS = 112,
    FADT_RESET_REG = 116,
    FADT_RESET_VALUE = 128,
    FADT_X_DSDT = 140,
    FADT_X_PM1A_CNT = 172,
    FADT_X_PM1B_CNT = 184,

    FADT_SIZE_1 = 116,
    FADT_SIZE_RESET = 129,
    FADT_SIZE_X = 244,

    FLAG_RESET_REG_SUP = 1 << 10,
};

/* The X_ field where the table has one and it names an address, else the port of the old field. */
static struct acpi_register port_or_register(struct acpi_table table, uint32_t port_at, uint32_t register_at)
{
    if (table.length >= FADT_SIZE_X && read64(table.bytes + register_at + 4) != 0)
        return register_read(table.bytes + register_at);
    return (struct acpi_register){.space = ACPI_SPACE_IO, .address = read32(table.bytes + port_at)};
}

enum acpi_error acpi_fadt_read(struct acpi_table table, struct acpi_fadt *fadt)
{
    const uint8_t *bytes = table.bytes;

    if (table.length < FADT_SIZE_1)
        return ACPI_BAD_LENGTH;
    *fadt = (struct acpi_fadt){
        .dsdt = read32(bytes + FADT_DSDT),
        .smi_command = read32(bytes + FADT_SMI_CMD),
        .acpi_enable = bytes[FADT_ACPI_ENABLE],
        .pm1a_control = port_or_register(table, FADT_PM1A_CNT, FADT_X_PM1A_CNT),
        .pm1b_control = port_or_register(table, FADT_PM1B_CNT, FADT_X_PM1B_CNT),
    };
    if (table.length >= FADT_SIZE_RESET && (read32(bytes + FADT_FLAGS) & FLAG_RESET_REG_SUP) != 0) {
        fadt->reset = register_read(bytes + FADT_RESET_REG);
        fadt->reset_value = bytes[FADT_RESET_VALUE];
        fadt->reset_supported = fadt->reset.address != 0 && fadt->reset.space <= ACPI_SPACE_PCI;
    }
    if (table.length >= FADT_SIZE_X && read64(bytes + FADT_X_DSDT) != 0)
        fadt->dsdt = read64(bytes + FADT_X_DSDT);
    return ACPI_OK;
}
