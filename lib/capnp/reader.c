/* SPDX-License-Identifier: BSD-2-Clause */
#include <capnp.h>
#include <range.h>
#include <str.h>

#define WORD 8u

enum { POINTER_STRUCT = 0, POINTER_LIST = 1, POINTER_FAR = 2 };
enum { ELEMENT_BYTE = 2, ELEMENT_POINTER = 6, ELEMENT_COMPOSITE = 7 };

/* A pointer with the place that its offset counts from: its own, or that of a far pointer's landing pad. */
struct place {
    uint64_t pointer;
    uint32_t segment;
    int64_t content; /* word index */
};

const char *capnp_error_text(enum capnp_error error)
{
    static const char *const texts[CAPNP_ERROR_COUNT] = {
        [CAPNP_OK] = "is sound",
        [CAPNP_TRUNCATED] = "is shorter than it says",
        [CAPNP_BAD_SEGMENTS] = "has too many segments",
        [CAPNP_OUT_OF_BOUNDS] = "has a pointer out of the message",
        [CAPNP_BAD_POINTER] = "has a pointer of the wrong kind",
        [CAPNP_TOO_DEEP] = "is nested too deeply",
        [CAPNP_TOO_LARGE] = "says more than its size allows",
        [CAPNP_BAD_TEXT] = "has a text that is not terminated where it ends",
        [CAPNP_NO_ROOM] = "does not fit",
    };

    return (unsigned)error < CAPNP_ERROR_COUNT ? texts[error] : "has an unknown error";
}

static bool fail(struct capnp_reader *r, enum capnp_error error)
{
    if (r->error == CAPNP_OK)
        r->error = error;
    return false;
}

static uint64_t word_at(const struct capnp_reader *r, uint32_t segment, uint64_t index)
{
    uint64_t word;

    __builtin_memcpy(&word, r->segment[segment] + index * WORD, WORD);
    return word;
}

static uint32_t u32_at(const uint8_t *bytes)
{
    uint32_t value;

    __builtin_memcpy(&value, bytes, sizeof value);
    return value;
}

enum capnp_error capnp_open(struct capnp_reader *r, const void *bytes, size_t size, uint64_t limit)
{
    const uint8_t *at = bytes;

    r->segments = 0;
    r->limit = limit;
    r->error = CAPNP_OK;
    if (size < WORD)
        return r->error = CAPNP_TRUNCATED;
    uint64_t count = (uint64_t)u32_at(at) + 1;
    if (count > CAPNP_SEGMENTS_MAX)
        return r->error = CAPNP_BAD_SEGMENTS;
    uint64_t offset = (4 + 4 * count + WORD - 1) / WORD * WORD;
    if (offset > size)
        return r->error = CAPNP_TRUNCATED;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t words = u32_at(at + 4 + 4 * (size_t)i);
        if (!range_within(offset, (uint64_t)words * WORD, size))
            return r->error = CAPNP_TRUNCATED;
        r->segment[i] = at + offset;
        r->words[i] = words;
        offset += (uint64_t)words * WORD;
    }
    r->segments = (uint32_t)count;
    return CAPNP_OK;
}

static bool within(struct capnp_reader *r, uint32_t segment, int64_t at, uint64_t words)
{
    if (segment >= r->segments || at < 0 || !range_within((uint64_t)at, words, r->words[segment]))
        return fail(r, CAPNP_OUT_OF_BOUNDS);
    return true;
}

static bool charge(struct capnp_reader *r, uint64_t words)
{
    if (words > r->limit)
        return fail(r, CAPNP_TOO_LARGE);
    r->limit -= words;
    return true;
}

static int64_t offset_of(uint64_t pointer)
{
    return (int32_t)(uint32_t)pointer >> 2;
}

