/* SPDX-License-Identifier: BSD-2-Clause */
/* All characters of the console font (font8x16.h).  Constant, any context. */
#ifndef MNOS_FONT8X16_UNICODE_H
#define MNOS_FONT8X16_UNICODE_H

#include <font8x16.h>

struct font8x16_character {
    uint16_t character; /* Unicode, above U+00FF. */
    uint16_t glyph;
};

extern const struct font8x16_character font8x16_others[]; /* Ascending. */
extern const uint32_t font8x16_other_count;
extern const uint16_t font8x16_replacement;

/* As font8x16_latin1_glyph.  A character that the font lacks has the replacement glyph. */
static inline const uint8_t *font8x16_glyph(uint32_t character)
{
    uint32_t low = 0, high = font8x16_other_count;

    if (character < 256)
        return font8x16_latin1_glyph((uint8_t)character);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (font8x16_others[middle].character == character)
            return font8x16_glyphs[font8x16_others[middle].glyph];
        if (font8x16_others[middle].character < character)
            low = middle + 1;
        else
            high = middle;
    }
    return font8x16_glyphs[font8x16_replacement];
}

#endif
