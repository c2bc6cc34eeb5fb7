/* SPDX-License-Identifier: BSD-2-Clause */
#include <str.h>

#include "header.h"

bool ustar_octal(const uint8_t *field, size_t length, uint64_t *value)
{
    uint64_t sum = 0;
    size_t at = 0;

    while (at < length && field[at] == ' ')
        at++;
    size_t first_digit = at;
    for (; at < length && field[at] >= '0' && field[at] <= '7'; at++) {
        if (sum >> 61 != 0)
            return false;
        sum = sum << 3 | (uint64_t)(field[at] - '0');
    }
    if (at == first_digit)
        return false;
    for (; at < length; at++)
        if (field[at] != ' ' && field[at] != '\0')
            return false;
    *value = sum;
    return true;
}

/* The sum of all bytes, those of the checksum field itself taken as blanks. */
bool ustar_checksum_ok(const struct ustar_header *header)
{
    const uint8_t *bytes = (const uint8_t *)header;
    uint64_t sum = 0, wanted = 0;

    for (size_t i = 0; i < sizeof *header; i++)
        sum += bytes[i];
    for (size_t i = 0; i < sizeof header->checksum; i++)
        sum = sum - header->checksum[i] + ' ';
    return ustar_octal(header->checksum, sizeof header->checksum, &wanted) && wanted == sum;
}

bool ustar_magic_ok(const struct ustar_header *header)
{
    return memcmp(header->magic, "ustar", sizeof header->magic) == 0 && memcmp(header->version, "00", 2) == 0;
}

static bool is_file(const struct ustar_header *header, const char *name)
{
    const char *stored = (const char *)header->name;
    size_t length = strlen(name);

    if (memcmp(stored, "./", 2) == 0)
        stored += 2;
    return (header->type == '0' || header->type == '\0') && header->prefix[0] == '\0' &&
           length < sizeof header->name - 2 && memcmp(stored, name, length + 1) == 0;
}

const void *ustar_file(const void *archive, size_t size, const char *name, uint64_t *file_size)
{
    const uint8_t *at = archive;

    while (size >= USTAR_BLOCK) {
        const struct ustar_header *header = (const void *)at;
        if (!ustar_magic_ok(header) || !ustar_checksum_ok(header) ||
            !ustar_octal(header->size, sizeof header->size, file_size) || *file_size > size - USTAR_BLOCK)
            return NULL;
        if (is_file(header, name))
            return at + USTAR_BLOCK;
        /* size <= what is left, so that rounding up cannot overflow. */
        size_t stored = USTAR_BLOCK + (*file_size + USTAR_BLOCK - 1) / USTAR_BLOCK * USTAR_BLOCK;
        if (stored > size)
            return NULL;
        at += stored;
        size -= stored;
    }
    return NULL;
}
