/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console font: glyphs of 8x16 pixels.  The tables are made at build time (tools/font) from a font of the
 * distribution; ASCII and Latin-1 are complete; font8x16_unicode.h finds what else the font has.
 * Constant, any context.
 */
#pragma once

#include <stdint.h>

#define FONT8X16_WIDTH  8
#define FONT8X16_HEIGHT 16

extern const uint8_t font8x16_glyphs[][FONT8X16_HEIGHT];
extern const uint16_t font8x16_latin1[256];
/* 16 rows, the top one first; the leftmost pixel is bit 7. */
static inline const uint8_t *font8x16_latin1_glyph(uint8_t character)
{
    return font8x16_glyphs[font8x16_latin1[character]];
}
