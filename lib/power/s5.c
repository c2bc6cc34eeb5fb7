/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `Name (\_S5_, Package () { a, b, ... })` in AML bytes (ACPI Specification 6.5, 20.2):
 *
 *     08  [5c]  5f 53 35 5f  12  PkgLength  NumElements  element  element ...
 *
 * An element that is a number is 00 (Zero), 01 (One), ff (Ones), 0a byte, 0b word or 0c double word.
 */
#include <acpi_bytes.h>
#include <acpi_power.h>

enum {
    AML_ZERO = 0x00,
    AML_ONE = 0x01,
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_DWORD = 0x0c,
    AML_PACKAGE = 0x12,
    AML_ROOT = 0x5c,
    AML_ONES = 0xff,
};

struct cursor {
    const uint8_t *at, *end;
};

static bool byte_take(struct cursor *cursor, uint8_t *byte)
{
    if (cursor->at == cursor->end)
        return false;
    *byte = *cursor->at++;
    return true;
}

/* PkgLength counts from its own first byte.  The cursor's end moves to the package's. */
static bool package_enter(struct cursor *cursor)
{
    const uint8_t *start = cursor->at;
    uint8_t lead = 0, byte = 0;

    if (!byte_take(cursor, &lead))
        return false;
    unsigned more = lead >> 6;
    size_t length = more == 0 ? lead & 0x3f : lead & 0x0f;
    for (unsigned i = 0; i < more; i++) {
        if (!byte_take(cursor, &byte))
            return false;
        length |= (size_t)byte << (4 + 8 * i);
    }
    if (length > (size_t)(cursor->end - start) || length < (size_t)(cursor->at - start))
        return false;
    cursor->end = start + length;
    return true;
}

/* A number's low byte; SLP_TYP has three bits. */
static bool number_take(struct cursor *cursor, uint8_t *low)
{
    if (!byte_take(cursor, low))
        return false;
    if (*low == AML_ZERO || *low == AML_ONE || *low == AML_ONES)
        return true;
    if (*low < AML_BYTE || *low > AML_DWORD)
        return false;
    size_t size = (size_t)1 << (*low - AML_BYTE);
    if ((size_t)(cursor->end - cursor->at) < size)
        return false;
    *low = *cursor->at;
    cursor->at += size;
    return true;
}

/* The bytes behind the name: is it a package that begins with two numbers? */
static bool package_read(struct cursor cursor, uint8_t *type_a, uint8_t *type_b)
{
    uint8_t op = 0, count = 0, a = 0, b = 0;

    if (!byte_take(&cursor, &op) || op != AML_PACKAGE || !package_enter(&cursor) || !byte_take(&cursor, &count))
        return false;
    if (count < 2 || !number_take(&cursor, &a) || !number_take(&cursor, &b))
        return false;
    *type_a = a & 7;
    *type_b = b & 7;
    return true;
}

enum acpi_error acpi_s5_read(struct acpi_table dsdt, uint8_t *type_a, uint8_t *type_b)
{
    if (dsdt.length <= ACPI_HEADER_SIZE)
        return ACPI_MISSING;
    const uint8_t *first = dsdt.bytes + ACPI_HEADER_SIZE, *end = dsdt.bytes + dsdt.length;

    /* The four characters may also occur by chance: only those behind a NameOp count. */
    for (const uint8_t *at = first + 1; at < end && end - at >= 4; at++) {
        if (memcmp(at, "_S5_", 4) != 0)
            continue;
        bool named = at[-1] == AML_NAME || (at - first >= 2 && at[-1] == AML_ROOT && at[-2] == AML_NAME);
        if (named && package_read((struct cursor){.at = at + 4, .end = end}, type_a, type_b))
            return ACPI_OK;
    }
    return ACPI_MISSING;
}
