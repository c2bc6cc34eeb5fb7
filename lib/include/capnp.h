/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cap'n Proto messages: a reader of bytes that are not trusted, and a builder (capnproto.org/encoding.html: framing of
 * segments, struct, list and far pointers).
 *
 * The reader works in place.  Every access is checked against the message; each word that a pointer leads to is charged
 * to a limit, so that a small message cannot be made to look large; nesting is bounded.  The first error is kept in the
 * reader: what is read after it (or was not there) is zero, empty text, or an empty list.  Callers read all that they
 * want and look at `error` once, before they believe any of it.
 *
 * The builder fills one segment in memory that the caller gives.  The same calls make the same bytes.
 *
 * Any context; nothing is allocated.  Capabilities, and lists of structs that were written as lists of values, are
 * refused.  Little-endian machines only.
 */
#ifndef MNOS_CAPNP_H
#define MNOS_CAPNP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPNP_SEGMENTS_MAX 64u
#define CAPNP_DEPTH_MAX    16u

enum capnp_error {
    CAPNP_OK,
    CAPNP_TRUNCATED,
    CAPNP_BAD_SEGMENTS,
    CAPNP_OUT_OF_BOUNDS,
    CAPNP_BAD_POINTER,
    CAPNP_TOO_DEEP,
    CAPNP_TOO_LARGE,
    CAPNP_BAD_TEXT,
    CAPNP_NO_ROOM,
    CAPNP_ERROR_COUNT
};

/* What is wrong, as a clause that follows the message's name: "has a pointer out of the message". */
const char *capnp_error_text(enum capnp_error error);

struct capnp_reader {
    const uint8_t *segment[CAPNP_SEGMENTS_MAX];
    uint32_t words[CAPNP_SEGMENTS_MAX];
    uint32_t segments;
    uint64_t limit; /* words that may still be visited */
    enum capnp_error error;
};

struct capnp_struct {
    struct capnp_reader *reader;
    const uint8_t *data;
    uint32_t data_bytes;
    uint32_t segment, pointers, pointer_count; /* word index in the segment */
    uint32_t depth;
};

struct capnp_list {
    struct capnp_reader *reader;
    uint32_t segment, at, count; /* word index of the first element */
    uint32_t step;               /* words an element */
    uint32_t data_words, pointer_count;
    uint32_t depth;
};

/* `limit`: words that may be visited, counted again each time they are.  The bytes outlive the reader. */
enum capnp_error capnp_open(struct capnp_reader *reader, const void *bytes, size_t size, uint64_t limit);
struct capnp_struct capnp_root(struct capnp_reader *reader);

/* Fields of the data section, by their offset in bytes; 0 where the writer knew no such field. */
uint8_t capnp_u8(const struct capnp_struct *s, uint32_t offset);
uint16_t capnp_u16(const struct capnp_struct *s, uint32_t offset);
uint32_t capnp_u32(const struct capnp_struct *s, uint32_t offset);
uint64_t capnp_u64(const struct capnp_struct *s, uint32_t offset);

/* Fields of the pointer section, by their index.  Text is terminated, has no NUL inside, and lies in the message. */
const char *capnp_text(const struct capnp_struct *s, uint32_t index);
struct capnp_struct capnp_child(const struct capnp_struct *s, uint32_t index);
struct capnp_list capnp_structs(const struct capnp_struct *s, uint32_t index);
struct capnp_list capnp_texts(const struct capnp_struct *s, uint32_t index);
struct capnp_struct capnp_struct_at(const struct capnp_list *list, uint32_t index);
const char *capnp_text_at(const struct capnp_list *list, uint32_t index);

/* ---- Builder ---- */

struct capnp_builder {
    uint8_t *bytes; /* the whole message, framing included */
    size_t size;
    uint32_t used; /* words of the segment */
    uint32_t room;
    enum capnp_error error; /* NO_ROOM: the first thing that did not fit */
};

/* Where fields are written.  Word indices in the segment. */
struct capnp_target {
    uint32_t data, data_words, pointers, pointer_count;
};

/* 16 bytes at the least. */
void capnp_build(struct capnp_builder *b, void *bytes, size_t size);
struct capnp_target capnp_put_root(struct capnp_builder *b, uint16_t data_words, uint16_t pointer_count);
void capnp_put(struct capnp_builder *b, const struct capnp_target *to, uint32_t offset, uint64_t value, uint32_t bytes);
void capnp_put_text(struct capnp_builder *b, const struct capnp_target *to, uint32_t index, const char *text);
/* A list of structs at pointer `index`; its elements are capnp_put_element(list, i). */
struct capnp_target capnp_put_structs(struct capnp_builder *b, const struct capnp_target *to, uint32_t index,
                                      uint32_t count, uint16_t data_words, uint16_t pointer_count);
struct capnp_target capnp_put_element(const struct capnp_target *list, uint32_t index);
/* A list of texts, to be filled by capnp_put_text with the elements' numbers. */
struct capnp_target capnp_put_texts(struct capnp_builder *b, const struct capnp_target *to, uint32_t index,
                                    uint32_t count);
/* Bytes of the finished message; 0: it did not fit. */
size_t capnp_finish(struct capnp_builder *b);

#endif
