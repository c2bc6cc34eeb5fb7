/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: kernel/core/bitmap.c */
#include <core/bitmap.h>

#include "proof.h"

#define WINDOW 16

/* `size` bits at `base` of two words; the bits around them are all set or all clear, and must not matter. */
static void window_make(uint64_t words[2], size_t base, size_t size, uint32_t bits, bool around)
{
    for (size_t i = 0; i < 128; i++) {
        bool inside = i >= base && i < base + size;
        bool value = inside ? (bits >> (i - base) & 1) != 0 : around;
        words[i / 64] = (words[i / 64] & ~((uint64_t)1 << i % 64)) | (uint64_t)value << i % 64;
    }
}

static bool all_clear(const uint64_t *words, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        if (bitmap_get(words, i))
            return false;
    return true;
}

static size_t model_find_zeros(const uint64_t *words, size_t from, size_t end, size_t count, size_t align)
{
    for (size_t start = from; start + count <= end; start++)
        if (start % align == 0 && all_clear(words, start, count))
            return start;
    return BITMAP_NONE;
}

/* Every length of run, from `from` to the end of the window. */
static void runs_compare(const uint64_t *words, size_t from, size_t end)
{
    for (size_t align = 1; align <= 8; align *= 2)
        for (size_t count = 1; count <= end - from + 1; count++)
            PROVE(bitmap_find_zeros(words, from, end, count, align) ==
                  model_find_zeros(words, from, end, count, align));
    PROVE(bitmap_find_zeros(words, from, end, 0, 1) == BITMAP_NONE);
}

static void run_search_is_the_models(void)
{
    uint64_t words[2] = {0, 0};
    size_t base = proof_choose(2) == 0 ? 0 : 57;
    bool around = proof_choose(2) == 1;

    window_make(words, base, WINDOW, proof_choose(1u << WINDOW), around);
    for (size_t from = base; from < base + WINDOW; from += 3)
        runs_compare(words, from, base + WINDOW);
}

static void run_search_from_anywhere_is_the_models(void)
{
    uint64_t words[2] = {0, 0};
    size_t size = 1 + proof_choose(9), base = 59 + proof_choose(3);
    bool around = proof_choose(2) == 1;

    window_make(words, base, size, proof_choose(1u << size), around);
    size_t from = proof_choose((uint32_t)size);
    runs_compare(words, base + from, base + size);
}

static void bit_search_is_the_models(void)
{
    uint64_t words[2] = {0, 0};
    size_t size = 1 + proof_choose(9), base = 59 + proof_choose(3);
    bool around = proof_choose(2) == 1;

    window_make(words, base, size, proof_choose(1u << size), around);
    size_t from = base + proof_choose((uint32_t)size), set = BITMAP_NONE, zero = BITMAP_NONE;
    for (size_t i = base + size; i-- > from;) {
        if (bitmap_get(words, i))
            set = i;
        else
            zero = i;
    }
    PROVE(bitmap_next(words, from, base + size, true) == set);
    PROVE(bitmap_next(words, from, base + size, false) == zero);
}

static void a_range_is_changed_and_nothing_else(void)
{
    size_t first = proof_choose(130), count = proof_choose((uint32_t)(192 - first) + 1);
    uint64_t set[3] = {0, 0, 0}, clear[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

    bitmap_fill(set, first, count, true);
    bitmap_fill(clear, first, count, false);
    for (size_t i = 0; i < 192; i++)
        PROVE(bitmap_get(set, i) == (i >= first && i < first + count));
    for (size_t i = 0; i < 3; i++)
        PROVE(clear[i] == ~set[i]);
}

const struct proof proofs[] = {
    {"bitmap: the run search is the model's for all bitmaps of 16 bits", run_search_is_the_models},
    {"bitmap: the run search from anywhere is the model's across words", run_search_from_anywhere_is_the_models},
    {"bitmap: the bit search is the model's across words", bit_search_is_the_models},
    {"bitmap: a range is changed and nothing else", a_range_is_changed_and_nothing_else},
    {NULL, NULL},
};
