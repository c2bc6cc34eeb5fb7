/* SPDX-License-Identifier: BSD-2-Clause */
/* Channel 2 of the 8254, to measure others by where there is no HPET: counts down from 65536 and starts over. */
#include <arch/cpu.h>

#include "arch.h"

#define PIT_HZ      1193182u
#define PIT_CHANNEL 0x42
#define PIT_CONTROL 0x43
#define PIT_GATE    0x61 /* bit 0: channel 2 counts; bit 1: speaker */

static u64 pit_counter(void)
{
    port_out8(PIT_CONTROL, 0x80); /* latch channel 2 */
    u32 low = port_in8(PIT_CHANNEL);
    u32 high = port_in8(PIT_CHANNEL);
    return 0xffff - (high << 8 | low);
}

bool pit_open(struct reference *ref)
{
    port_out8(PIT_GATE, (u8)((port_in8(PIT_GATE) & ~2u) | 1));
    port_out8(PIT_CONTROL, 0xb4); /* channel 2, both bytes, mode 2 */
    port_out8(PIT_CHANNEL, 0);
    port_out8(PIT_CHANNEL, 0);
    *ref = (struct reference){.name = "PIT", .hz = PIT_HZ, .mask = 0xffff, .read = pit_counter};
    return true;
}
