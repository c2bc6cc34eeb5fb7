/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: tools/font/psf.c build/gen/font8x16.c build/gen/font8x16_others.c */
#include "host_test.h"

#include <font8x16_unicode.h>

#include "../../tools/font/psf.h"

static struct psf psf;

/* 256 glyphs whose rows are their number; glyph n has the character U+2000 + n. */
static uint8_t *font_make(size_t *size)
{
    *size = 4 + 256 * 16 + 256 * 4;
    uint8_t *file = calloc(1, *size), *table = file + 4 + 256 * 16;

    assert_non_null(file);
    memcpy(file, "\x36\x04\x02\x10", 4);
    for (unsigned glyph = 0; glyph < 256; glyph++) {
        memset(file + 4 + glyph * 16, (int)glyph, 16);
        memcpy(table + glyph * 4, (uint8_t[]){(uint8_t)glyph, 0x20, 0xff, 0xff}, 4);
    }
    return file;
}

static void a_font_is_read(void **state)
{
    size_t size;
    uint8_t *file = font_make(&size);
    (void)state;

    assert_null(psf_parse(file, size, &psf));
    assert_int_equal(psf.glyph_count, 256);
    assert_int_equal(psf.character_count, 256);
    assert_int_equal(psf_glyph(&psf, 0x2041), 0x41);
    assert_int_equal(psf_glyph(&psf, 0x41), -1);
    assert_int_equal(psf.glyphs[0x41 * 16], 0x41);
    assert_int_equal(psf.glyphs[0x41 * 16 + 15], 0x41);
    free(file);
}

static void sequences_are_passed_over_and_the_first_glyph_counts(void **state)
{
    size_t size;
    uint8_t *file = font_make(&size);
    uint8_t *table = file + 4 + 256 * 16;
    (void)state;

    /* Glyph 0 and 1: U+0041, then a sequence U+0042 U+0043, then the end; the other bytes move on by two entries. */
    memcpy(table, (uint8_t[]){0x41, 0, 0xfe, 0xff, 0x42, 0, 0xff, 0xff}, 8);
    memcpy(table + 8, (uint8_t[]){0x41, 0, 0xff, 0xff}, 4);
    file = realloc(file, size + 2);
    assert_non_null(file);
    memcpy(file + size, "\xff\xff", 2);
    assert_null(psf_parse(file, size + 2, &psf));
    assert_int_equal(psf_glyph(&psf, 0x41), 0);
    assert_int_equal(psf_glyph(&psf, 0x42), -1);
    assert_int_equal(psf.characters[0].character, 0x41);
    for (unsigned i = 1; i < psf.character_count; i++)
        assert_true(psf.characters[i - 1].character < psf.characters[i].character);
    free(file);
}

static void characters_are_sorted(void **state)
{
    size_t size;
    uint8_t *file = font_make(&size);
    uint8_t *table = file + 4 + 256 * 16;
    (void)state;

    for (unsigned glyph = 0; glyph < 256; glyph++)
        table[glyph * 4] = (uint8_t)(glyph * 7 % 200);
    assert_null(psf_parse(file, size, &psf));
    assert_int_equal(psf.character_count, 200);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(psf.characters[i].character, 0x2000 + i);
    for (unsigned glyph = 0; glyph < 200; glyph++)
        assert_int_equal(psf_glyph(&psf, (uint16_t)(0x2000 + glyph * 7 % 200)), glyph);
    free(file);
}

static void a_font_cut_anywhere_is_refused(void **state)
{
    size_t size;
    uint8_t *file = font_make(&size);
    (void)state;

    for (size_t cut = 0; cut < size; cut += cut < 8 ? 1 : 61) {
        uint8_t *part = malloc(cut + (cut == 0));
        assert_non_null(part);
        memcpy(part, file, cut);
        assert_non_null(psf_parse(part, cut, &psf));
        free(part);
    }
    assert_non_null(psf_parse(file, size - 1, &psf));
    free(file);
}

static void other_fonts_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } cases[] = {{0, 0x72}, {1, 0}, {2, 0}, {2, 8 | 2}, {2, 3}, {3, 14}, {3, 0}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size;
        uint8_t *file = font_make(&size);
        file[cases[i].at] = cases[i].value;
        assert_non_null(psf_parse(file, size, &psf));
        free(file);
    }
}

static void the_console_font_shows_ascii(void **state)
{
    (void)state;
    for (uint32_t a = '!'; a < 0x7f; a++) {
        unsigned ink = 0;
        for (unsigned row = 0; row < FONT8X16_HEIGHT; row++)
            ink |= font8x16_glyph(a)[row];
        assert_int_not_equal(ink, 0);
        for (uint32_t b = '!'; b < a; b++)
            assert_memory_not_equal(font8x16_glyph(a), font8x16_glyph(b), FONT8X16_HEIGHT);
    }
    for (unsigned row = 0; row < FONT8X16_HEIGHT; row++)
        assert_int_equal(font8x16_glyph(' ')[row], 0);
}

static void the_console_font_finds_other_characters(void **state)
{
    const uint8_t *line = font8x16_glyph(0x2500); /* Box drawings light horizontal. */
    unsigned full_rows = 0;
    (void)state;

    for (unsigned row = 0; row < FONT8X16_HEIGHT; row++)
        full_rows += line[row] == 0xff;
    assert_in_range(full_rows, 1, 3);
    for (uint32_t i = 1; i < font8x16_other_count; i++)
        assert_true(font8x16_others[i - 1].character < font8x16_others[i].character);
    for (uint32_t i = 0; i < font8x16_other_count; i++)
        assert_ptr_equal(font8x16_glyph(font8x16_others[i].character), font8x16_glyphs[font8x16_others[i].glyph]);
}

static void a_character_that_the_font_lacks_is_replaced(void **state)
{
    (void)state;
    assert_ptr_equal(font8x16_glyph(0x4e00), font8x16_glyphs[font8x16_replacement]);
    assert_ptr_equal(font8x16_glyph(0x10ffff), font8x16_glyphs[font8x16_replacement]);
    assert_ptr_equal(font8x16_glyph(UINT32_MAX), font8x16_glyphs[font8x16_replacement]);
    assert_ptr_equal(font8x16_glyph('\0'), font8x16_glyphs[font8x16_latin1[0]]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("psf: a font is read", a_font_is_read),
        TEST("psf: sequences are passed over and the first glyph counts",
             sequences_are_passed_over_and_the_first_glyph_counts),
        TEST("psf: characters are sorted", characters_are_sorted),
        TEST("psf: a font cut anywhere is refused", a_font_cut_anywhere_is_refused),
        TEST("psf: other fonts are refused", other_fonts_are_refused),
        TEST("font: the console font shows ASCII", the_console_font_shows_ascii),
        TEST("font: the console font finds other characters", the_console_font_finds_other_characters),
        TEST("font: a character that the font lacks is replaced", a_character_that_the_font_lacks_is_replaced),
    };
    return RUN_TESTS(tests);
}
