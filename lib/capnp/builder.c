/* SPDX-License-Identifier: BSD-2-Clause */
#include <capnp.h>
#include <str.h>

#define WORD    8u
#define FRAMING 8u /* one segment: its count less one, its words */

static uint8_t *word_of(const struct capnp_builder *b, uint32_t index)
{
    return b->bytes + FRAMING + (size_t)index * WORD;
}

/* Zeroed words at the end of what is used; false: there is no room, and nothing further is written. */
static bool words_take(struct capnp_builder *b, uint64_t words, uint32_t *at)
{
    if (b->error != CAPNP_OK || words > b->room - b->used) {
        b->error = CAPNP_NO_ROOM;
        return false;
    }
    *at = b->used;
    b->used += (uint32_t)words;
    memset(word_of(b, *at), 0, (size_t)words * WORD);
    return true;
}

static void pointer_write(struct capnp_builder *b, uint32_t at, uint32_t content, uint32_t kind, uint32_t high)
{
    uint64_t pointer = (uint64_t)high << 32 | (uint32_t)((content - at - 1) << 2) | kind;

    __builtin_memcpy(word_of(b, at), &pointer, WORD);
}

void capnp_build(struct capnp_builder *b, void *bytes, size_t size)
{
    uint32_t root;

    *b =
        (struct capnp_builder){.bytes = bytes, .size = size, .error = size < FRAMING + WORD ? CAPNP_NO_ROOM : CAPNP_OK};
    if (b->error != CAPNP_OK)
        return;
    size_t words = (size - FRAMING) / WORD;
    b->room = words > 0x1fffffffu ? 0x1fffffffu : (uint32_t)words;
    (void)words_take(b, 1, &root);
}

struct capnp_target capnp_put_root(struct capnp_builder *b, uint16_t data_words, uint16_t pointer_count)
{
    struct capnp_target none = {0};
    uint32_t at;

    if (!words_take(b, (uint64_t)data_words + pointer_count, &at))
        return none;
    pointer_write(b, 0, at, 0, (uint32_t)pointer_count << 16 | data_words);
    return (struct capnp_target){at, data_words, at + data_words, pointer_count};
}

void capnp_put(struct capnp_builder *b, const struct capnp_target *to, uint32_t offset, uint64_t value, uint32_t bytes)
{
    if (b->error == CAPNP_OK && offset + bytes <= to->data_words * WORD)
        memcpy(word_of(b, to->data) + offset, &value, bytes);
}

void capnp_put_text(struct capnp_builder *b, const struct capnp_target *to, uint32_t index, const char *text)
{
    size_t size = strlen(text) + 1;
    uint32_t at;

    if (size == 1 || index >= to->pointer_count || !words_take(b, (size + WORD - 1) / WORD, &at))
        return;
    memcpy(word_of(b, at), text, size);
    pointer_write(b, to->pointers + index, at, 1, (uint32_t)size << 3 | 2);
}

struct capnp_target capnp_put_structs(struct capnp_builder *b, const struct capnp_target *to, uint32_t index,
                                      uint32_t count, uint16_t data_words, uint16_t pointer_count)
{
    struct capnp_target list = {0, data_words, 0, pointer_count};
    uint64_t words = (uint64_t)count * ((uint32_t)data_words + pointer_count);
    uint32_t at;

    if (index >= to->pointer_count || !words_take(b, words + 1, &at))
        return list;
    uint64_t tag = (uint64_t)((uint32_t)pointer_count << 16 | data_words) << 32 | (uint64_t)count << 2;
    __builtin_memcpy(word_of(b, at), &tag, WORD);
    pointer_write(b, to->pointers + index, at, 1, (uint32_t)words << 3 | 7);
    list.data = at + 1;
    list.pointers = list.data + data_words;
    return list;
}

struct capnp_target capnp_put_element(const struct capnp_target *list, uint32_t index)
{
    uint32_t step = index * (list->data_words + list->pointer_count);

    return (struct capnp_target){list->data + step, list->data_words, list->pointers + step, list->pointer_count};
}

struct capnp_target capnp_put_texts(struct capnp_builder *b, const struct capnp_target *to, uint32_t index,
                                    uint32_t count)
{
    struct capnp_target list = {0};
    uint32_t at;

    if (index >= to->pointer_count || !words_take(b, count, &at))
        return list;
    pointer_write(b, to->pointers + index, at, 1, count << 3 | 6);
    list.pointers = at;
    list.pointer_count = count;
    return list;
}

size_t capnp_finish(struct capnp_builder *b)
{
    uint32_t framing[2] = {0, b->used};

    if (b->error != CAPNP_OK)
        return 0;
    memcpy(b->bytes, framing, sizeof framing);
    return FRAMING + (size_t)b->used * WORD;
}
