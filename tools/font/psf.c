/* SPDX-License-Identifier: BSD-2-Clause */
#include "psf.h"

#include <stdlib.h>

enum {
    HEADER_SIZE = 4,
    GLYPH_SIZE = 16,
    MODE_512 = 1,
    MODE_HAS_TABLE = 2,
    MODE_KNOWN = 7, /* 4: the table has sequences. */
    SEQUENCE = 0xfffe,
    END = 0xffff,
};

static int character_order(const void *left, const void *right)
{
    const struct psf_character *a = left, *b = right;

    if (a->character != b->character)
        return a->character < b->character ? -1 : 1;
    return a->glyph < b->glyph ? -1 : a->glyph > b->glyph;
}

/* Of several glyphs for one character the first one counts. */
static void characters_sort(struct psf *psf)
{
    unsigned kept = 0;

    qsort(psf->characters, psf->character_count, sizeof psf->characters[0], character_order);
    for (unsigned i = 0; i < psf->character_count; i++)
        if (kept == 0 || psf->characters[kept - 1].character != psf->characters[i].character)
            psf->characters[kept++] = psf->characters[i];
    psf->character_count = kept;
}

static const char *table_parse(const uint8_t *table, size_t size, struct psf *psf)
{
    size_t at = 0;

    for (unsigned glyph = 0; glyph < psf->glyph_count; glyph++) {
        int in_sequence = 0;
        for (;;) {
            if (size - at < 2)
                return "the Unicode table is cut off";
            unsigned value = table[at] | (unsigned)table[at + 1] << 8;
            at += 2;
            if (value == END)
                break;
            if (value == SEQUENCE)
                in_sequence = 1;
            if (in_sequence)
                continue;
            if (psf->character_count == PSF_CHARACTERS_MAX)
                return "the Unicode table has too many characters";
            psf->characters[psf->character_count++] =
                (struct psf_character){.character = (uint16_t)value, .glyph = (uint16_t)glyph};
        }
    }
    return at == size ? NULL : "there is something behind the Unicode table";
}

const char *psf_parse(const uint8_t *file, size_t size, struct psf *psf)
{
    *psf = (struct psf){.glyphs = NULL};
    if (size < HEADER_SIZE || file[0] != 0x36 || file[1] != 0x04)
        return "this is not a PSF1 font";
    if (file[3] != GLYPH_SIZE)
        return "the glyphs are not 8x16";
    if ((file[2] & ~MODE_KNOWN) != 0)
        return "the font has an unknown mode";
    if ((file[2] & MODE_HAS_TABLE) == 0)
        return "the font has no Unicode table";
    psf->glyph_count = file[2] & MODE_512 ? 512 : 256;
    size_t front = HEADER_SIZE + (size_t)psf->glyph_count * GLYPH_SIZE;
    if (size < front)
        return "the glyphs are cut off";
    psf->glyphs = file + HEADER_SIZE;
    const char *problem = table_parse(file + front, size - front, psf);
    if (problem == NULL)
        characters_sort(psf);
    return problem;
}

int psf_glyph(const struct psf *psf, uint16_t character)
{
    for (unsigned i = 0; i < psf->character_count; i++)
        if (psf->characters[i].character == character)
            return psf->characters[i].glyph;
    return -1;
}
