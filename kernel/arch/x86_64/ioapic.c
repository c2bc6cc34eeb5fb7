/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O APICs (82093AA data sheet): one vector for each input, physical destination, the first core.  ISA interrupts are edge
 * triggered and active high, all others level and low, unless the MADT says otherwise (ACPI 6.5, 5.2.12.5).
 */
#include <acpi.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <boot/boot_info.h>
#include <debug/log.h>

#include "arch.h"

#define IOAPIC_MAX  8u
#define REG_VERSION 1u
#define REG_ENTRY   0x10u

#define ENTRY_LOW    0x2000u /* active low */
#define ENTRY_LEVEL  0x8000u
#define ENTRY_MASKED 0x10000u

#define ISA_IRQS 16u

struct ioapic {
    volatile u32 *base; /* selects a register at 0, data at 4 words further */
    unsigned first, count;
};

static struct ioapic ioapics[IOAPIC_MAX];
static unsigned ioapic_count;
static struct spinlock lock = SPINLOCK(RANK_IOAPIC); /* register selection, entries, vectors */
static u32 line_entry[IRQ_LINES];                    /* low word as programmed */
static u8 line_ioapic[IRQ_LINES];                    /* 1 + index; 0: no such line */
static bool vector_used[IRQ_COUNT - IRQ_LINES];

static void reg_write(struct ioapic *io, u32 reg, u32 value)
{
    io->base[0] = reg;
    io->base[4] = value;
}

static u32 reg_read(struct ioapic *io, u32 reg)
{
    io->base[0] = reg;
    return io->base[4];
}

static bool is_input(unsigned irq)
{
    return irq < IRQ_LINES && line_ioapic[irq] != 0;
}

bool irq_line_exists(unsigned irq)
{
    return is_input(irq) || (irq >= IRQ_LINES && irq < IRQ_COUNT && vector_used[irq - IRQ_LINES]);
}

static void line_program(unsigned line)
{
    struct ioapic *io = &ioapics[line_ioapic[line] - 1];
    reg_write(io, REG_ENTRY + 2 * (line - io->first), line_entry[line]);
}

void irq_line_mask(unsigned line, bool masked)
{
    if (!is_input(line))
        return;
    spin_lock(&lock);
    line_entry[line] = (line_entry[line] & ~ENTRY_MASKED) | (masked ? ENTRY_MASKED : 0);
    line_program(line);
    spin_unlock(&lock);
}

void irq_begin(unsigned irq)
{
    if (irq < IRQ_LINES && (line_entry[irq] & ENTRY_LEVEL) != 0)
        irq_line_mask(irq, true);
    lapic_eoi();
}

int irq_vector_alloc(void)
{
    int irq = -1;

    spin_lock(&lock);
    for (unsigned i = 0; i < IRQ_COUNT - IRQ_LINES && irq < 0; i++)
        if (!vector_used[i]) {
            vector_used[i] = true;
            irq = (int)(IRQ_LINES + i);
        }
    spin_unlock(&lock);
    return irq;
}

void irq_vector_free(unsigned irq)
{
    if (irq < IRQ_LINES || irq >= IRQ_COUNT)
        return;
    spin_lock(&lock);
    vector_used[irq - IRQ_LINES] = false;
    spin_unlock(&lock);
}

u64 irq_msi_address(void)
{
    return 0xfee00000ull | (u64)cores[0]->apic_id << 12;
}

u32 irq_msi_data(unsigned irq)
{
    return VECTOR_IRQ + irq;
}

/* ---- boot ------------------------------------------------------------------------------------------------------- */

static void ioapic_add(const struct acpi_madt_entry *e)
{
    if (ioapic_count == IOAPIC_MAX || e->gsi >= IRQ_LINES) {
        klog("ioapic: the one at %#lx (inputs from %u) is not used: too many", e->ioapic_address, e->gsi);
        return;
    }
    struct ioapic *io = &ioapics[ioapic_count];
    io->base = kmap_mmio(PADDR(e->ioapic_address), 0x20, KMAP_UNCACHED);
    if (io->base == NULL)
        boot_refuse("boot: an I/O APIC lies where nothing can be mapped");
    io->first = e->gsi;
    io->count = (reg_read(io, REG_VERSION) >> 16 & 0xff) + 1;
    if (io->count > IRQ_LINES - io->first)
        io->count = IRQ_LINES - io->first;
    ioapic_count++;
    for (unsigned line = io->first; line < io->first + io->count; line++) {
        if (line_ioapic[line] != 0)
            continue;
        line_ioapic[line] = (u8)ioapic_count;
        line_entry[line] = (VECTOR_IRQ + line) | ENTRY_MASKED;
        if (line >= ISA_IRQS)
            line_entry[line] |= ENTRY_LEVEL | ENTRY_LOW;
        reg_write(io, REG_ENTRY + 2 * (line - io->first) + 1, cores[0]->apic_id << 24);
        line_program(line);
    }
}

static void override_apply(const struct acpi_madt_entry *e)
{
    if (e->isa_irq >= ISA_IRQS || !is_input(e->gsi)) {
        klog("ioapic: the override of ISA interrupt %u to input %u is not possible", e->isa_irq, e->gsi);
        return;
    }
    u32 entry = line_entry[e->gsi] & ~(ENTRY_LEVEL | ENTRY_LOW);
    entry |= (e->active_low ? ENTRY_LOW : 0) | (e->level_triggered ? ENTRY_LEVEL : 0);
    line_entry[e->gsi] = entry;
    line_program(e->gsi);
    if (e->isa_irq != e->gsi || (entry & (ENTRY_LEVEL | ENTRY_LOW)) != 0)
        klog("ioapic: ISA interrupt %u is input %u, %s, active %s", e->isa_irq, e->gsi,
             (entry & ENTRY_LEVEL) != 0 ? "level" : "edge", (entry & ENTRY_LOW) != 0 ? "low" : "high");
}

void ioapic_init(const struct acpi_madt *madt)
{
    struct acpi_madt_entry e;
    u32 at = 0;

    while (acpi_madt_next(madt, &at, &e))
        if (e.kind == ACPI_MADT_IOAPIC)
            ioapic_add(&e);
    if (ioapic_count == 0)
        boot_refuse("boot: ACPI's MADT lists no I/O APIC");
    at = 0;
    while (acpi_madt_next(madt, &at, &e))
        if (e.kind == ACPI_MADT_OVERRIDE)
            override_apply(&e);
    for (unsigned i = 0; i < ioapic_count; i++)
        klog("ioapic: inputs %u to %u, vectors %u to %u", ioapics[i].first, ioapics[i].first + ioapics[i].count - 1,
             VECTOR_IRQ + ioapics[i].first, VECTOR_IRQ + ioapics[i].first + ioapics[i].count - 1);
}

/* The 8259s are told a place for their vectors that nothing else uses, and masked. */
void pic_disable(void)
{
    /* Ports and bytes: the four words of initialisation of each, then its mask. */
    static const u8 setup[][2] = {{0x20, 0x11}, {0x21, VECTOR_PIC},     {0x21, 4}, {0x21, 1}, {0x21, 0xff},
                                  {0xa0, 0x11}, {0xa1, VECTOR_PIC + 8}, {0xa1, 2}, {0xa1, 1}, {0xa1, 0xff}};

    for (unsigned i = 0; i < ARRAY_SIZE(setup); i++)
        port_out8(setup[i][0], setup[i][1]);
    u8 first = port_in8(0x21), second = port_in8(0xa1);
    klog("pic: %s (0x%02x 0x%02x)", (first & second) == 0xff ? "masked" : "the masks do not read back", first, second);
}
