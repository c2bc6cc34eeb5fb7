/* SPDX-License-Identifier: BSD-2-Clause */
/* The end.  Init has tried what ACPI knows (servers/init/power.c); here is what every machine has. */
#include <arch/cpu.h>
#include <arch/power.h>

#define PORT_DEBUG_EXIT  0xf4
#define PORT_KBD_COMMAND 0x64
#define KBD_INPUT_FULL   2u
#define KBD_PULSE_RESET  0xfe

static void spin(u64 loops)
{
    while (loops-- != 0)
        cpu_relax();
}

void arch_reboot(void)
{
    static const struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) no_idt = {0, 0};

    for (int i = 0; i < 1000 && (port_in8(PORT_KBD_COMMAND) & KBD_INPUT_FULL) != 0; i++)
        spin(100);
    port_out8(PORT_KBD_COMMAND, KBD_PULSE_RESET);
    spin(1000000);
    /* An exception without handlers is a triple fault. */
    __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
    cpu_halt();
}

void arch_halt_exit(u32 code)
{
    port_out32(PORT_DEBUG_EXIT, code);
    cpu_halt();
}