/* Goes through a far pointer, if it is one.  False: null, or an error. */
static bool place_find(struct capnp_reader *r, uint32_t segment, uint64_t at, struct place *p)
{
    if (!within(r, segment, (int64_t)at, 1))
        return false;
    uint64_t pointer = word_at(r, segment, at);
    *p = (struct place){pointer, segment, (int64_t)at + 1 + offset_of(pointer)};
    if (pointer == 0)
        return false;
    if ((pointer & 3) != POINTER_FAR)
        return true;
    bool twice = pointer & 4;
    uint32_t pad_segment = (uint32_t)(pointer >> 32), pad = (uint32_t)pointer >> 3;
    if (!within(r, pad_segment, pad, twice ? 2 : 1))
        return false;
    uint64_t first = word_at(r, pad_segment, pad);
    if (!twice) {
        *p = (struct place){first, pad_segment, (int64_t)pad + 1 + offset_of(first)};
        return (first & 3) != POINTER_FAR || fail(r, CAPNP_BAD_POINTER);
    }
    uint64_t tag = word_at(r, pad_segment, pad + 1);
    *p = (struct place){tag, (uint32_t)(first >> 32), (uint32_t)first >> 3};
    return ((first & 7) == POINTER_FAR && (tag & 3) != POINTER_FAR && offset_of(tag) == 0) ||
           fail(r, CAPNP_BAD_POINTER);
}

/* The struct at a pointer; empty where there is none. */
static struct capnp_struct struct_read(struct capnp_reader *r, uint32_t segment, uint64_t at, uint32_t depth)
{
    const struct capnp_struct none = {.reader = r};
    struct place p;

    if (r->error != CAPNP_OK || !place_find(r, segment, at, &p))
        return none;
    uint32_t data = (uint32_t)(p.pointer >> 32) & 0xffff, pointers = (uint32_t)(p.pointer >> 48);
    if ((p.pointer & 3) != POINTER_STRUCT) {
        fail(r, CAPNP_BAD_POINTER);
        return none;
    }
    if (!within(r, p.segment, p.content, data + pointers) || !charge(r, data + pointers))
        return none;
    return (struct capnp_struct){.reader = r,
                                 .data = r->segment[p.segment] + (uint64_t)p.content * WORD,
                                 .data_bytes = data * WORD,
                                 .segment = p.segment,
                                 .pointers = (uint32_t)p.content + data,
                                 .pointer_count = pointers,
                                 .depth = depth};
}

struct capnp_struct capnp_root(struct capnp_reader *r)
{
    return struct_read(r, 0, 0, 0);
}

struct capnp_struct capnp_child(const struct capnp_struct *s, uint32_t index)
{
    const struct capnp_struct none = {.reader = s->reader};

    if (index >= s->pointer_count)
        return none;
    if (s->depth + 1 >= CAPNP_DEPTH_MAX) {
        fail(s->reader, CAPNP_TOO_DEEP);
        return none;
    }
    return struct_read(s->reader, s->segment, (uint64_t)s->pointers + index, s->depth + 1);
}

#define READ_FIELD(type)                                                                                               \
    type value = 0;                                                                                                    \
    if (range_within(offset, sizeof value, s->data_bytes))                                                             \
        __builtin_memcpy(&value, s->data + offset, sizeof value);                                                      \
    return value

uint8_t capnp_u8(const struct capnp_struct *s, uint32_t offset)
{
    READ_FIELD(uint8_t);
}

uint16_t capnp_u16(const struct capnp_struct *s, uint32_t offset)
{
    READ_FIELD(uint16_t);
}

uint32_t capnp_u32(const struct capnp_struct *s, uint32_t offset)
{
    READ_FIELD(uint32_t);
}

uint64_t capnp_u64(const struct capnp_struct *s, uint32_t offset)
{
    READ_FIELD(uint64_t);
}

/* The list at a pointer, of elements that must be of one kind. */
static bool list_find(struct capnp_reader *r, uint32_t segment, uint64_t at, unsigned kind, struct place *p,
                      uint32_t *count)
{
    if (r->error != CAPNP_OK || !place_find(r, segment, at, p))
        return false;
    if ((p->pointer & 3) != POINTER_LIST || ((p->pointer >> 32) & 7) != kind)
        return fail(r, CAPNP_BAD_POINTER);
    *count = (uint32_t)(p->pointer >> 35);
    return true;
}

