/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions of the processor.  Source: Intel SDM volumes 2 and 4. */
#ifndef BOOT_CPU_H
#define BOOT_CPU_H

#include <stdbool.h>
#include <stdint.h>

enum msr {
    MSR_APIC_BASE = 0x1b,
    MSR_MTRR_CAP = 0xfe,
    MSR_MTRR_BASE_0 = 0x200,
    MSR_MTRR_FIX_64K = 0x250,
    MSR_MTRR_FIX_16K_0 = 0x258,
    MSR_MTRR_FIX_16K_1 = 0x259,
    MSR_MTRR_FIX_4K_0 = 0x268,
    MSR_PAT = 0x277,
    MSR_MTRR_DEFAULT = 0x2ff,
};
#define MSR_EFER 0xc0000080u

#define APIC_BASE_X2APIC 0x400u
#define APIC_BASE_ENABLE 0x800u

#define EFER_LME 0x100u
#define EFER_NXE 0x800u

#define CR0_ENTRY 0x80010031u /* PG WP NE ET PE */
#define CR0_NW    0x20000000u
#define CR0_CD    0x40000000u
#define CR4_PAE   0x20u
#define CR4_LA57  0x1000u

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_write16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint16_t port_read16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_write32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t port_read32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint64_t cr0_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static inline void cr0_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t cr4_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline void tlb_flush(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0\n\tmov %0, %%cr3" : "=r"(value) : : "memory");
}

static inline void caches_flush(void)
{
    __asm__ volatile("wbinvd" : : : "memory");
}

static inline void cpu_pause(void)
{
    __asm__ volatile("pause");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli");
}

static inline void cpu_halt(void)
{
    __asm__ volatile("cli\n\thlt");
}

static inline void cpuid(uint32_t leaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
    __asm__ volatile("cpuid" : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx) : "a"(leaf), "c"(0));
}

/* Whether bit `bit` of EDX of a CPUID leaf is set; false where the leaf does not exist. */
static inline bool cpu_has(uint32_t leaf, unsigned bit)
{
    uint32_t a, b, c, d;
    cpuid(leaf & 0x80000000u, &a, &b, &c, &d);
    if (a < leaf)
        return false;
    cpuid(leaf, &a, &b, &c, &d);
    return (d >> bit & 1) != 0;
}

static inline bool cpu_has_nx(void)
{
    return cpu_has(0x80000001u, 20);
}

static inline bool cpu_has_pat(void)
{
    return cpu_has(1, 16);
}

static inline bool cpu_has_mtrr(void)
{
    return cpu_has(1, 12);
}

#endif
