/* SPDX-License-Identifier: BSD-2-Clause */
#include <acpi.h>
#include <acpi_bytes.h>

/* A register's place at 40 (Generic Address Structure, 5.2.3.2): the space, bit width and offset, access size, the address. */
#define HPET_SIZE    56u
#define SPACE_MEMORY 0u

enum acpi_error acpi_hpet_read(struct acpi_table table, uint64_t *address)
{
    if (table.length < HPET_SIZE)
        return ACPI_BAD_LENGTH;
    if (table.bytes[40] != SPACE_MEMORY || read64(table.bytes + 44) == 0)
        return ACPI_BAD_ENTRY;
    *address = read64(table.bytes + 44);
    return ACPI_OK;
}