static const char *text_read(struct capnp_reader *r, uint32_t segment, uint64_t at)
{
    struct place p;
    uint32_t size;

    if (!list_find(r, segment, at, ELEMENT_BYTE, &p, &size))
        return "";
    uint64_t words = ((uint64_t)size + WORD - 1) / WORD;
    if (!within(r, p.segment, p.content, words) || !charge(r, words))
        return "";
    const char *text = (const char *)r->segment[p.segment] + (uint64_t)p.content * WORD;
    if (size == 0 || memchr(text, '\0', size) != text + size - 1) {
        fail(r, CAPNP_BAD_TEXT);
        return "";
    }
    return text;
}

const char *capnp_text(const struct capnp_struct *s, uint32_t index)
{
    return index < s->pointer_count ? text_read(s->reader, s->segment, (uint64_t)s->pointers + index) : "";
}

const char *capnp_text_at(const struct capnp_list *list, uint32_t index)
{
    return index < list->count ? text_read(list->reader, list->segment, (uint64_t)list->at + index) : "";
}

struct capnp_list capnp_texts(const struct capnp_struct *s, uint32_t index)
{
    struct capnp_list none = {.reader = s->reader};
    struct place p;
    uint32_t count;

    if (index >= s->pointer_count ||
        !list_find(s->reader, s->segment, (uint64_t)s->pointers + index, ELEMENT_POINTER, &p, &count) ||
        !within(s->reader, p.segment, p.content, count) || !charge(s->reader, count))
        return none;
    return (struct capnp_list){.reader = s->reader,
                               .segment = p.segment,
                               .at = (uint32_t)p.content,
                               .count = count,
                               .step = 1,
                               .pointer_count = 1,
                               .depth = s->depth + 1};
}

/* The count of a composite list's pointer is in words; a tag word in front of the elements tells their number and shape. */
struct capnp_list capnp_structs(const struct capnp_struct *s, uint32_t index)
{
    struct capnp_reader *r = s->reader;
    struct capnp_list none = {.reader = r};
    struct place p;
    uint32_t words;

    if (index >= s->pointer_count ||
        !list_find(r, s->segment, (uint64_t)s->pointers + index, ELEMENT_COMPOSITE, &p, &words) ||
        !within(r, p.segment, p.content, (uint64_t)words + 1))
        return none;
    uint64_t tag = word_at(r, p.segment, (uint64_t)p.content);
    uint32_t count = (uint32_t)tag >> 2, data = (uint32_t)(tag >> 32) & 0xffff, pointers = (uint32_t)(tag >> 48);
    if (s->depth + 1 >= CAPNP_DEPTH_MAX) {
        fail(r, CAPNP_TOO_DEEP);
        return none;
    }
    if ((tag & 3) != POINTER_STRUCT || (uint64_t)count * (data + pointers) > words) {
        fail(r, CAPNP_BAD_POINTER);
        return none;
    }
    /* Elements without any word cost one each: their number is not bounded by the message's size. */
    if (!charge(r, (uint64_t)words + 1 + (data + pointers == 0 ? count : 0)))
        return none;
    return (struct capnp_list){.reader = r,
                               .segment = p.segment,
                               .at = (uint32_t)p.content + 1,
                               .count = count,
                               .step = data + pointers,
                               .data_words = data,
                               .pointer_count = pointers,
                               .depth = s->depth + 1};
}

struct capnp_struct capnp_struct_at(const struct capnp_list *list, uint32_t index)
{
    if (index >= list->count)
        return (struct capnp_struct){.reader = list->reader};
    uint32_t at = list->at + index * list->step;
    return (struct capnp_struct){.reader = list->reader,
                                 .data = list->reader->segment[list->segment] + (uint64_t)at * WORD,
                                 .data_bytes = list->data_words * WORD,
                                 .segment = list->segment,
                                 .pointers = at + list->data_words,
                                 .pointer_count = list->pointer_count,
                                 .depth = list->depth};
}
