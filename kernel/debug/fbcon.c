/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text on the framebuffer: a grid of 8x16 cells, light grey on black.  What stands in each cell is remembered, so that
 * scrolling only draws the cells that differ and never reads the framebuffer.
 */
#include <arch/kmap.h>
#include <boot/boot_info.h>
#include <debug/log.h>
#include <font8x16.h>
#include <str.h>

#define CELLS_MAX 16384u
#define GREY      0xaau

static u8 cells[CELLS_MAX];
static u32 columns, rows, column, row;
static u8 *pixels; /* NULL: no screen */
static u64 pitch;
static u64 pair[4]; /* two pixels, by two bits of a glyph: the left pixel is the high bit */

static void cell_draw(u32 x, u32 y, u8 c)
{
    const u8 *glyph = font8x16_latin1_glyph(c);
    u8 *line = pixels + (u64)y * FONT8X16_HEIGHT * pitch + (u64)x * FONT8X16_WIDTH * 4;

    for (u32 i = 0; i < FONT8X16_HEIGHT; i++, line += pitch) {
        u64 *to = (u64 *)(void *)line;
        u32 bits = glyph[i];
        to[0] = pair[bits >> 6];
        to[1] = pair[bits >> 4 & 3];
        to[2] = pair[bits >> 2 & 3];
        to[3] = pair[bits & 3];
    }
}

static void cell_set(u32 x, u32 y, u8 c)
{
    u8 *cell = &cells[y * columns + x];

    if (*cell == c)
        return;
    *cell = c;
    cell_draw(x, y, c);
}

static void scroll(void)
{
    for (u32 y = 0; y < rows; y++)
        for (u32 x = 0; x < columns; x++)
            cell_set(x, y, y + 1 < rows ? cells[(y + 1) * columns + x] : ' ');
}

static void newline(void)
{
    column = 0;
    if (row + 1 < rows)
        row++;
    else
        scroll();
}

static void put(u8 c)
{
    if (c == '\n') {
        newline();
    } else if (c == '\r') {
        column = 0;
    } else if (c == '\b') {
        column -= column > 0;
    } else if (c == '\t') {
        do
            put(' ');
        while (column % 8 != 0);
    } else if (c >= ' ') {
        if (column == columns)
            newline();
        cell_set(column++, row, c);
    }
}

void fbcon_write(const char *text, u64 length)
{
    if (pixels == NULL)
        return;
    for (u64 i = 0; i < length; i++)
        put((u8)text[i]);
}

void fbcon_start(const struct boot_info *info)
{
    const struct limine_framebuffer *fb = &info->framebuffer;

    if (fb->width < FONT8X16_WIDTH || fb->height < FONT8X16_HEIGHT)
        return;
    u64 ink = (u64)GREY << fb->red_mask_shift | (u64)GREY << fb->green_mask_shift | (u64)GREY << fb->blue_mask_shift;
    pair[1] = ink << 32;
    pair[2] = ink;
    pair[3] = ink << 32 | ink;
    pitch = fb->pitch;
    columns = (u32)min_u64(fb->width / FONT8X16_WIDTH, 256);
    rows = (u32)min_u64(fb->height / FONT8X16_HEIGHT, CELLS_MAX / columns);
    memset(cells, ' ', sizeof(cells));
    pixels = phys_to_virt(PADDR(fb->address));
    for (u64 y = 0; y < fb->height; y++)
        memset(pixels + y * pitch, 0, fb->width * 4);
    klog("screen: %lux%lu, %u columns, %u rows", fb->width, fb->height, columns, rows);
}

void fbcon_remap(const struct boot_info *info)
{
    const struct limine_framebuffer *fb = &info->framebuffer;

    if (pixels != NULL)
        pixels = kmap_mmio(PADDR(fb->address), fb->pitch * fb->height, KMAP_WRITE_COMBINING);
}
