/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as capabilities: a line or an MSI vector is bound to a notification. */
#include <arch/irq.h>
#include <debug/log.h>
#include <obj.h>

#define COM1_LINE 4u

static struct {
    struct notification *ntf;       /* reference held; NULL: not bound */
    struct cap_node *via;           /* compared, never followed */
    u64 bits;
} line_table[IRQ_COUNT];
static struct spinlock irq_lock = SPINLOCK(RANK_IRQ);

status_t interrupt_bind(struct cap_node *via, u32 line, struct notification *n, u64 bits)
{
    REFUSE_IF(!irq_line_exists(line), NOT_FOUND);
    spin_lock(&irq_lock);
    bool busy = line_table[line].ntf != NULL;
    if (!busy) {
        object_get(&n->object);
        line_table[line].bits = bits;
        line_table[line].via = via;
        __atomic_store_n(&line_table[line].ntf, n, __ATOMIC_RELEASE);
    }
    spin_unlock(&irq_lock);
    REFUSE_IF(busy, BUSY);
    if (line == COM1_LINE)
        log_serial_release();
    irq_line_mask(line, false);
    return 0;
}

status_t interrupt_ack(u32 line)
{
    REFUSE_IF(!interrupt_bound(line), NOT_FOUND);
    irq_line_mask(line, false);
    return 0;
}

bool interrupt_bound(u32 line)
{
    return __atomic_load_n(&line_table[line].ntf, __ATOMIC_ACQUIRE) != NULL;
}

static void unbind(u32 line)
{
    irq_line_mask(line, true);
    struct notification *n = line_table[line].ntf;
    line_table[line].via = NULL;
    __atomic_store_n(&line_table[line].ntf, NULL, __ATOMIC_RELEASE);
    object_put(&n->object);
}

status_t interrupt_unbind(struct cap_node *via, u32 line)
{
    spin_lock(&irq_lock);
    bool ours = line_table[line].ntf != NULL && line_table[line].via == via;
    if (ours)
        unbind(line);
    spin_unlock(&irq_lock);
    return ours ? 0 : ERR(NOT_FOUND);
}

void interrupt_release_via(struct cap_node *via)
{
    if (via->length != 1)
        return;
    u32 line = (u32)via->base;
    bool bound = interrupt_unbind(via, line) == 0;
    (void)bound;
    /* A vector for MSI has one owner: what was derived from the capability that made it is gone with it. */
    if (line >= IRQ_LINES && (via->flags & CAP_VECTOR) != 0)
        irq_vector_free(line);
}

void irq_deliver(unsigned line, bool user)
{
    struct notification *n = __atomic_load_n(&line_table[line].ntf, __ATOMIC_ACQUIRE);

    this_core()->stat.device_irqs++;
    if (n == NULL)
        return;
    if (likely(user))
        notification_signal_last(n, line_table[line].bits, true);
    else
        notification_signal(n, line_table[line].bits);
}
