/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on ports and interrupts. */

#include "sys.h"

/* The port range of an access, checked against the capability.  width: 1, 2 or 4; 0 stands for 1. */
static status_t port_check(u64 handle, u64 port, u64 *width, u8 right)
{
    struct cap_view v;

    TRY(sys_cap(handle, MNOS_TYPE_IOPORT, right, &v));
    if (*width == 0)
        *width = 1;
    REFUSE_IF(*width != 1 && *width != 2 && *width != 4, INVALID);
    REFUSE_IF(port < v.base || port - v.base >= v.length || *width > v.length - (port - v.base), RANGE);
    return 0;
}

status_t sys_port_out(u64 ports, u64 port, u64 width, u64 value)
{
    TRY(port_check(ports, port, &width, MNOS_RIGHT_WRITE));
    if (width == 1)
        port_out8((u16)port, (u8)value);
    else if (width == 2)
        port_out16((u16)port, (u16)value);
    else
        port_out32((u16)port, (u32)value);
    return 0;
}

status_t sys_port_in(u64 ports, u64 port, u64 width)
{
    TRY(port_check(ports, port, &width, MNOS_RIGHT_READ));
    return width == 1 ? port_in8((u16)port) : width == 2 ? port_in16((u16)port) : (status_t)port_in32((u16)port);
}

status_t sys_irq_bind(u64 irq, u64 op, u64 notification, u64 bits)
{
    struct cap_view v;
    struct notification *n = NULL;

    REFUSE_IF(op > MNOS_IRQ_UNBIND, INVALID);
    TRY(sys_cap(irq, MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV, &v));
    if (op == MNOS_IRQ_BIND)
        TRY(sys_notification(notification, &n));
    REFUSE_IF(v.length != 1, INVALID);  /* one line, not a range of them */
    u32 line = (u32)v.base;
    if (op == MNOS_IRQ_ACK)
        return interrupt_ack(line);
    if (op == MNOS_IRQ_UNBIND)
        return interrupt_unbind(v.node, line);
    REFUSE_IF(bits == 0, INVALID);
    /* Under the lock: the binding must not outlive the capability. */
    spin_lock(&cap_lock);
    status_t s = sys_cap(irq, MNOS_TYPE_INTERRUPT, MNOS_RIGHT_RECV, &v);
    if (s == 0)
        s = interrupt_bind(v.node, line, n, bits);
    spin_unlock(&cap_lock);
    return s;
}
