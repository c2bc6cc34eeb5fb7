/* SPDX-License-Identifier: BSD-2-Clause */
#include "efi.h"

#include <boot/platform.h>

static const struct efi_guid graphics_guid = {
    0x9042a9de, 0x23dc, 0x4a38, {0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}};

struct mask {
    uint8_t size, shift;
};

static struct mask mask_of(uint32_t bits)
{
    struct mask mask = {0, 0};
    if (bits == 0)
        return mask;
    while (!(bits >> mask.shift & 1))
        mask.shift++;
    while (mask.shift + mask.size < 32 && (bits >> (mask.shift + mask.size) & 1))
        mask.size++;
    return mask;
}

/* Switches to the mode of exactly this size, if there is one with linear memory. */
static void choose(struct efi_graphics *graphics, uint32_t width, uint32_t height)
{
    for (uint32_t i = 0; i < graphics->mode->count; i++) {
        uint64_t size;
        struct efi_graphics_info *info;
        if (graphics->query(graphics, i, &size, &info) != EFI_SUCCESS)
            continue;
        if (info->width == width && info->height == height && info->format <= EFI_PIXEL_MASK) {
            (void)graphics->set(graphics, i);
            return;
        }
    }
}

bool platform_screen(uint32_t width, uint32_t height, uint32_t bpp, struct screen *screen)
{
    struct efi_graphics *graphics;
    (void)bpp; /* the firmware's modes have 32 */
    if (efi_system->boot->locate_protocol(&graphics_guid, 0, (void **)&graphics) != EFI_SUCCESS)
        return false;
    if (width != 0)
        choose(graphics, width, height);
    const struct efi_graphics_info *info = graphics->mode->info;
    if (info == 0 || info->format > EFI_PIXEL_MASK || graphics->mode->base == 0 || info->width == 0 ||
        info->height == 0)
        return false;
    bool masks = info->format == EFI_PIXEL_MASK, rgb = info->format == EFI_PIXEL_RGBX;
    struct mask red = mask_of(masks ? info->red : rgb ? 0x0000ff : 0xff0000);
    struct mask green = mask_of(masks ? info->green : 0x00ff00);
    struct mask blue = mask_of(masks ? info->blue : rgb ? 0xff0000 : 0x0000ff);
    *screen = (struct screen){
        .base = graphics->mode->base,
        .width = info->width,
        .height = info->height,
        .pitch = (uint64_t)info->pixels_per_line * 4,
        .bpp = 32,
        .red_size = red.size,
        .red_shift = red.shift,
        .green_size = green.size,
        .green_shift = green.shift,
        .blue_size = blue.size,
        .blue_shift = blue.shift,
    };
    return true;
}
