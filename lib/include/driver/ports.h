/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that reach ports, for a process that has mapped them (MNOS_MAP_PORTS); without that they fault. */
#ifndef DRIVER_PORTS_H
#define DRIVER_PORTS_H

#include <stdint.h>

static inline uint32_t port_in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port)); /* the device answers */
    return value;
}

static inline uint32_t port_in16(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port)); /* the device answers */
    return value;
}

static inline uint32_t port_in32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port)); /* the device answers */
    return value;
}

static inline void port_out8(uint16_t port, uint32_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"((uint8_t)value), "Nd"(port) : "memory"); /* the device acts on it */
}

static inline void port_out16(uint16_t port, uint32_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"((uint16_t)value), "Nd"(port) : "memory"); /* the device acts on it */
}

static inline void port_out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory"); /* the device acts on it */
}

#endif
