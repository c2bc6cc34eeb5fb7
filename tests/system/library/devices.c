/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports and interrupts through the library: COM2 in loop-back mode. */
#include "library.h"

#define COM2      0x2f8u
#define COM2_LINE 3u
#define BIT       4u

static int64_t wait(mnos_handle_t notification, uint64_t patience, uint64_t *bits)
{
    struct mnos_msg msg = {0};
    struct mnos_ipc_ext ext = MNOS_EXT_INIT;

    ext.deadline = clock_ns() + patience;
    int64_t status = mnos_ipc_recv(notification, &msg, &ext, MNOS_NONE);
    *bits = msg.bits;
    return status;
}

void device_tests(void)
{
    mnos_handle_t ports = must(mnos_cap_create(MNOS_CREATE_IOPORT, MNOS_BOOT_IOPORT, COM2, 8, 0), "the ports of COM2");
    mnos_handle_t line =
        must(mnos_cap_create(MNOS_CREATE_INTERRUPT, MNOS_BOOT_IRQ, COM2_LINE, 1, 0), "the line of COM2");
    mnos_handle_t woken = new_notification();
    uint64_t bits = 0;

    must(mnos_port_out(ports, COM2 + 7, 1, 0x5a), "the scratch register");
    bool one = mnos_port_in(ports, COM2 + 7, 1) == 0x5a;
    must(mnos_port_out(ports, COM2 + 7, 1, 0xa5), "the scratch register");
    tap_ok(one && mnos_port_in(ports, COM2 + 7, 1) == 0xa5,
           "I/O: mnos_port_out writes a register and mnos_port_in reads it [M230]");
    must(mnos_irq_bind(line, MNOS_IRQ_BIND, woken, BIT), "bind");
    tap_status(wait(woken, 50 * MNOS_MS, &bits), MNOS_E_TIMED_OUT, "IRQ: nothing comes before the device asks");
    must(mnos_port_out(ports, COM2 + 4, 1, 8), "OUT2");
    must(mnos_port_out(ports, COM2 + 1, 1, 2), "interrupt when the transmitter is empty");
    tap_ok(wait(woken, 2 * MNOS_S, &bits) >= 0 && bits == BIT,
           "IRQ: mnos_irq_bind binds the line to a notification's bits [M230]");
    (void)mnos_port_in(ports, COM2 + 2, 1);
    must(mnos_port_out(ports, COM2 + 1, 1, 0), "no interrupt");
    tap_status(mnos_irq_bind(line, MNOS_IRQ_ACK, MNOS_NONE, 0), MNOS_OK, "IRQ: the interrupt is acknowledged");
    tap_status(mnos_irq_bind(line, MNOS_IRQ_UNBIND, MNOS_NONE, 0), MNOS_OK, "IRQ: the line is unbound");
    tap_status(mnos_irq_bind(line, MNOS_IRQ_ACK, MNOS_NONE, 0), MNOS_E_NOT_FOUND,
               "IRQ: which then has nothing to acknowledge");
    mnos_cap_delete(woken);
    mnos_cap_delete(line);
    mnos_cap_delete(ports);
}
