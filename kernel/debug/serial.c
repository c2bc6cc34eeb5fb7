/* SPDX-License-Identifier: BSD-2-Clause */
/* COM1, polled: 16550 at 115200 baud, 8 data bits, no parity, 1 stop bit (PC16550D data sheet). */
#include <arch/cpu.h>
#include <debug/log.h>

#define COM1 0x3f8

#define UART_DATA    (COM1 + 0)
#define UART_IER     (COM1 + 1)
#define UART_DLL     (COM1 + 0) /* with LCR_DLAB */
#define UART_DLM     (COM1 + 1)
#define UART_FCR     (COM1 + 2)
#define UART_LCR     (COM1 + 3)
#define UART_MCR     (COM1 + 4)
#define UART_LSR     (COM1 + 5)
#define UART_SCRATCH (COM1 + 7)

#define LCR_8N1  0x03
#define LCR_DLAB 0x80
#define LSR_THRE 0x20
#define DIVISOR  1u /* 115200 baud */

#define PATIENCE 100000u /* polls until a byte is given up */

static bool present;

void serial_init(void)
{
    port_out8(UART_SCRATCH, 0xa5);
    present = port_in8(UART_SCRATCH) == 0xa5;
    if (!present)
        return;
    port_out8(UART_IER, 0);
    port_out8(UART_LCR, LCR_DLAB);
    port_out8(UART_DLL, DIVISOR);
    port_out8(UART_DLM, 0);
    port_out8(UART_LCR, LCR_8N1);
    port_out8(UART_FCR, 0xc7); /* FIFOs on and empty */
    port_out8(UART_MCR, 0x0b); /* DTR, RTS, interrupt line enabled */
}

void serial_report(void)
{
    if (!present)
        return;
    port_out8(UART_LCR, LCR_8N1 | LCR_DLAB);
    u32 divisor = port_in8(UART_DLL) | (u32)port_in8(UART_DLM) << 8;
    port_out8(UART_LCR, LCR_8N1);
    u32 lcr = port_in8(UART_LCR);
    klog("serial: COM1 at %u baud (divisor %u), LCR 0x%02x", divisor != 0 ? 115200 / divisor : 0, divisor, lcr);
}

static void put(char c)
{
    for (u32 i = 0; i < PATIENCE && (port_in8(UART_LSR) & LSR_THRE) == 0; i++)
        cpu_relax();
    port_out8(UART_DATA, (u8)c);
}

void serial_write(const char *text, u64 length)
{
    if (!present)
        return;
    for (u64 i = 0; i < length; i++) {
        if (text[i] == '\n')
            put('\r');
        put(text[i]);
    }
}
