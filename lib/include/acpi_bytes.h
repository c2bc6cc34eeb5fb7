/* SPDX-License-Identifier: BSD-2-Clause */
/* Little-endian numbers at any address of a table. */
#pragma once

#include <stdint.h>
#include <str.h>

#define ACPI_HEADER_SIZE 36u

static inline uint32_t read32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t read64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}
