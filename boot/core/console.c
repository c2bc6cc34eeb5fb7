/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/console.h>
#include <boot/cpu.h>
#include <boot/platform.h>
#include <str.h>

enum {
    COM1 = 0x3f8,
    UART_DATA = 0,
    UART_INTERRUPTS = 1,
    UART_FIFO = 2,
    UART_LINE = 3,
    UART_MODEM = 4,
    UART_STATUS = 5,
    UART_STATUS_EMPTY = 0x20,
    LINE_MAX = 1022,        /* bytes; longer lines are cut */
    UART_PATIENCE = 100000, /* polls before a byte is given up: the port may not exist */
};

static bool serial_on, firmware_on, verbose_on;

void console_serial(bool on)
{
    if (on && !serial_on) {
        port_write8(COM1 + UART_INTERRUPTS, 0);
        port_write8(COM1 + UART_LINE, 0x80); /* divisor latch */
        port_write8(COM1 + UART_DATA, 1);    /* 115200 baud */
        port_write8(COM1 + UART_INTERRUPTS, 0);
        port_write8(COM1 + UART_LINE, 0x03); /* 8N1 */
        port_write8(COM1 + UART_FIFO, 0x07); /* on and empty */
        port_write8(COM1 + UART_MODEM, 0x03);
    }
    serial_on = on;
}

void console_firmware(bool on)
{
    firmware_on = on;
}

void console_verbose(bool on)
{
    verbose_on = on;
}

bool console_is_verbose(void)
{
    return verbose_on;
}

static void serial_put(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        for (unsigned n = 0; n < UART_PATIENCE; n++)
            if (port_read8(COM1 + UART_STATUS) & UART_STATUS_EMPTY)
                break;
        port_write8(COM1 + UART_DATA, (uint8_t)text[i]);
    }
}

/* Whole lines, because the firmware's console may be on the same port. */
void console_line(const char *const *parts)
{
    static const char start[] = "boot: ";
    char line[LINE_MAX + 2];
    size_t n = sizeof start - 1;
    memcpy(line, start, n);
    for (; *parts != NULL; parts++)
        for (const char *c = *parts; *c != 0 && n < LINE_MAX; c++)
            line[n++] = *c;
    line[n++] = '\r';
    line[n++] = '\n';
    if (serial_on)
        serial_put(line, n);
    if (firmware_on)
        platform_put(line, n);
}

struct number number_of(uint64_t value)
{
    struct number number;
    size_t at = sizeof number.text - 1, n = 0;
    char digits[24];
    do {
        digits[at--] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (at++; at < sizeof digits; at++)
        number.text[n++] = digits[at];
    number.text[n] = 0;
    return number;
}

struct number number_hex(uint64_t value)
{
    struct number number = {"0x"};
    size_t n = 2;
    int shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        number.text[n++] = "0123456789abcdef"[value >> shift & 15];
    number.text[n] = 0;
    return number;
}
