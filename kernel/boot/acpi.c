/* SPDX-License-Identifier: BSD-2-Clause */
/* The few ACPI tables that the kernel reads: MADT (interrupts) and HPET (a clock). */
#include <acpi.h>
#include <arch/irq.h>
#include <arch/kmap.h>
#include <arch/lapic.h>
#include <boot/boot_info.h>
#include <debug/log.h>

/* Firmware's tables may lie in reserved memory, which the direct map does not have: each gets a mapping of its own. */
static const void *table_map(void *context, uint64_t physical, size_t size)
{
    (void)context;
    return kmap_mmio(PADDR(physical), size, KMAP_READ_ONLY);
}

static _Noreturn void refuse(const struct acpi *acpi, const char *fallback, enum acpi_error error)
{
    boot_refuse("boot: ACPI table %s %s", acpi->table[0] != '\0' ? acpi->table : fallback, acpi_error_text(error));
}

static void madt_read(struct acpi *acpi, struct acpi_madt *madt)
{
    struct acpi_table table;
    struct acpi_madt_entry e;
    u32 at = 0, processors = 0, ioapics = 0;

    enum acpi_error error = acpi_find(acpi, "APIC", &table);
    if (error == ACPI_OK)
        error = acpi_madt_open(table, madt);
    if (error != ACPI_OK)
        refuse(acpi, "APIC", error);
    while (acpi_madt_next(madt, &at, &e)) {
        processors += e.kind == ACPI_MADT_CPU && e.enabled;
        ioapics += e.kind == ACPI_MADT_IOAPIC;
    }
    klog("acpi: %s with %u tables; MADT: %u processors, %u I/O APIC, LAPIC at %#lx", acpi->root_wide ? "XSDT" : "RSDT",
         acpi->root_count, processors, ioapics, madt->lapic_address);
}

static void hpet_find(struct acpi *acpi)
{
    extern u64 hpet_address;
    struct acpi_table table;

    enum acpi_error error = acpi_find(acpi, "HPET", &table);
    if (error == ACPI_OK)
        error = acpi_hpet_read(table, &hpet_address);
    if (error != ACPI_OK && error != ACPI_MISSING)
        klog("acpi: HPET is not used: it %s", acpi_error_text(error));
}

void acpi_start(const struct boot_info *info)
{
    struct acpi acpi = {0};
    struct acpi_madt madt;

    if (info->rsdp.value == 0)
        boot_refuse("boot: the loader did not answer the RSDP request: there is no ACPI");
    enum acpi_error error = acpi_open(&acpi, table_map, NULL, info->rsdp.value);
    if (error != ACPI_OK)
        refuse(&acpi, "RSDP", error);
    madt_read(&acpi, &madt);
    lapic_map(madt.lapic_address);
    pic_disable();
    ioapic_init(&madt);
    hpet_find(&acpi);
}
