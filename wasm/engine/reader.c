/* SPDX-License-Identifier: BSD-2-Clause */
#include "reader.h"

bool reader_fail(struct reader *reader, enum wasm_status status, size_t offset, const char *text)
{
    if (!reader->failed) {
        reader->failed = true;
        error_set(reader->error, status, offset, text);
    }
    reader->at = reader->end;
    return false;
}

bool reader_malformed(struct reader *reader, const char *text)
{
    return reader_fail(reader, WASM_MALFORMED, reader_offset(reader), text);
}

uint8_t read_byte_none(struct reader *reader)
{
    reader_malformed(reader, "unexpected end");
    return 0;
}

uint32_t read_u32_long(struct reader *reader)
{
    uint32_t value = 0;

    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = read_byte(reader);

        if (shift == 28 && (byte & 0xf0) != 0) {
            reader->at -= reader->failed ? 0 : 1;
            reader_malformed(reader, byte & 0x80 ? "integer representation too long" : "integer too large");
            return 0;
        }
        value |= (uint32_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return reader->failed ? 0 : value;
}

int64_t read_signed_long(struct reader *reader, unsigned bits)
{
    uint64_t value = 0;

    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = read_byte(reader);
        unsigned left = bits - shift; /* bits that the number still lacks */

        if (left < 7) {
            /* The last byte: what lies above the number repeats its sign. */
            uint8_t rest = (uint8_t)(0x7f & ~((1u << (left - 1)) - 1)), seen = byte & rest;

            if (!reader->failed && ((byte & 0x80) || (seen != 0 && seen != rest))) {
                reader->at--;
                reader_malformed(reader, byte & 0x80 ? "integer representation too long" : "integer too large");
            }
        }
        if (reader->failed)
            return 0;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            if (shift + 7 < 64 && (byte & 0x40))
                value |= UINT64_MAX << (shift + 7);
            return (int64_t)value;
        }
    }
}

const uint8_t *read_bytes(struct reader *reader, size_t size)
{
    const uint8_t *bytes = reader->at;

    if (size > reader_left(reader)) {
        reader_malformed(reader, "unexpected end");
        return NULL;
    }
    reader->at += size;
    return bytes;
}

uint32_t read_fixed32(struct reader *reader)
{
    const uint8_t *bytes = read_bytes(reader, 4);
    uint32_t value = 0;

    if (bytes != NULL)
        memcpy(&value, bytes, 4);
    return value;
}

uint64_t read_fixed64(struct reader *reader)
{
    const uint8_t *bytes = read_bytes(reader, 8);
    uint64_t value = 0;

    if (bytes != NULL)
        memcpy(&value, bytes, 8);
    return value;
}

uint32_t read_count(struct reader *reader)
{
    uint32_t offset = reader_offset(reader), count = read_u32(reader);

    if (!reader->failed && count > reader_left(reader)) {
        reader_fail(reader, WASM_MALFORMED, offset, "unexpected end: length out of bounds");
        return 0;
    }
    return count;
}
