/* SPDX-License-Identifier: BSD-2-Clause */
/* Off and again (ACPI 6.5, 4.8.3.6, 7.4.2.1, 16.3.1), as far as it goes without AML. */
#include <acpi.h>
#include <arch/cpu.h>
#include <arch/kmap.h>
#include <arch/power.h>
#include <debug/log.h>

#define PORT_DEBUG_EXIT  0xf4
#define PORT_KBD_COMMAND 0x64
#define KBD_INPUT_FULL   2u
#define KBD_PULSE_RESET  0xfe

#define SLP_ENABLE   0x2000u
#define SLP_TYPE(t)  ((u32)(t) << 10)
#define SLP_TYPE_ALL 0x1c00u
#define SCI_ENABLE   1u

static struct acpi_fadt fadt;
static bool have_fadt, have_s5;
static u8 s5_a, s5_b;
static volatile u8 *reset_mapped; /* the reset register, where it is in memory */

void power_init(const struct acpi_fadt *f, bool s5, u8 type_a, u8 type_b)
{
    fadt = *f;
    have_fadt = true;
    have_s5 = s5 && f->pm1a_control.address != 0 && f->pm1a_control.space == ACPI_SPACE_IO;
    s5_a = type_a;
    s5_b = type_b;
    if (f->reset_supported && f->reset.space == ACPI_SPACE_MEMORY)
        reset_mapped = kmap_mmio(PADDR(f->reset.address), 1, KMAP_UNCACHED);
    klog("power: off by %s, reset by %s", have_s5 ? "ACPI S5" : "nothing",
         f->reset_supported ? "ACPI reset register" : "keyboard controller");
}

static void spin(u64 loops)
{
    while (loops-- != 0)
        cpu_relax();
}

/* Bits in front of the sleep type are kept. */
static void sleep_write(const struct acpi_register *control, u8 type)
{
    if (control->address == 0 || control->space != ACPI_SPACE_IO)
        return;
    u16 port = (u16)control->address;
    port_out16(port, (u16)((port_in16(port) & ~(SLP_TYPE_ALL | SLP_ENABLE)) | SLP_TYPE(type) | SLP_ENABLE));
}

void arch_poweroff(void)
{
    klog("power: off");
    if (have_s5) {
        u16 pm1a = (u16)fadt.pm1a_control.address;
        if ((port_in16(pm1a) & SCI_ENABLE) == 0 && fadt.smi_command != 0 && fadt.acpi_enable != 0) {
            port_out8((u16)fadt.smi_command, fadt.acpi_enable);
            for (int i = 0; i < 1000 && (port_in16(pm1a) & SCI_ENABLE) == 0; i++)
                spin(1000);
        }
        sleep_write(&fadt.pm1a_control, s5_a);
        sleep_write(&fadt.pm1b_control, s5_b);
        spin(10000000);
    }
    klog("power: this machine does not switch itself off; it may be switched off now");
    cpu_halt();
}

static void reset_by_acpi(void)
{
    if (!have_fadt || !fadt.reset_supported)
        return;
    if (fadt.reset.space == ACPI_SPACE_IO)
        port_out8((u16)fadt.reset.address, fadt.reset_value);
    else if (fadt.reset.space == ACPI_SPACE_MEMORY && reset_mapped != NULL)
        *reset_mapped = fadt.reset_value;
    spin(1000000);
}

static void reset_by_keyboard(void)
{
    for (int i = 0; i < 1000 && (port_in8(PORT_KBD_COMMAND) & KBD_INPUT_FULL) != 0; i++)
        spin(100);
    port_out8(PORT_KBD_COMMAND, KBD_PULSE_RESET);
    spin(1000000);
}

void arch_reboot(void)
{
    static const struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) no_idt = {0, 0};

    klog("power: reset");
    reset_by_acpi();
    reset_by_keyboard();
    /* An exception without handlers is a triple fault. */
    __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
    cpu_halt();
}

void arch_halt_exit(u32 code)
{
    port_out32(PORT_DEBUG_EXIT, code);
    cpu_halt();
}
