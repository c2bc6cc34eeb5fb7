/* SPDX-License-Identifier: BSD-2-Clause */
#include <acpi.h>
#include <acpi_bytes.h>

/* RSDP (5.2.5.3): signature 0, checksum 8, revision 15, RSDT 16, length 20, XSDT 24.  The first 20 bytes are all of it
 * in ACPI 1.0, and have a checksum of their own. */
#define RSDP_SIZE_1 20u
#define RSDP_SIZE_2 36u

static enum acpi_error fault(struct acpi *acpi, const char *name, enum acpi_error error)
{
    memcpy(acpi->table, name, 4);
    acpi->table[4] = '\0';
    return error;
}

/* All bytes add up to 0. */
static bool checksum_ok(const uint8_t *bytes, size_t length)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum == 0;
}

enum acpi_error acpi_table_at(struct acpi *acpi, uint64_t physical, const char *signature, struct acpi_table *table)
{
    const uint8_t *header = acpi->map(acpi->context, physical, ACPI_HEADER_SIZE);
    if (header == NULL)
        return fault(acpi, signature, ACPI_UNREADABLE);
    if (memcmp(header, signature, 4) != 0)
        return fault(acpi, signature, ACPI_BAD_SIGNATURE);
    uint32_t length = read32(header + 4);
    if (length < ACPI_HEADER_SIZE || length > ACPI_TABLE_MAX || physical > UINT64_MAX - length)
        return fault(acpi, signature, ACPI_BAD_LENGTH);
    const uint8_t *bytes = acpi->map(acpi->context, physical, length);
    if (bytes == NULL)
        return fault(acpi, signature, ACPI_UNREADABLE);
    if (!checksum_ok(bytes, length))
        return fault(acpi, signature, ACPI_BAD_CHECKSUM);
    *table = (struct acpi_table){.bytes = bytes, .length = length};
    return ACPI_OK;
}

static enum acpi_error root_open(struct acpi *acpi, uint64_t physical, bool wide)
{
    const char *name = wide ? "XSDT" : "RSDT";
    uint32_t entry_size = wide ? 8 : 4;
    struct acpi_table table;

    enum acpi_error error = acpi_table_at(acpi, physical, name, &table);
    if (error != ACPI_OK)
        return error;
    if ((table.length - ACPI_HEADER_SIZE) % entry_size != 0)
        return fault(acpi, name, ACPI_BAD_LENGTH);
    acpi->root = table.bytes;
    acpi->root_count = (table.length - ACPI_HEADER_SIZE) / entry_size;
    acpi->root_wide = wide;
    return ACPI_OK;
}

enum acpi_error acpi_open(struct acpi *acpi, acpi_map_fn map, void *context, uint64_t rsdp_address)
{
    *acpi = (struct acpi){.map = map, .context = context};
    const uint8_t *rsdp = map(context, rsdp_address, RSDP_SIZE_1);
    if (rsdp == NULL)
        return fault(acpi, "RSDP", ACPI_UNREADABLE);
    if (memcmp(rsdp, "RSD PTR ", 8) != 0)
        return fault(acpi, "RSDP", ACPI_BAD_SIGNATURE);
    if (!checksum_ok(rsdp, RSDP_SIZE_1))
        return fault(acpi, "RSDP", ACPI_BAD_CHECKSUM);
    uint32_t rsdt = read32(rsdp + 16);
    if (rsdp[15] < 2)
        return root_open(acpi, rsdt, false);

    rsdp = map(context, rsdp_address, RSDP_SIZE_2);
    if (rsdp == NULL)
        return fault(acpi, "RSDP", ACPI_UNREADABLE);
    /* A later revision may be longer; only what is defined here is looked at, but all of it is summed. */
    uint32_t length = read32(rsdp + 20);
    if (length < RSDP_SIZE_2 || length > 4096)
        return fault(acpi, "RSDP", ACPI_BAD_LENGTH);
    rsdp = map(context, rsdp_address, length);
    if (rsdp == NULL)
        return fault(acpi, "RSDP", ACPI_UNREADABLE);
    if (!checksum_ok(rsdp, length))
        return fault(acpi, "RSDP", ACPI_BAD_CHECKSUM);
    uint64_t xsdt = read64(rsdp + 24);
    return xsdt != 0 ? root_open(acpi, xsdt, true) : root_open(acpi, rsdt, false);
}

static uint64_t root_entry(const struct acpi *acpi, uint32_t index)
{
    const uint8_t *entries = acpi->root + ACPI_HEADER_SIZE;

    return acpi->root_wide ? read64(entries + (size_t)index * 8) : read32(entries + (size_t)index * 4);
}

enum acpi_error acpi_find(struct acpi *acpi, const char *signature, struct acpi_table *table)
{
    for (uint32_t i = 0; i < acpi->root_count; i++) {
        uint64_t physical = root_entry(acpi, i);
        const uint8_t *header = acpi->map(acpi->context, physical, ACPI_HEADER_SIZE);
        if (header == NULL)
            return fault(acpi, acpi->root_wide ? "XSDT" : "RSDT", ACPI_BAD_ENTRY);
        if (memcmp(header, signature, 4) == 0)
            return acpi_table_at(acpi, physical, signature, table);
    }
    return fault(acpi, signature, ACPI_MISSING);
}

const char *acpi_error_text(enum acpi_error error)
{
    static const char *const texts[ACPI_ERROR_COUNT] = {
        [ACPI_OK] = "is sound",
        [ACPI_MISSING] = "is not there",
        [ACPI_UNREADABLE] = "lies where no memory can be read",
        [ACPI_BAD_SIGNATURE] = "has another signature",
        [ACPI_BAD_LENGTH] = "has a wrong length",
        [ACPI_BAD_CHECKSUM] = "has a wrong checksum",
        [ACPI_BAD_ENTRY] = "has a malformed entry",
    };
    return (unsigned)error < ACPI_ERROR_COUNT ? texts[error] : "has an unknown error";
}
