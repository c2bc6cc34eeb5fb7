/* SPDX-License-Identifier: BSD-2-Clause */
#include "uart.h"

enum uart_register { DATA = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCRATCH = 7 };

#define IER_RECEIVE  0x01u
#define IER_TRANSMIT 0x02u
#define IER_MODEM    0x08u
#define IIR_NONE     0x01u
#define IIR_CAUSE    0x06u
#define IIR_RECEIVE  0x04u /* also with 08h: bytes that waited in the FIFO */
#define IIR_FIFOS    0xc0u
#define FCR_ON       0x01u /* FIFOs on, interrupt at the first byte */
#define FCR_CLEAR    0x06u
#define LCR_8N1      0x03u
#define LCR_DIVISOR  0x80u
#define MCR_DTR      0x01u
#define MCR_RTS      0x02u
#define MCR_OUT2     0x08u /* lets the interrupt out of the chip */
#define LSR_DATA     0x01u
#define LSR_EMPTY    0x20u
#define LSR_IDLE     0x40u /* the last bit of the last byte is out */
#define MSR_CTS      0x10u
#define MSR_DSR      0x20u
#define IIR_READS    8 /* more causes than the chip has */
#define IDLE_READS   100000

static uint8_t in(struct uart *uart, enum uart_register reg)
{
    return uart->bus.read(uart->bus.context, reg);
}

static void out(struct uart *uart, enum uart_register reg, uint32_t value)
{
    uart->bus.write(uart->bus.context, reg, (uint8_t)value);
}

static bool answers(struct uart *uart)
{
    static const uint8_t pattern[] = {0x5a, 0xa5};

    for (unsigned i = 0; i < sizeof pattern; i++) {
        out(uart, SCRATCH, pattern[i]);
        if (in(uart, SCRATCH) != pattern[i])
            return false;
    }
    return true;
}

bool uart_open(struct uart *uart, const struct uart_bus *bus)
{
    *uart = (struct uart){.bus = *bus, .modem_control = MCR_DTR | MCR_RTS | MCR_OUT2};
    if (!answers(uart))
        return false;
    /* The last bytes of whoever had the line go out as they were meant. */
    for (unsigned i = 0; i < IDLE_READS && (in(uart, LSR) & LSR_IDLE) == 0; i++)
        ;
    out(uart, IER, 0);
    out(uart, LCR, LCR_DIVISOR | LCR_8N1);
    out(uart, DATA, 1); /* 115200 baud: divisor 1 */
    out(uart, IER, 0);
    out(uart, LCR, LCR_8N1);
    bool used = (in(uart, IIR) & IIR_FIFOS) == IIR_FIFOS;
    out(uart, FCR, used ? FCR_ON : FCR_ON | FCR_CLEAR);
    out(uart, MCR, uart->modem_control);
    uart_acknowledge(uart);
    return (in(uart, IIR) & IIR_FIFOS) == IIR_FIFOS;
}

int uart_take(struct uart *uart)
{
    return (in(uart, LSR) & LSR_DATA) != 0 ? in(uart, DATA) : -1;
}

bool uart_ready(struct uart *uart)
{
    uint8_t modem = in(uart, MSR);

    uart->has_cts |= (modem & MSR_CTS) != 0;
    uart->held = uart->has_cts && (modem & (MSR_CTS | MSR_DSR)) == MSR_DSR;
    return !uart->held && (in(uart, LSR) & LSR_EMPTY) != 0;
}

void uart_put(struct uart *uart, char byte)
{
    out(uart, DATA, (uint8_t)byte);
}

void uart_interrupts(struct uart *uart, bool place, bool output)
{
    uint32_t control = place ? uart->modem_control | MCR_RTS : uart->modem_control & ~MCR_RTS;

    if (control != uart->modem_control)
        out(uart, MCR, control);
    uart->modem_control = (uint8_t)control;
    /* While the other side holds the output, only its modem lines can say when that ends. */
    uint32_t sending = !output ? 0 : uart->held ? IER_MODEM : IER_TRANSMIT;
    out(uart, IER, (place ? IER_RECEIVE : 0) | sending);
}

void uart_acknowledge(struct uart *uart)
{
    for (int i = 0; i < IIR_READS; i++) {
        uint8_t cause = in(uart, IIR);
        /* Input is a cause until it is taken. */
        if ((cause & IIR_NONE) != 0 || (cause & IIR_CAUSE) == IIR_RECEIVE)
            return;
        (void)in(uart, LSR);
        (void)in(uart, MSR);
    }
}
