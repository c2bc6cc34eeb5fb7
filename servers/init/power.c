/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Off and again (ACPI 6.5, 4.8.3.6, 7.4.2.1, 16.3.1), as far as it goes without AML: init holds all ports and all device memory.
 * Who comes back from here leaves the rest to the kernel: a halt, the keyboard controller.
 */
#include <acpi_power.h>
#include <libmnos/clock.h>
#include <libmnos/page.h>
#include <libmnos/start.h>
#include <mnos/calls.h>
#include <mnos/system.h>

#include "init.h"

#define SLP_ENABLE   0x2000u
#define SLP_TYPE(t)  ((uint64_t)(t) << 10)
#define SLP_TYPE_ALL 0x1c00u
#define SCI_ENABLE   1

/* A window on physical memory that is no RAM; it stays. */
static void *window(uint64_t physical, size_t size, uint64_t flags)
{
    uint64_t offset = physical % MNOS_PAGE_SIZE;
    uint8_t *page = map_memory(mnos_cap("mmio"), physical - offset, offset + size, flags, NULL);

    return page ? page + offset : NULL;
}

static const void *table_map(void *context, uint64_t physical, size_t size)
{
    (void)context;
    return window(physical, size, MNOS_MAP_READ);
}

/* False: this machine has no FADT that can be read; that was logged. */
static bool fadt_find(uint64_t rsdp, struct acpi *acpi, struct acpi_fadt *fadt)
{
    struct acpi_table table;
    enum acpi_error error = acpi_open(acpi, table_map, NULL, rsdp);

    if (error == ACPI_OK)
        error = acpi_find(acpi, "FACP", &table);
    if (error == ACPI_OK)
        error = acpi_fadt_read(table, fadt);
    if (error != ACPI_OK)
        log_line("init: ACPI table %s %s", acpi->table[0] ? acpi->table : "FACP", acpi_error_text(error));
    return error == ACPI_OK;
}

static int64_t port_read(uint16_t port)
{
    return mnos_port_in(mnos_cap("ioport"), port, 2);
}

/* Bits in front of the sleep type are kept. */
static void sleep_write(const struct acpi_register *control, uint8_t type)
{
    if (control->address == 0 || control->space != ACPI_SPACE_IO)
        return;
    uint64_t others = (uint64_t)port_read((uint16_t)control->address) & ~(uint64_t)(SLP_TYPE_ALL | SLP_ENABLE);
    (void)mnos_port_out(mnos_cap("ioport"), control->address, 2, others | SLP_TYPE(type) | SLP_ENABLE);
}

static void acpi_mode_enter(const struct acpi_fadt *fadt)
{
    uint16_t control = (uint16_t)fadt->pm1a_control.address;

    if ((port_read(control) & SCI_ENABLE) != 0 || fadt->smi_command == 0 || fadt->acpi_enable == 0)
        return;
    (void)mnos_port_out(mnos_cap("ioport"), fadt->smi_command, 1, fadt->acpi_enable);
    for (unsigned i = 0; i < 1000 && (port_read(control) & SCI_ENABLE) == 0; i++)
        sleep_ns(MNOS_MS);
}

static void off(struct acpi *acpi, const struct acpi_fadt *fadt)
{
    struct acpi_table dsdt;
    uint8_t a = 0, b = 0;
    enum acpi_error error = acpi_table_at(acpi, fadt->dsdt, "DSDT", &dsdt);

    if (error == ACPI_OK)
        error = acpi_s5_read(dsdt, &a, &b);
    if (error != ACPI_OK || fadt->pm1a_control.space != ACPI_SPACE_IO) {
        log_line("init: no constant _S5_ package, or no port for it: %s", acpi_error_text(error));
        return;
    }
    acpi_mode_enter(fadt);
    sleep_write(&fadt->pm1a_control, a);
    sleep_write(&fadt->pm1b_control, b);
}

static void reset(const struct acpi_fadt *fadt)
{
    if (!fadt->reset_supported)
        return;
    if (fadt->reset.space == ACPI_SPACE_IO) {
        (void)mnos_port_out(mnos_cap("ioport"), fadt->reset.address, 1, fadt->reset_value);
    } else if (fadt->reset.space == ACPI_SPACE_MEMORY) {
        /* volatile: the device acts on the store */
        volatile uint8_t *reg = window(fadt->reset.address, 1, MNOS_MAP_READ | MNOS_MAP_WRITE);
        if (reg)
            *reg = fadt->reset_value;
    }
}

void power_end(bool again)
{
    static struct mnos_info_kernel kernel;
    struct acpi_fadt fadt;
    struct acpi acpi;

    if (mnos_system_info(mnos_cap("system"), MNOS_INFO_KERNEL, 0, &kernel, sizeof kernel) < 0)
        return;
    /* On the test bench the kernel ends the machine, with a status. */
    if ((!again && (kernel.build_flags & MNOS_INFO_TEST) != 0) || !fadt_find(kernel.rsdp, &acpi, &fadt))
        return;
    if (again)
        reset(&fadt);
    else
        off(&acpi, &fadt);
    sleep_ns(MNOS_S);
}
