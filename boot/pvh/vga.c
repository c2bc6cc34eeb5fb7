/* SPDX-License-Identifier: BSD-2-Clause */
/* The linear framebuffer of a Bochs-compatible VGA device.  Source: QEMU, docs/specs/standard-vga. */
#include <boot/cpu.h>
#include <boot/platform.h>

enum {
    PCI_ADDRESS = 0xcf8,
    PCI_DATA = 0xcfc,
    PCI_COMMAND = 0x04,
    PCI_BAR_0 = 0x10,
    PCI_COMMAND_MEMORY = 2,
    PCI_SLOTS = 32,
    DISPI_INDEX = 0x1ce,
    DISPI_DATA = 0x1cf,
    DISPI_ID = 0,
    DISPI_WIDTH = 1,
    DISPI_HEIGHT = 2,
    DISPI_BPP = 3,
    DISPI_ENABLE = 4,
    DISPI_VIRTUAL_WIDTH = 6,
    DISPI_ON_LINEAR = 0x41,
    DEFAULT_WIDTH = 1024,
    DEFAULT_HEIGHT = 768,
};
#define BOCHS_VGA 0x11111234u

static uint32_t pci_read(uint32_t slot, uint32_t offset)
{
    port_write32(PCI_ADDRESS, 0x80000000u | slot << 11 | offset);
    return port_read32(PCI_DATA);
}

static void pci_write(uint32_t slot, uint32_t offset, uint32_t value)
{
    port_write32(PCI_ADDRESS, 0x80000000u | slot << 11 | offset);
    port_write32(PCI_DATA, value);
}

static uint16_t dispi_read(uint16_t index)
{
    port_write16(DISPI_INDEX, index);
    return port_read16(DISPI_DATA);
}

static void dispi_write(uint16_t index, uint16_t value)
{
    port_write16(DISPI_INDEX, index);
    port_write16(DISPI_DATA, value);
}

/* The address of the frame memory, or 0. */
static uint64_t find(void)
{
    for (uint32_t slot = 0; slot < PCI_SLOTS; slot++) {
        if (pci_read(slot, 0) != BOCHS_VGA)
            continue;
        pci_write(slot, PCI_COMMAND, (pci_read(slot, PCI_COMMAND) & 0xffff) | PCI_COMMAND_MEMORY);
        return pci_read(slot, PCI_BAR_0) & 0xfffffff0u;
    }
    return 0;
}

static bool set_mode(uint16_t width, uint16_t height)
{
    dispi_write(DISPI_ENABLE, 0);
    dispi_write(DISPI_WIDTH, width);
    dispi_write(DISPI_HEIGHT, height);
    dispi_write(DISPI_BPP, 32);
    dispi_write(DISPI_ENABLE, DISPI_ON_LINEAR);
    return dispi_read(DISPI_WIDTH) == width && dispi_read(DISPI_HEIGHT) == height;
}

bool platform_screen(uint32_t width, uint32_t height, uint32_t bpp, struct screen *screen)
{
    (void)bpp; /* always 32 */
    uint64_t base = find();
    if (base == 0 || (dispi_read(DISPI_ID) & 0xfff0) != 0xb0c0)
        return false;
    bool wanted = width > 0 && width <= 0xffff && height <= 0xffff && set_mode((uint16_t)width, (uint16_t)height);
    if (!wanted && !set_mode(DEFAULT_WIDTH, DEFAULT_HEIGHT))
        return false;
    *screen = (struct screen){
        .base = base,
        .width = dispi_read(DISPI_WIDTH),
        .height = dispi_read(DISPI_HEIGHT),
        .pitch = dispi_read(DISPI_VIRTUAL_WIDTH) * 4u,
        .bpp = 32,
        .red_size = 8,
        .red_shift = 16,
        .green_size = 8,
        .green_shift = 8,
        .blue_size = 8,
        .blue_shift = 0,
    };
    return true;
}
