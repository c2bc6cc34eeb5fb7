/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock of a PC: an MC146818 behind ports 70h (index) and 71h (data).
 * Source: Motorola MC146818A data sheet, "Address map" and "Registers".
 *
 * DRIVES: platform rtc as rtc
 */
#include <driver/driver.h>
#include <driver/ports.h>
#include <idl/clock_server.h>
#include <libmnos/print.h>

#include "calendar.h"

enum cmos {
    SECOND = 0x00,
    MINUTE = 0x02,
    HOUR = 0x04,
    DAY = 0x07,
    MONTH = 0x08,
    YEAR = 0x09,
    STATUS_A = 0x0a,
    STATUS_B = 0x0b,
    STATUS_C = 0x0c,
    CENTURY = 0x32 /* by convention; ACPI's FADT may name another */
};

#define A_UPDATING   0x80u
#define B_UPDATE_IRQ 0x10u
#define B_BINARY     0x04u
#define B_24_HOURS   0x02u
#define C_UPDATED    0x10u
#define TRIES        100000u

static uint64_t ticks;

static uint8_t cmos_read(const struct device *device, enum cmos reg)
{
    port_out8(device->port[0], reg);
    return (uint8_t)port_in8((uint16_t)(device->port[0] + 1));
}

static void cmos_write(const struct device *device, enum cmos reg, uint8_t value)
{
    port_out8(device->port[0], reg);
    port_out8((uint16_t)(device->port[0] + 1), value);
}

static struct rtc_registers registers_read(const struct device *device)
{
    uint8_t b = cmos_read(device, STATUS_B);

    return (struct rtc_registers){
        .second = cmos_read(device, SECOND),
        .minute = cmos_read(device, MINUTE),
        .hour = cmos_read(device, HOUR),
        .day = cmos_read(device, DAY),
        .month = cmos_read(device, MONTH),
        .year = cmos_read(device, YEAR),
        .century = cmos_read(device, CENTURY),
        .binary = (b & B_BINARY) != 0,
        .hours_24 = (b & B_24_HOURS) != 0,
    };
}

/* While the chip counts on, its registers are of two times: read until two looks agree. */
static bool time_read(const struct device *device, int64_t *seconds)
{
    for (unsigned i = 0; i < TRIES; i++) {
        int64_t first, second;
        if ((cmos_read(device, STATUS_A) & A_UPDATING) != 0)
            continue;
        struct rtc_registers one = registers_read(device), two = registers_read(device);
        if (!calendar_seconds(&one, &first) || !calendar_seconds(&two, &second))
            return false;
        if (first == second) {
            *seconds = first;
            return true;
        }
    }
    return false;
}

static int64_t init(struct device *device)
{
    int64_t seconds;

    if (!time_read(device, &seconds)) {
        printf("rtc: the clock holds no time\n");
        return -MNOS_E_INVALID;
    }
    /* One interrupt a second, the only kind; what asked before is forgotten by reading C. */
    cmos_write(device, STATUS_B, (uint8_t)((cmos_read(device, STATUS_B) & (B_BINARY | B_24_HOURS)) | B_UPDATE_IRQ));
    (void)cmos_read(device, STATUS_C);
    return 0;
}

static void handle_interrupt(struct device *device, unsigned vector)
{
    (void)vector;
    if ((cmos_read(device, STATUS_C) & C_UPDATED) != 0)
        ticks++;
}

static int64_t clock_now(void *self, uint64_t badge, struct clock_read_out *out)
{
    struct device *device = self;

    (void)badge;
    if (!time_read(device, &out->seconds))
        return -MNOS_E_NOT_FOUND;
    device->stats.requests++;
    return 0;
}

static int64_t clock_count(void *self, uint64_t badge, struct clock_ticks_out *out)
{
    (void)badge;
    ((struct device *)self)->stats.requests++;
    out->ticks = ticks;
    return 0;
}

static enum mnos_serve handle_message(struct device *device, struct mnos_msg *msg, struct mnos_ipc_ext *ext)
{
    static const struct clock_server handlers = {.read = clock_now, .ticks = clock_count};

    return clock_dispatch(&handlers, device, msg, ext);
}

static void quiesce(struct device *device)
{
    cmos_write(device, STATUS_B, (uint8_t)(cmos_read(device, STATUS_B) & (B_BINARY | B_24_HOURS)));
}

static const struct driver driver = {
    .name = "rtc",
    .init = init,
    .quiesce = quiesce,
    .handle_interrupt = handle_interrupt,
    .handle_message = handle_message,
};

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return driver_main(&driver);
}
