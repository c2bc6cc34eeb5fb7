/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 16550 with its FIFOs on: 115200 baud, 8N1.
 *
 * Flow control is that of the modem lines.  RTS falls while there is no place for input.  Output stops while the other
 * side holds CTS down; a cable that has never raised it, or lost DSR too, has nobody at its other end who could mean it.
 * Source: PC16550D data sheet (National Semiconductor, 1995), section 8 "Registers".
 */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_FIFO 16u

/* The way to the eight registers. */
struct uart_bus {
    uint8_t (*read)(void *context, unsigned reg);
    void (*write)(void *context, unsigned reg, uint8_t value);
    void *context;
};

struct uart {
    struct uart_bus bus;
    uint8_t modem_control;
    bool has_cts; /* it has been up once */
    bool held;    /* when uart_ready last looked */
};

/* Takes the port over.  What an earlier driver has in the FIFOs stays.  false: nothing there behaves like a 16550. */
bool uart_open(struct uart *uart, const struct uart_bus *bus);
/* The next received byte, or -1. */
int uart_take(struct uart *uart);
/* Room for UART_FIFO bytes, and the other side takes them? */
bool uart_ready(struct uart *uart);
void uart_put(struct uart *uart, char byte);
/* What to interrupt for: input, if there is place for it (else RTS is down), and being ready for output. */
void uart_interrupts(struct uart *uart, bool place, bool output);
/* Reads the cause until there is none that reading clears, so that the (edge) line falls. */
void uart_acknowledge(struct uart *uart);

#endif
