/* SPDX-License-Identifier: BSD-2-Clause */
#include <boot/cpu.h>
#include <boot/wait.h>

#define PIT_HZ 1193182u

/* Counter 2 of the PIT needs no interrupt. */
void wait_microseconds(uint32_t microseconds)
{
    enum { GATE = 0x61, COMMAND = 0x43, COUNTER_2 = 0x42, PATIENCE = 10000000 };
    uint32_t ticks = microseconds * (PIT_HZ / 1000) / 1000 + 1;
    uint8_t gate = (uint8_t)(port_read8(GATE) & 0xfc);
    port_write8(GATE, gate);
    port_write8(COMMAND, 0xb0); /* counter 2, low byte then high byte, mode 0 */
    port_write8(COUNTER_2, (uint8_t)ticks);
    port_write8(COUNTER_2, (uint8_t)(ticks >> 8));
    port_write8(GATE, gate | 1);
    for (uint32_t i = 0; i < PATIENCE && !(port_read8(GATE) & 0x20); i++)
        cpu_pause();
    port_write8(GATE, gate);
}
