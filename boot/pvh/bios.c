/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables that a BIOS leaves in its area.  Source: ACPI 6.4, 5.2.5.1; DMTF DSP0134 (SMBIOS), 5.2. */
#include "pvh.h"
#include <str.h>

enum { AREA_BEGIN = 0xe0000, AREA_END = 0x100000, STEP = 16 };

static bool sums_to_zero(const uint8_t *bytes, unsigned size)
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum == 0;
}

/* `size_at`: where the record's size is, 0 if it is `size`. */
static uint64_t find(const char *anchor, unsigned size_at, unsigned size)
{
    unsigned length = (unsigned)strlen(anchor);
    for (uintptr_t at = AREA_BEGIN; at < AREA_END; at += STEP) {
        const uint8_t *bytes = (const uint8_t *)at;
        if (memcmp(bytes, anchor, length) != 0)
            continue;
        unsigned covered = size_at == 0 ? size : bytes[size_at];
        if (covered > length && covered <= AREA_END - at && sums_to_zero(bytes, covered))
            return at;
    }
    return 0;
}

uint64_t bios_find_rsdp(void)
{
    return find("RSD PTR ", 0, 20);
}

uint64_t bios_find_smbios_32(void)
{
    return find("_SM_", 5, 0);
}

uint64_t bios_find_smbios_64(void)
{
    return find("_SM3_", 6, 0);
}
