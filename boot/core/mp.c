/* SPDX-License-Identifier: BSD-2-Clause */
/* The start of the other processors.  Volatile: interrupt controller registers, and words that another processor writes. */
#include <boot/cpu.h>
#include <boot/mp.h>
#include <boot/wait.h>

enum {
    PIC_1_MASK = 0x21,
    PIC_2_MASK = 0xa1,
    IOAPIC_SELECT = 0x00,
    IOAPIC_WINDOW = 0x10,
    IOAPIC_VERSION = 1,
    IOAPIC_REDIRECTION = 0x10,
    REDIRECTION_MASKED = 0x10000,
    LAPIC_ID = 0x20,
    LAPIC_COMMAND_LOW = 0x300,
    LAPIC_COMMAND_HIGH = 0x310,
    COMMAND_BUSY = 0x1000,
    COMMAND_INIT_OTHERS = 0xc4500,
    COMMAND_INIT = 0x4500,
    COMMAND_STARTUP = 0x4600,
    PATIENCE_STEPS = 20000, /* of 100 us: emulated processors share the host's */
    MTRR_FIXED = 11,
    MTRR_VARIABLE_MAX = 32,
};

#define MTRR_ENABLE 0x800u
#define PAT_ENTRY   0x0000010500070406u /* WB, WT, UC-, UC, WP, WC and two free ones, from the lowest byte up */

/* What every processor has to agree on; read on the first one. */
static struct {
    uint64_t cap;
    uint64_t preset;
    uint64_t fixed[MTRR_FIXED];
    uint64_t variable[2 * MTRR_VARIABLE_MAX];
} mtrr;

/* Set by the processor being started when it needs its bridge no more. */
static volatile uint32_t parked;

static volatile uint32_t *register_at(uint64_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

static void ioapic_mask(uint64_t base)
{
    volatile uint32_t *select = register_at(base + IOAPIC_SELECT), *window = register_at(base + IOAPIC_WINDOW);
    *select = IOAPIC_VERSION;
    uint32_t last = *window >> 16 & 0xff;
    for (uint32_t i = 0; i <= last; i++) {
        *select = IOAPIC_REDIRECTION + 2 * i;
        uint32_t entry = *window, mode = entry >> 8 & 7;
        if (mode <= 1)
            *window = entry | REDIRECTION_MASKED;
    }
}

void mp_mask_interrupts(const struct topology *topology)
{
    port_write8(PIC_1_MASK, 0xff);
    port_write8(PIC_2_MASK, 0xff);
    for (unsigned i = 0; i < topology->ioapic_count; i++)
        ioapic_mask(topology->ioapics[i]);
}

bool mp_possible(void)
{
    uint64_t base = cpu_has(1, 9) ? msr_read(MSR_APIC_BASE) : 0;
    return (base & APIC_BASE_ENABLE) && !(base & APIC_BASE_X2APIC);
}

static volatile uint32_t *lapic(uint32_t offset)
{
    return register_at((msr_read(MSR_APIC_BASE) & 0x000ffffffffff000u) + offset);
}

uint32_t mp_self(void)
{
    return *lapic(LAPIC_ID) >> 24;
}

void mp_set_pat(void)
{
    if (!cpu_has_pat())
        return;
    caches_flush();
    msr_write(MSR_PAT, (msr_read(MSR_PAT) & 0xffff000000000000u) | (PAT_ENTRY & 0x0000ffffffffffffu));
    tlb_flush();
    caches_flush();
}

static uint32_t fixed_msr(unsigned index)
{
    static const uint32_t first[] = {MSR_MTRR_FIX_64K, MSR_MTRR_FIX_16K_0, MSR_MTRR_FIX_16K_1};
    return index < 3 ? first[index] : MSR_MTRR_FIX_4K_0 + index - 3;
}

static unsigned variable_count(void)
{
    unsigned count = 2 * (unsigned)(mtrr.cap & 0xff);
    return count < 2 * MTRR_VARIABLE_MAX ? count : 2 * MTRR_VARIABLE_MAX;
}

static bool has_fixed(void)
{
    return (mtrr.cap & 0x100) != 0;
}

static void mtrr_save(void)
{
    if (!cpu_has_mtrr())
        return;
    mtrr.cap = msr_read(MSR_MTRR_CAP);
    mtrr.preset = msr_read(MSR_MTRR_DEFAULT);
    for (unsigned i = 0; has_fixed() && i < MTRR_FIXED; i++)
        mtrr.fixed[i] = msr_read(fixed_msr(i));
    for (unsigned i = 0; i < variable_count(); i++)
        mtrr.variable[i] = msr_read(MSR_MTRR_BASE_0 + i);
}

/* The order of Intel SDM volume 3, 12.11.8: caches off and flushed while the MTRRs change. */
static void mtrr_load(void)
{
    if (!cpu_has_mtrr())
        return;
    uint64_t cr0 = cr0_read();
    cr0_write((cr0 | CR0_CD) & ~(uint64_t)CR0_NW);
    caches_flush();
    tlb_flush();
    msr_write(MSR_MTRR_DEFAULT, mtrr.preset & ~(uint64_t)MTRR_ENABLE);
    for (unsigned i = 0; has_fixed() && i < MTRR_FIXED; i++)
        msr_write(fixed_msr(i), mtrr.fixed[i]);
    for (unsigned i = 0; i < variable_count(); i++)
        msr_write(MSR_MTRR_BASE_0 + i, mtrr.variable[i]);
    msr_write(MSR_MTRR_DEFAULT, mtrr.preset);
    caches_flush();
    tlb_flush();
    cr0_write(cr0);
}

__attribute__((sysv_abi)) static void ap_main(void)
{
    mtrr_load();
    mp_set_pat();
    parked = 1;
}

static void send(uint32_t target, uint32_t command)
{
    *lapic(LAPIC_COMMAND_HIGH) = target << 24;
    *lapic(LAPIC_COMMAND_LOW) = command;
    for (uint32_t i = 0; i < 1000000 && (*lapic(LAPIC_COMMAND_LOW) & COMMAND_BUSY); i++)
        cpu_pause();
}

void mp_prepare(void)
{
    mtrr_save();
    send(0, COMMAND_INIT_OTHERS);
    wait_microseconds(10000);
}

/* Waits until the processor is parked or the time is over. */
static bool wait_parked(unsigned steps, uint32_t microseconds)
{
    for (unsigned i = 0; i < steps && !parked; i++)
        wait_microseconds(microseconds);
    return parked != 0;
}

bool mp_start(struct handoff *handoff, uint32_t lapic_id)
{
    uint32_t vector = (uint32_t)((uintptr_t)handoff >> 12);
    handoff->ap_main = (uint64_t)(uintptr_t)ap_main;
    parked = 0;
    send(lapic_id, COMMAND_STARTUP | vector);
    if (wait_parked(4, 50))
        return true;
    send(lapic_id, COMMAND_STARTUP | vector);
    if (wait_parked(PATIENCE_STEPS, 100))
        return true;
    send(lapic_id, COMMAND_INIT); /* so that it cannot come later, on another one's stack */
    return false;
}
