/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a module's bytes from front to back.  The first failure is kept with its offset and reason; from then on every
 * read answers 0 and the reader stands at its end, so that callers may check once behind several reads.
 *
 * Source: WebAssembly Core Specification 2.0, section 5.2 (values).
 */
#ifndef WASM_READER_H
#define WASM_READER_H

#include "types.h"

struct reader {
    const uint8_t *start; /* of the module: offsets count from here */
    const uint8_t *at, *end;
    bool failed;
    struct wasm_error *error;
};

static inline struct reader reader_at(const struct wasm_module *module, size_t from, size_t to,
                                      struct wasm_error *error)
{
    return (struct reader){
        .start = module->bytes, .at = module->bytes + from, .end = module->bytes + to, .error = error};
}

static inline uint32_t reader_offset(const struct reader *reader)
{
    return (uint32_t)(reader->at - reader->start);
}

static inline size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* Always false. */
bool reader_fail(struct reader *reader, enum wasm_status status, size_t offset, const char *text);
bool reader_malformed(struct reader *reader, const char *text);

uint8_t read_byte_none(struct reader *reader);
uint32_t read_u32_long(struct reader *reader);
int64_t read_signed_long(struct reader *reader, unsigned bits);
uint32_t read_fixed32(struct reader *reader);
uint64_t read_fixed64(struct reader *reader);
/* `size` bytes where they stand, or NULL. */
const uint8_t *read_bytes(struct reader *reader, size_t size);

static inline uint8_t read_byte(struct reader *reader)
{
    return reader->at < reader->end ? *reader->at++ : read_byte_none(reader);
}

/* A number of `bits` bits, 32 or more. */
static inline int64_t read_signed(struct reader *reader, unsigned bits)
{
    if (reader->at < reader->end && *reader->at < 0x80) {
        int64_t byte = *reader->at++;

        return byte - ((byte & 0x40) << 1);
    }
    return read_signed_long(reader, bits);
}

static inline uint32_t read_u32(struct reader *reader)
{
    if (reader->at < reader->end && *reader->at < 0x80)
        return *reader->at++;
    return read_u32_long(reader);
}

/* The number of items of a vector whose items take at least one byte each. */
uint32_t read_count(struct reader *reader);

#endif
