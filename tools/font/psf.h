/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of PSF1 console fonts of 8x16 pixels with a Unicode table (kbd's psf(5)): header of 4 bytes, 256 or 512 glyphs
 * of 16 bytes, then for each glyph 16-bit characters, ended by 0xffff; what stands behind a 0xfffe is sequences of
 * characters, which are passed over.
 */
#ifndef FONT_PSF_H
#define FONT_PSF_H

#include <stddef.h>
#include <stdint.h>

#define PSF_GLYPHS_MAX     512u
#define PSF_CHARACTERS_MAX 4096u

struct psf_character {
    uint16_t character; /* Unicode. */
    uint16_t glyph;
};

struct psf {
    const uint8_t *glyphs; /* Inside the file; 16 bytes each, the top row first, the leftmost pixel in bit 7. */
    unsigned glyph_count;
    unsigned character_count;
    struct psf_character characters[PSF_CHARACTERS_MAX]; /* Ascending, each character once. */
};

/* NULL, or what is wrong with the file. */
const char *psf_parse(const uint8_t *file, size_t size, struct psf *psf);

/* The glyph of a character, or -1. */
int psf_glyph(const struct psf *psf, uint16_t character);

#endif
