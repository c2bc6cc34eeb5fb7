/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors, the local timer, and the lines of the first devices. */
#include <acpi.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <boot/boot_info.h>
#include <debug/log.h>

#include "../../arch/x86_64/arch.h"
#include "selftest.h"

#define WAIT_NS 1000000000u

static volatile u64 last_vector, seen; /* written in the handlers */

static bool vector_note(struct regs *regs, u64 address)
{
    (void)address;
    last_vector = regs->vector;
    seen++;
    return false;
}

/* Interrupts are let in until one has come, or for a while. */
static u64 wait_for_vector(void)
{
    u64 start = clock_now();

    while (seen == 0 && clock_now() - start < WAIT_NS)
        cpu_irq_window();
    return last_vector;
}

static void begin(void)
{
    last_vector = 0;
    seen = 0;
    exception_probe = vector_note;
}

static void self_ipis(void)
{
    bool good = true;

    for (u32 v = VECTOR_IRQ; v < VECTOR_IRQ + IRQ_COUNT; v++) {
        begin();
        lapic_send(this_core()->apic_id, LAPIC_SEND_FIXED | v);
        good = good && wait_for_vector() == v && !lapic_in_service(v);
    }
    exception_probe = NULL;
    selftest_ok(good, "each device vector, 32 to 223, reaches its handler [M178]");
}

static void spurious(void)
{
    u64 before = this_core()->stat.spurious_irqs;
    u32 svr = lapic_read(LAPIC_SVR);

    /* The real one has no bit in service; an INT has none either. */
    __asm__ volatile("int %0" : : "i"(VECTOR_SPURIOUS) : "memory");
    log_line("# SVR %#x, %lu spurious", svr, this_core()->stat.spurious_irqs);
    selftest_ok((svr & 0x1ff) == (LAPIC_SVR_ENABLE | VECTOR_SPURIOUS) && before == 0,
                "SVR holds vector 255, enabled [M185]");
    selftest_ok(this_core()->stat.spurious_irqs == before + 1, "the spurious vector is counted and gets no EOI [M179 M185]");
}

static void pic(void)
{
    selftest_ok(port_in8(0x21) == 0xff && port_in8(0xa1) == 0xff, "both 8259s are masked [M187]");
}

static void timer(void)
{
    struct core *c = this_core();
    u64 fired = c->stat.timer_irqs, start = clock_now(), when = 0;
    u64 deadline = start + 300000;

    clock_arm(deadline);
    while (clock_now() - start < (when == 0 ? WAIT_NS : when - start + 3000000)) {
        cpu_irq_window();
        if (when == 0 && c->stat.timer_irqs != fired)
            when = clock_now();
    }
    log_line("# armed for 300 us, fired after %lu ns, %lu times in all", when - start, c->stat.timer_irqs - fired);
    selftest_ok(c->stat.timer_irqs == fired + 1 && when >= deadline, "the timer fires once for each arming [M184]");
}

#define PIT_CONTROL 0x43
#define PIT_0       0x40
#define COM1        0x3f8
#define KBD_DATA    0x60
#define KBD_COMMAND 0x64

static const void *table_map(void *context, uint64_t physical, size_t size)
{
    (void)context;
    return kmap_mmio(PADDR(physical), size, KMAP_READ_ONLY);
}

/* By the MADT's overrides, which are read anew. */
static unsigned irq_of_isa(unsigned isa)
{
    struct acpi_table table;
    struct acpi_madt madt;
    struct acpi_madt_entry e;
    struct acpi acpi;
    u32 at = 0;

    if (acpi_open(&acpi, table_map, NULL, boot_info.rsdp.value) != ACPI_OK ||
        acpi_find(&acpi, "APIC", &table) != ACPI_OK || acpi_madt_open(table, &madt) != ACPI_OK)
        panic("the MADT cannot be read a second time");
    while (acpi_madt_next(&madt, &at, &e))
        if (e.kind == ACPI_MADT_OVERRIDE && e.isa_irq == isa)
            return e.gsi;
    return isa;
}

static void line_expect(unsigned isa, const char *name)
{
    u64 vector = wait_for_vector();

    irq_line_mask(irq_of_isa(isa), true);
    exception_probe = NULL;
    log_line("# ISA interrupt %u is line %u, came on vector %lu", isa, irq_of_isa(isa), vector);
    selftest_ok(vector == VECTOR_IRQ + irq_of_isa(isa), name);
}

static void lines(void)
{
    /* 8254: one-shot, counter 0. */
    port_out8(PIT_CONTROL, 0x30);
    begin();
    irq_line_mask(irq_of_isa(0), false);
    port_out8(PIT_0, 0x10);
    port_out8(PIT_0, 0x02);
    line_expect(0, "the timer chip interrupts on the line that the MADT names [M186]");

    /* 16550: the transmitter is empty. */
    begin();
    irq_line_mask(irq_of_isa(4), false);
    port_out8(COM1 + 1, 2);
    line_expect(4, "COM1 interrupts on its line [M186]");
    port_out8(COM1 + 1, 0);

    /* 8042: enable its interrupt, make it say a byte. */
    port_out8(KBD_COMMAND, 0x60);
    port_out8(KBD_DATA, 0x41);
    begin();
    irq_line_mask(irq_of_isa(1), false);
    port_out8(KBD_COMMAND, 0xd2);
    port_out8(KBD_DATA, 0x55);
    line_expect(1, "the keyboard controller interrupts on its line [M186]");
    (void)port_in8(KBD_DATA);
}

void selftest_interrupts(void)
{
    self_ipis();
    spurious();
    pic();
    timer();
    lines();
}
